"""Tell asgiref which event loop serves this worker.

Flask and Django run `async def` views with `asgiref.sync.async_to_sync`. Called in a thread that
asgiref did not start, it makes a new event loop in yet another thread for every single call. It
looks for the loop in a thread-local that its own `sync_to_async` sets; setting it here has the
views run on the server's loop, where their connection pools and tasks live.

asgiref is imported for it by the first request (5 ms, once): Flask itself imports it in the middle of the
first `async def` view, when it is too late for that request, and what that one leaves behind (a client,
a pool) would be bound to a loop that has gone.

A view on the server's loop must not wait for the rest of its request body: the loop that would bring
it is the one that waits, and the whole server with it. So before `async_to_sync` hands a coroutine
over, still on the worker, the body is made complete (`before`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

__all__ = ["offer_loop"]


def offer_loop(loop: asyncio.AbstractEventLoop, *, before: Callable[[], None] | None = None) -> None:
    """Make `loop` the one that `async_to_sync` uses in this thread; nothing without asgiref.

    `before` is called on this thread ahead of every coroutine that goes there.
    """
    asgiref_sync = _maybe_asgiref_sync()
    if asgiref_sync is None:
        return
    offered = loop if before is None else _PreparedLoop(loop, before)
    local = asgiref_sync.SyncToAsync.threadlocal
    if getattr(local, "main_event_loop", None) is not offered:
        local.main_event_loop = offered
        local.main_event_loop_pid = os.getpid()


class _PreparedLoop:
    """The loop as far as `async_to_sync` is concerned: it hands coroutines over with this one method."""

    def __init__(self, loop: asyncio.AbstractEventLoop, before: Callable[[], None]) -> None:
        self._loop = loop
        self._before = before

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any, **options: Any) -> Any:
        self._before()
        return self._loop.call_soon_threadsafe(callback, *args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)


@cache
def _maybe_asgiref_sync() -> ModuleType | None:
    """Return `asgiref.sync`; None where asgiref is not installed."""
    try:
        import asgiref.sync
    except ImportError:
        return None
    return asgiref.sync
