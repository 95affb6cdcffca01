"""`threading`'s locks for greenlets, and what else waits there.

`threading.Lock` and `RLock` are C types whose methods can't be replaced, so the names get classes of ours, and
locks made before the installation stay as they were: a greenlet that waits while it holds such a lock, and
another that wants it, would stop the whole loop. Hence `install()` comes before the application's import, and
the standard library's own long-lived locks (logging) are exchanged.

Condition, Event, Semaphore, Barrier, Queue and the results of futures are written in Python on top of
`threading._allocate_lock` and need nothing else, whenever they were made. Both kinds of lock hold one in C, which
other threads wait for; a greenlet tries it, and stands in a line (`lines`) until it is let go.
"""

from __future__ import annotations

import _thread
import asyncio
import functools
import logging
import threading
from _thread import get_ident
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from greenlet import getcurrent

from bridge.cooperative.lines import Line, wait_in_line
from bridge.cooperative.offload import in_thread
from bridge.cooperative.patching import Patch, replacing, scoped
from bridge.cooperative.switch import BridgeGreenlet
from bridge.errors import LockHeld

__all__ = ["Lock", "RLock", "identity", "patches"]

_allocate = _thread.allocate_lock
_thread_join = threading.Thread.join

# Of the lock in C, which RLock is made of: looked up once, as they are called for every record that is logged.
_acquire: Callable[..., bool] = _thread.RLock.acquire
_release: Any = _thread.RLock.release
_is_owned: Callable[[object], bool] = vars(_thread.RLock)["_is_owned"]
_release_save: Any = vars(_thread.RLock)["_release_save"]
_acquire_restore: Any = vars(_thread.RLock)["_acquire_restore"]
_at_fork_reinit: Any = vars(_thread.RLock)["_at_fork_reinit"]
_recursion_count: Callable[[object], int] = vars(_thread.RLock).get(
    "_recursion_count", bool
)  # Python 3.11.5, which alone asks for it
_held = _allocate()  # by nobody who would let it go
_held.acquire()


def patches() -> Iterator[Patch]:
    """Yield what makes locks, and all that is built on them, cooperative."""
    yield Patch(threading, "Lock", Lock, everywhere=True)
    yield Patch(threading, "RLock", RLock, everywhere=True)
    yield Patch(threading, "_allocate_lock", scoped(_allocate, Lock))
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


class Lock:
    """`threading.Lock`, where a bridge greenlet that has to wait lets the event loop go on.

    Locks are taken by every log record and signal, nearly always free: that way makes no call in Python.
    """

    __slots__ = ("__weakref__", "_block", "_line", "_owner", "woken")

    def __init__(self) -> None:
        self._block = _allocate()
        self._line: Line | None = None  # made for the first that waits: most locks see none
        self._owner: Any = None  # the bridge greenlet that took it, for an error message only
        self.woken: Any = None  # the condition that its holder was notified of, until the release

    _at_fork_reinit = __init__

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
            self._line.wake_next()

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
            self._line.wake_next()

    def locked(self) -> bool:
        """Tell whether somebody holds it."""
        return self._block.locked()

    def _wait(self, timeout: float) -> bool:
        current = getcurrent()
        if type(current) is BridgeGreenlet and (timeout >= 0 or timeout == -1):
            return wait_in_line(self, current, self._take, timeout)
        if timeout == -1 and type(current) is not BridgeGreenlet:
            _refuse_for_ever(self._owner)
        return self._block.acquire(True, timeout)  # raises ValueError for any other

    def _take(self) -> bool:
        return self._block.acquire(False)

    def __repr__(self) -> str:
        state = "locked" if self.locked() else "unlocked"
        return f"<{state} {type(self).__module__}.{type(self).__qualname__} at {id(self):#x}>"


