"""`threading.Condition.wait` for greenlets that may be cancelled in it.

The original takes its lock again whatever happens, and a thread can't be disturbed there. A greenlet can: cancelled
while it waits for the lock, it would leave the `with` block without it, and release somebody else's. So that wait
is gone through with, and the cancellation raised after it. A notification that came to a cancelled
request is passed on, or a queue would have an item and nobody who knows.

Who is woken and finds nothing, as a newer request came first, waits again in the first place: at the end of the line
it would be overtaken time after time (100 clients of a pool of 50 connections: some waited for five queries).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from bridge.cooperative.locks import Lock, RLock
from bridge.cooperative.patching import Patch, replacing

__all__ = ["patches"]


def patches() -> Iterator[Patch]:
    """Yield what makes conditions, and events, queues and semaphores made of them, safe to cancel."""
    yield from replacing(threading.Condition, wait=_wait)


def _wait(self: Any, timeout: float | None = None) -> bool:
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    waiter = Lock()
    waiter.acquire()
    lock = self._lock
    if isinstance(lock, (Lock, RLock)) and lock.woken is self:  # once more: a newer one was quicker
        self._waiters.appendleft(waiter)
    else:
        self._waiters.append(waiter)
    saved = self._release_save()
    notified, disturbed = False, True
    try:
        notified = _wait_for(waiter, timeout)
        disturbed = False
    finally:
        late = _take_again(self, saved)
        if waiter in self._waiters:
            self._waiters.remove(waiter)
        elif disturbed or late is not None:
            self.notify()
        if late is not None:
            raise late
    if notified and isinstance(lock, (Lock, RLock)):
        lock.woken = self
    return notified


def _wait_for(waiter: Lock, timeout: float | None) -> bool:
    if timeout is None:
        return waiter.acquire()
    return waiter.acquire(True, timeout) if timeout > 0 else waiter.acquire(False)


def _take_again(condition: Any, saved: Any) -> BaseException | None:
    """Take the lock; return what was raised meanwhile to end this greenlet."""
    late = None
    while True:
        try:
            condition._acquire_restore(saved)  # noqa: SLF001 - as `wait` itself does
        except Exception:
            raise
        except BaseException as error:  # a cancellation: returned
            late = error
        else:
            return late
