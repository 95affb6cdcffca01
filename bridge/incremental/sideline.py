"""A thread for what the user's functions compute: the ledger's must not wait for them, nor may a request.

    event loop --submit--> one thread, one after the other --> hands what it has found to the ledger

It is a daemon that begins with the first piece of work. A function that never returns keeps it for good: then
so much waits and no more, and what comes after is refused. Nothing can end a Python thread from outside.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from bridge.incremental.ledger import A_MOMENT, WORK_BYTES

__all__ = ["Sideline"]

logger = logging.getLogger("bridge.incremental")

WORK_LIMIT = (
    64  # that may wait: enough for a burst; a function that is too slow for all of them sees a sample
)
END_GRACE = 1.0  # seconds for what is being computed when the worker ends; the rest is dropped


class Sideline:
    """Runs work one after the other; what it raises is logged. Used by one event loop; no call of it waits."""

    def __init__(self) -> None:
        self._worker: _Worker | None = None

    def submit(self, work: Callable[[], None], size: int) -> bool:
        """Have `work`, which holds `size` bytes, called; False if too much waits already."""
        if self._worker is None:
            self._worker = _Worker()
        return self._worker.submit(work, size)

    def close(self) -> None:
        """End the thread after what it is at, for which it waits a moment; the next piece of work starts another."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()


class _Worker:
    """One thread with its work: one that hangs keeps this, and the one after it has its own."""

    def __init__(self) -> None:
        self._work: deque[tuple[Callable[[], None], int]] = deque()
        self._put = self._taken = 0  # bytes; put in by the loop, taken out by the thread: each writes its own
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="bridge-compare", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], None], size: int) -> bool:
        full = self._work and self._put - self._taken + size > WORK_BYTES
        if full or len(self._work) >= WORK_LIMIT:
            return False
        self._put += size
        self._work.append((work, size))
        self._wake.set()
        return True

    def close(self) -> None:
        self._ending = True
        self._wake.set()
        self._thread.join(END_GRACE)

    def _run(self) -> None:
        while not self._ending:
            while self._work and not self._ending:
                work, size = self._work.popleft()
                self._taken += size
                self._safely(work)
            self._wake.wait()
            self._wake.clear()

    @staticmethod
    def _safely(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException:  # the thread has to live; its work tells by itself what it expects to fail
            logger.exception("the thread of compare functions goes on after an error")
        time.sleep(A_MOMENT)  # as the ledger's does: it gives the interpreter back at once