class RLock(_thread.RLock):  # type: ignore[misc]  # final in typeshed, not in C
    """`threading.RLock`, which is the thread's own for threads, and a greenlet's where one takes it.

    The lock in C is held by the thread in either case, so other threads wait for it there. It would let the
    greenlets of one thread in together, and the code around them: they look at the owner first.
    """

    __slots__ = ("_count", "_line", "_owner", "woken")

    def _begin(self) -> None:
        self._line: Line | None = None
        self._owner: BridgeGreenlet | None = None  # None: free, or a thread's
        self._count = 0  # how often its owner holds it; the lock in C is held once
        self.woken: Any = None  # as in Lock

    __init__ = _begin

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002 - as the original
        """Take the lock, once more if it is held already by the greenlet or thread that calls."""
        current = getcurrent()
        if type(current) is not BridgeGreenlet:
            if self._owner is None:
                return _acquire(self, blocking, timeout)
            return self._acquire_beside(blocking, timeout)
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        if self._owner is current:
            self._count += 1
            return True
        # As `_take`, without the call.
        if self._owner is not None or _is_owned(self) or not _acquire(self, False):
            if timeout < 0 and timeout != -1:
                return _acquire(self, True, timeout)  # raises ValueError
            if not blocking or not wait_in_line(self, current, self._take, timeout):
                return False
        self._owner = current
        self._count = 1
        return True

    def __enter__(self) -> bool:  # type: ignore[override]  # C's in truth returns what `acquire` does
        if self._owner is None and type(getcurrent()) is not BridgeGreenlet:
            return _acquire(self)
        return self.acquire()

    def _take(self) -> bool:
        return self._owner is None and not _is_owned(self) and _acquire(self, False)

    def _acquire_beside(self, blocking: bool, timeout: float) -> bool:  # noqa: FBT001 - as `acquire`
        """Take the lock that a greenlet holds, outside of one: in its own thread, it won't be free before we go on."""
        owner = self._owner
        if owner is None or not _is_owned(self):  # another thread's: wait as threads do
            return _acquire(self, blocking, timeout)
        if not blocking and timeout == -1:
            return False
        if blocking and timeout == -1:
            raise LockHeld(owner.subject)
        return _held.acquire(blocking, timeout)  # which nobody ever releases

    def release(self) -> None:
        """Undo one `acquire`. Raises RuntimeError for somebody else's lock."""
        owner = self._owner
        if owner is not None:
            if owner is not getcurrent():
                raise RuntimeError("cannot release un-acquired lock")
            self._count -= 1
            if self._count:
                return
            self._owner = self.woken = None
        _release(self)
        if self._line:
            self._line.wake_next()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # As `release`, without the call: every future and condition comes here.
        owner = self._owner
        if owner is not None:
            if owner is not getcurrent():
                raise RuntimeError("cannot release un-acquired lock")
            self._count -= 1
            if self._count:
                return
            self._owner = self.woken = None
        _release(self)
        if self._line:
            self._line.wake_next()

    # What Condition asks for.

    def _is_owned(self) -> bool:
        owner = self._owner
        return _is_owned(self) if owner is None else owner is getcurrent()

    def _release_save(self) -> Any:
        if self._owner is None:
            saved = _release_save(self)
            if self._line:
                self._line.wake_next()
            return saved
        if self._owner is not getcurrent():
            raise RuntimeError("cannot release un-acquired lock")
        count, self._count = self._count, 0
        self._owner = self.woken = None
        _release(self)
        if self._line:
            self._line.wake_next()
        return count

    def _acquire_restore(self, saved: Any) -> None:
        current = getcurrent()
        if type(current) is not BridgeGreenlet:
            if self._owner is not None and _is_owned(self):
                self._acquire_beside(True, -1)
            _acquire_restore(self, saved)
            return
        if not self._take():
            wait_in_line(self, current, self._take, -1)
        self._owner, self._count = current, saved

    def _recursion_count(self) -> int:
        owner = self._owner
        if owner is None:
            return _recursion_count(self)
        return self._count if owner is getcurrent() else 0

    def _at_fork_reinit(self) -> None:
        _at_fork_reinit(self)
        self._begin()


def _refuse_for_ever(owner: BridgeGreenlet | None) -> None:
    """Raise `LockHeld` for a wait on the loop for a greenlet of the same loop: it would never end."""
    if owner is None or asyncio._get_running_loop() is None:  # noqa: SLF001 - its public twin raises where there is none
        return
    if type(owner) is BridgeGreenlet and owner.parent is not None and _same_thread(owner):
        raise LockHeld(owner.subject)


def _same_thread(owner: BridgeGreenlet) -> bool:
    root, ours = owner.parent, getcurrent()
    while root is not None and root.parent is not None:
        root = root.parent
    while ours.parent is not None:
        ours = ours.parent
    return root is ours


def identity() -> Any:
    """Return who calls, as locks know it: the greenlet of a request, or the thread."""
    current = getcurrent()
    return current if type(current) is BridgeGreenlet else get_ident()
