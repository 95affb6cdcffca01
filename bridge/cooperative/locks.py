"""`threading` and `queue` for greenlets.

`threading.Lock` and `RLock` are C types whose methods can't be replaced, so the names get classes of ours, and
locks made before the installation stay as they were: a greenlet that waits while it holds such a lock, and
another that wants it, would stop the whole loop. Hence `install()` comes before the application's import, and
the standard library's own long-lived locks (logging) are exchanged.

Condition, Event, Semaphore, Barrier, Queue and the results of futures are written in Python on top of
`threading._allocate_lock` and need nothing else, whenever they were made.

    greenlet: acquire()                       whoever holds it, in any thread
    -------------------                       -------------------------------
    the real lock is taken: join the line
    try once more, await_(future)   <-------- release(): frees the real lock, wakes the first in line
    try again, or wait again
"""

from __future__ import annotations

import _thread
import asyncio
import functools
import logging
import queue
import threading
from _thread import get_ident
from collections import deque
from collections.abc import Iterator
from time import monotonic
from types import TracebackType
from typing import Any

from greenlet import getcurrent

from bridge.cooperative.clocks import wait_for
from bridge.cooperative.offload import in_thread
from bridge.cooperative.patching import Patch, replacing, scoped
from bridge.cooperative.switch import BridgeGreenlet, ready_to_wait
from bridge.errors import LockHeld

__all__ = ["Lock", "RLock", "identity", "patches"]

_allocate = _thread.allocate_lock
_beginning = _allocate()  # held for moments, by who makes a line
_thread_join = threading.Thread.join
_Waiter = asyncio.Future[None]


def patches() -> Iterator[Patch]:
    """Yield what makes locks, and all that is built on them, cooperative."""
    yield Patch(threading, "Lock", Lock, everywhere=True)
    yield Patch(threading, "RLock", RLock, everywhere=True)
    yield Patch(threading, "_allocate_lock", scoped(_allocate, Lock))
    yield Patch(queue, "SimpleQueue", SimpleQueue, everywhere=True)
    yield from replacing(threading.Thread, join=_join)
    if hasattr(functools, "RLock"):  # of cached_property, before Python 3.12
        yield Patch(functools, "RLock", RLock)
    yield Patch(logging, "_lock", RLock())
    for reference in list(logging._handlerList):  # type: ignore[attr-defined]  # noqa: SLF001 - no public way to all handlers
        handler = reference()
        if handler is not None and handler.lock is not None:
            yield Patch(handler, "lock", RLock())


def _join(self: threading.Thread, timeout: float | None = None) -> None:
    if self is threading.current_thread():  # the loop's own: refused, which another thread would not see
        _thread_join(self, timeout)
    in_thread(_thread_join, self, timeout)


class SimpleQueue(queue._PySimpleQueue):  # type: ignore[name-defined,misc]  # noqa: SLF001 - queue's own, for Pythons without _queue
    """`queue.SimpleQueue`, whose usual form waits in C."""


class _Line:
    """A real lock, and the greenlets that wait for it: what both kinds of lock are made of."""

    __slots__ = ("__weakref__", "_block", "_line", "_owner", "woken")

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._block = _allocate()
        self._line: deque[_Waiter] | None = None  # made for the first that waits: most locks see none
        # Lock: the bridge greenlet that took it, for an error message only. RLock: who may release it.
        self._owner: Any = None
        self.woken: Any = None  # the condition that its holder was notified of, until the release

    def locked(self) -> bool:
        """Tell whether somebody holds it."""
        return self._block.locked()

    def _wait(self, timeout: float) -> bool:
        current = getcurrent()
        if type(current) is not BridgeGreenlet:
            return self._wait_in_thread(timeout)
        if timeout < 0 and timeout != -1:
            return self._block.acquire(True, timeout)  # raises ValueError
        deadline = None if timeout == -1 else monotonic() + timeout
        ready_to_wait(current)  # whoever stands in line is woken in place of others: it must be able to go on
        line = self._line or self._begun_line()
        while True:
            waiter: _Waiter = asyncio.get_running_loop().create_future()
            line.append(waiter)
            if self._block.acquire(False):  # released since the first try: nobody may have seen us in line
                self._leave_line(waiter)
                return True
            try:
                woken = wait_for(waiter, None if deadline is None else max(0.0, deadline - monotonic()))
            except BaseException:  # cancelled: whoever is next must not miss the wake-up that was ours
                self._leave_line(waiter)
                raise
            if self._block.acquire(False):
                self._leave_line(waiter)
                return True
            if not woken:
                self._leave_line(waiter)
                return False

    def _begun_line(self) -> deque[_Waiter]:
        """Return the line, one for all that ask for it at once: who stood in another would never be woken."""
        with _beginning:
            if self._line is None:
                self._line = deque()
            return self._line

    def _wait_in_thread(self, timeout: float) -> bool:
        """Wait as a thread does, unless that would never end: on the loop, for a greenlet of the same loop."""
        if asyncio._get_running_loop() is None:  # noqa: SLF001 - its public twin raises where there is none
            return self._block.acquire(True, timeout)
        owner = self._owner
        if (
            type(owner) is BridgeGreenlet
            and owner.parent is not None
            and timeout == -1
            and _same_thread(owner)
        ):
            raise LockHeld(owner.subject)
        return self._block.acquire(True, timeout)

    def _leave_line(self, waiter: _Waiter) -> None:
        assert self._line is not None
        try:
            self._line.remove(waiter)
        except ValueError:  # it was woken: pass it on if the lock is free
            if self._line and not self._block.locked():
                self._wake_next()

    def _wake_next(self) -> None:
        assert self._line is not None
        try:
            waiter = self._line.popleft()
        except IndexError:  # another thread was faster
            return
        loop = waiter.get_loop()
        if asyncio._get_running_loop() is loop:  # noqa: SLF001 - as above
            _wake(waiter)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_wake, waiter)

    def _at_fork_reinit(self) -> None:
        self._begin()


