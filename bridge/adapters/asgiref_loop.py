"""Tell asgiref which event loop serves this worker.

Flask and Django run `async def` views with `asgiref.sync.async_to_sync`. Called in a thread that
asgiref did not start, it makes a new event loop in yet another thread for every single call. It
looks for the loop in a thread-local that its own `sync_to_async` sets; setting it here has the
views run on the server's loop, where their connection pools and tasks live.

asgiref is imported for it by the first request (5 ms, once): Flask itself imports it in the middle of the
first `async def` view, when it is too late for that request, and what that one leaves behind (a client,
a pool) would be bound to a loop that has gone.
"""

from __future__ import annotations

import asyncio
import os
from functools import cache
from types import ModuleType

__all__ = ["offer_loop"]


def offer_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Make `loop` the one that `async_to_sync` uses in this thread; nothing without asgiref."""
    asgiref_sync = _maybe_asgiref_sync()
    if asgiref_sync is None:
        return
    local = asgiref_sync.SyncToAsync.threadlocal
    if getattr(local, "main_event_loop", None) is not loop:
        local.main_event_loop = loop
        local.main_event_loop_pid = os.getpid()


@cache
def _maybe_asgiref_sync() -> ModuleType | None:
    """Return `asgiref.sync`; None where asgiref is not installed."""
    try:
        import asgiref.sync
    except ImportError:
        return None
    return asgiref.sync
