"""Tell asgiref which event loop serves this worker.

Flask and Django run `async def` views with `asgiref.sync.async_to_sync`. Called in a thread that
asgiref did not start, it makes a new event loop in yet another thread for every single call. It
looks for the loop in a thread-local that its own `sync_to_async` sets; setting it here has the
views run on the server's loop, where their connection pools and tasks live.

asgiref is imported for it by the first request (5 ms, once): Flask itself imports it in the middle of the
first `async def` view, when it is too late for that request, and what that one leaves behind (a client,
a pool) would be bound to a loop that has gone.

A view on the server's loop must not wait for its request body: the loop that would bring it is the
one that waits, and the whole server with it. So before `async_to_sync` hands a coroutine over, still on
the worker, the call that runs there is told to `prepare_for_loop`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any, Protocol

__all__ = ["LoopOffer", "offer_loop"]


class _Call(Protocol):
    def prepare_for_loop(self) -> None:
        """Do what has to be done on the worker before code of this call runs on the loop."""


class LoopOffer:
    """The event loop as `async_to_sync` sees it in one worker thread; `call` is what that runs now."""

    __slots__ = ("call", "loop")

    def __init__(self) -> None:
        self.call: _Call | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def call_soon_threadsafe(self, callback: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Hand a coroutine over; the one thing that `async_to_sync` wants of a loop."""
        if self.call is not None:
            self.call.prepare_for_loop()
        assert self.loop is not None
        return self.loop.call_soon_threadsafe(callback, *args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loop, name)


def offer_loop(loop: asyncio.AbstractEventLoop, call: _Call) -> LoopOffer | None:
    """Make `loop` the one that `async_to_sync` uses in this thread; None without asgiref.

    The thread keeps the offer; whoever made it sets its `call` to None when the call is over.
    """
    asgiref_sync = _maybe_asgiref_sync()
    if asgiref_sync is None:
        return None
    local = asgiref_sync.SyncToAsync.threadlocal
    offer = getattr(local, "main_event_loop", None)
    if type(offer) is not LoopOffer:
        offer = local.main_event_loop = LoopOffer()
        local.main_event_loop_pid = os.getpid()
    offer.loop = loop
    offer.call = call
    return offer


@cache
def _maybe_asgiref_sync() -> ModuleType | None:
    """Return `asgiref.sync`; None where asgiref is not installed."""
    try:
        import asgiref.sync
    except ImportError:
        return None
    return asgiref.sync
