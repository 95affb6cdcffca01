"""Waiting until a descriptor is ready, without holding the event loop.

    greenlet                          event loop
    --------                          ----------
    add_reader(fd), await_(future) -> other requests ...
                                      fd is readable: future.set_result
    remove_reader(fd) <-------------- (always, whatever ended the wait)

Two waits on one descriptor and direction would overwrite each other silently (asyncio keeps one callback), so
the second is refused. Who closes a descriptor says so first (`wake_closed`): the kernel forgets a closed
descriptor without a word, and its number is soon another's.
"""

from __future__ import annotations

import asyncio
import errno
import os

from bridge.cooperative.clocks import wait_for
from bridge.cooperative.switch import await_
from bridge.errors import TwoWaiters

__all__ = ["unwatch", "wait_until_ready", "wake_closed", "watch"]

# (descriptor, for writing) -> what its waiter waits for
_waiting: dict[tuple[int, bool], asyncio.Future[None]] = {}


def watch(descriptor: int, future: asyncio.Future[None], *, writing: bool) -> None:
    """Have `future` get a result when `descriptor` is ready, until `unwatch`.

    Raises `TwoWaiters` where another greenlet waits for the same.
    """
    key = (descriptor, writing)
    if key in _waiting:
        raise TwoWaiters(descriptor, writing=writing)
    loop = future.get_loop()
    # uvloop makes what it watches non-blocking: a thread that uses the same socket would get EAGAIN.
    restore = not isinstance(loop, asyncio.BaseEventLoop) and os.get_blocking(descriptor)
    if writing:
        loop.add_writer(descriptor, _ready, future)
    else:
        loop.add_reader(descriptor, _ready, future)
    _waiting[key] = future
    if restore:
        os.set_blocking(descriptor, True)


def unwatch(descriptor: int, future: asyncio.Future[None], *, writing: bool) -> None:
    """End a watch, unless it has ended because the descriptor was closed: the number may be another's by now."""
    key = (descriptor, writing)
    if _waiting.get(key) is future:
        del _waiting[key]
        _forget(descriptor, future, writing)


def _forget(descriptor: int, future: asyncio.Future[None], writing: bool) -> None:  # noqa: FBT001 - call_soon passes no names
    loop = future.get_loop()
    if writing:
        loop.remove_writer(descriptor)
    else:
        loop.remove_reader(descriptor)


def wait_until_ready(descriptor: int, *, writing: bool, timeout: float | None = None) -> None:
    """Return when `descriptor` can be read, or written; in a bridge greenlet only.

    Raises `TimeoutError` after `timeout` seconds, `TwoWaiters` where another greenlet waits for the same, and
    `OSError` (EBADF) when it is closed meanwhile.
    """
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    watch(descriptor, future, writing=writing)
    try:
        if timeout is None:
            await_(future)
        elif not wait_for(future, timeout):
            raise TimeoutError("timed out")
    finally:
        unwatch(descriptor, future, writing=writing)


def _ready(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def wake_closed(descriptor: int) -> None:
    """Have those who wait for `descriptor` get an error; call it before closing, in any thread."""
    for writing in (False, True):
        future = _waiting.pop((descriptor, writing), None)
        if future is None:
            continue
        loop = future.get_loop()
        if asyncio._get_running_loop() is loop:  # noqa: SLF001 - its public twin raises where there is none
            _fail_closed(descriptor, future, writing)
        else:
            loop.call_soon_threadsafe(_fail_closed, descriptor, future, writing)


def _fail_closed(descriptor: int, future: asyncio.Future[None], writing: bool) -> None:  # noqa: FBT001 - as `_forget`
    _forget(descriptor, future, writing)
    if not future.done():
        future.set_exception(OSError(errno.EBADF, "the socket was closed while this request waited for it"))
