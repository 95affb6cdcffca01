"""What the executors share: a bounded number of places and a bounded queue, the way to drain both, and forks.

A forked child begins empty: the parent's jobs are not its own, and somebody else may have held a lock.
"""

from __future__ import annotations

import asyncio
import logging
import os
import weakref
from _thread import allocate_lock  # a real one: the cooperative layer replaces threading.Lock
from collections import deque
from collections.abc import Callable
from typing import Any

from bridge.errors import ExecutorClosed, QueueFull, require_number
from bridge.executors.base import Executor, ExecutorStatistics, Job
from bridge.executors.mailbox import ThreadMailbox

__all__ = ["BoundedExecutor"]

logger = logging.getLogger("bridge.executors")

DEFAULT_MAX_QUEUE = 1000  # requests; arbitrary: 25 rounds of 40 threads
DEFAULT_QUEUE_TIMEOUT = 30.0  # seconds; proxies give up after 30 to 60
DEFAULT_SHUTDOWN_TIMEOUT = 30.0  # seconds; Kubernetes kills after 30


class BoundedExecutor(Executor):
    """Runs jobs in at most `places` at a time; at most `max_queue` wait, at most `queue_timeout` seconds (None: any).

    `shutdown_timeout` is in seconds.
    """

    def __init__(
        self, *, name: str, places: int, max_queue: int, queue_timeout: float | None, shutdown_timeout: float
    ) -> None:
        require_number("max_queue", max_queue, minimum=0, unit="waiting requests", whole=True)
        if queue_timeout is not None:
            require_number("queue_timeout", queue_timeout, minimum=0, unit="seconds, or None")
        require_number("shutdown_timeout", shutdown_timeout, minimum=0, unit="seconds")
        self.name = name
        self.max_queue = max_queue
        self.queue_timeout = queue_timeout
        self.shutdown_timeout = shutdown_timeout
        self._places = places
        self._begin()
        _live.add(self)

    def _begin(self) -> None:
        """Set up an empty executor; again in a forked child."""
        self._lock = allocate_lock()
        self._queue: deque[Any] = deque()  # Jobs; a check of each would cost more than the queue
        self._active = 0  # places that are taken
        self._closed = False
        self._on_drained: Callable[[], None] | None = None
        self._mailboxes: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, ThreadMailbox]
        self._mailboxes = weakref.WeakKeyDictionary()
        self._started = self._finished = 0
        self._rejected = self._queue_timeouts = self._abandoned = 0
        self._wait_seconds = self._run_seconds = 0.0

    def _ahead_or_error(self) -> int:
        """Return how many jobs are ahead of a new one, less the places; called with the lock held.

        Raises `ExecutorClosed`, or `QueueFull`, which is counted.
        """
        if self._closed:
            raise ExecutorClosed(self.name)
        ahead = len(self._queue) + self._active - self._places
        if ahead >= self.max_queue and ahead >= 0:
            self._rejected += 1
            raise QueueFull(ahead, self.max_queue)
        return ahead

    def _left_queue(self, job: Job) -> bool:
        """Take a job out of the queue; False if it is not there; called with the lock held."""
        try:
            self._queue.remove(job)
        except ValueError:
            return False
        return True

    def _count_withdrawn(self, *, expired: bool) -> None:
        """Count a job that was taken back; called with the lock held."""
        self._queue_timeouts += expired
        self._abandoned += not expired
        self._tell_if_drained()

    def _mailbox(self, loop: asyncio.AbstractEventLoop) -> ThreadMailbox:
        mailbox = self._mailboxes.get(loop)
        if mailbox is None:
            mailbox = self._mailboxes.setdefault(loop, ThreadMailbox(loop))
        return mailbox

    def _statistics(self, *, threads: int, idle: int, held: dict[str, int]) -> ExecutorStatistics:
        """Return the numbers as they are now; called with the lock held."""
        return ExecutorStatistics(
            max_threads=self._places,
            max_queue=self.max_queue,
            threads=threads,
            active=self._active,
            idle=idle,
            queued=len(self._queue),
            started=self._started,
            finished=self._finished,
            rejected=self._rejected,
            queue_timeouts=self._queue_timeouts,
            abandoned=self._abandoned,
            wait_seconds=self._wait_seconds,
            run_seconds=self._run_seconds,
            held=held,
        )

    def open(self) -> None:
        """Take jobs again after a `drain`."""
        with self._lock:
            self._closed = False

    async def _close_and_wait(self) -> None:
        """Refuse new jobs, and wait `shutdown_timeout` seconds for the others."""
        post = self.crossing(asyncio.get_running_loop()).post
        drained = asyncio.Event()
        with self._lock:
            self._closed = True
            self._on_drained = lambda: post(drained.set)
            self._tell_if_drained()
        try:
            await asyncio.wait_for(drained.wait(), self.shutdown_timeout)
        except asyncio.TimeoutError:
            logger.warning("%s: %s s of shutdown_timeout are over", self.name, self.shutdown_timeout)

    def _empty_queue(self) -> list[Any]:
        """Take all jobs out of the queue, to be refused; called with the lock held."""
        jobs = list(self._queue)
        self._queue.clear()
        self._rejected += len(jobs)
        return jobs

    def _tell_if_drained(self) -> None:
        """Tell `drain` when nothing runs or waits; called with the lock held."""
        if self._on_drained is not None and self._active == 0 and not self._queue:
            self._on_drained()


_live: weakref.WeakSet[BoundedExecutor] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    """Forget the parent's jobs and threads, and locks that may have been held."""
    for executor in list(_live):
        executor._begin()  # noqa: SLF001 - this module's own class


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_after_fork_in_child)