class Lock(_Line):
    """`threading.Lock`, where a bridge greenlet that has to wait lets the event loop go on.

    Locks are taken by every log record and signal, nearly always free: that way makes no call in Python.
    """

    __slots__ = ()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002 - as the original
        """Take the lock; False if it can't be had at once, or within `timeout` seconds."""
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        if not self._block.acquire(False) and not (blocking and self._wait(timeout)):
            return False
        current = getcurrent()
        self._owner = current if type(current) is BridgeGreenlet else None
        return True

    def release(self) -> None:
        """Let it go, and wake the first greenlet that waits. Raises RuntimeError on a lock that is free."""
        self._owner = self.woken = None
        self._block.release()
        if self._line:
            self._wake_next()

    def __enter__(self) -> bool:
        if not self._block.acquire(False):
            self._wait(-1)
        current = getcurrent()
        self._owner = current if type(current) is BridgeGreenlet else None
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owner = self.woken = None
        self._block.release()
        if self._line:
            self._wake_next()

    def __repr__(self) -> str:
        state = "locked" if self.locked() else "unlocked"
        return f"<{state} {type(self).__module__}.{type(self).__qualname__} at {id(self):#x}>"


def _wake(waiter: _Waiter) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _same_thread(owner: BridgeGreenlet) -> bool:
    root, ours = owner.parent, getcurrent()
    while root is not None and root.parent is not None:
        root = root.parent
    while ours.parent is not None:
        ours = ours.parent
    return root is ours


class RLock(_Line):
    """`threading.RLock`, owned by a greenlet where one takes it, and by a thread elsewhere."""

    __slots__ = ("_count",)

    def _begin(self) -> None:
        super()._begin()
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002 - as the original
        """Take the lock, once more if it is held already by the greenlet or thread that calls."""
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        current = getcurrent()  # as `identity` does, without a call
        me = current if type(current) is BridgeGreenlet else get_ident()
        if self._owner == me:
            self._count += 1
            return True
        if not self._block.acquire(False) and not (blocking and self._wait(timeout)):
            return False
        self._owner = me
        self._count = 1
        return True

    __enter__ = acquire

    def release(self) -> None:
        """Undo one `acquire`. Raises RuntimeError for somebody else's lock."""
        current = getcurrent()
        if self._owner != (current if type(current) is BridgeGreenlet else get_ident()):
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = self.woken = None
            self._block.release()
            if self._line:
                self._wake_next()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    # What Condition asks for.

    def _is_owned(self) -> bool:
        return bool(self._owner == identity())

    def _release_save(self) -> tuple[int, Any]:
        if not self._count:
            raise RuntimeError("cannot release un-acquired lock")
        saved = self._count, self._owner
        self._count, self._owner, self.woken = 0, None, None
        self._block.release()
        if self._line:
            self._wake_next()
        return saved

    def _acquire_restore(self, saved: tuple[int, Any]) -> None:
        if not self._block.acquire(False):
            self._wait(-1)
        self._count, self._owner = saved

    def _recursion_count(self) -> int:
        return self._count if self._is_owned() else 0

    def __repr__(self) -> str:
        state = "locked" if self.locked() else "unlocked"
        return f"<{state} {type(self).__module__}.RLock owner={self._owner!r} count={self._count}>"


def identity() -> Any:
    """Return who calls, as locks know it: the greenlet of a request, or the thread."""
    current = getcurrent()
    return current if type(current) is BridgeGreenlet else get_ident()
