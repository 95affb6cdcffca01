"""The thread executor: a bounded, elastic pool with a bounded queue.

Theory of operation. Jobs wait in one queue. Idle workers wait each on a lock of its own and lie on
a stack, so the one that ran last runs next (warm caches) and the surplus at the bottom ends after
`idle_timeout`. Only one worker is being woken at a time:

    event loop                          worker A                    worker B
    ----------                          --------                    --------
    queue.append(job1), wake A -------> (waits for the GIL)
    queue.append(job2), A is on its way
    queue.append(job3), A is on its way
    ... lets go of the GIL -----------> takes job1, sees job2:
                                        wakes B ------------------> (waits for the GIL)
                                        runs job1
                                        takes job2, runs it
                                        takes job3, runs it
                                                                    finds nothing, idles

A pure-Python job never lets go of the GIL, so one wake-up serves a whole burst; a job that waits
lets B go on at once. No job waits for a worker that could run: whoever takes a job while others
remain wakes the next one first.

Threads are started on demand, never at import or construction, and a forked child begins empty:
pre-forking servers are safe.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import logging
import sys
import threading
import time
from _thread import allocate_lock  # a real one: the cooperative layer replaces threading.Lock
from collections.abc import Callable

from bridge.errors import ExecutorClosed, LoopWouldBlock, ThreadNotStarted, require_number
from bridge.executors.base import Crossing, ExecutorStatistics, Job
from bridge.executors.bounded import (
    DEFAULT_MAX_QUEUE,
    DEFAULT_QUEUE_TIMEOUT,
    DEFAULT_SHUTDOWN_TIMEOUT,
    BoundedExecutor,
)

__all__ = ["ThreadExecutor", "ThreadParker", "thread_parker"]

logger = logging.getLogger("bridge.executors")

DEFAULT_MAX_THREADS = 40  # as anyio's, so Starlette's and FastAPI's, worker threads
DEFAULT_IDLE_TIMEOUT = 20.0  # seconds; arbitrary, long enough for a burst to return


class ThreadParker:
    """Lets a worker thread wait for the event loop."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._lock.acquire()

    def park(self, timeout: float | None = None) -> bool:
        """Wait until `unpark` is called, at most `timeout` seconds; False when they are over."""
        if timeout is None:
            return self._lock.acquire()
        return self._lock.acquire(timeout=min(timeout, threading.TIMEOUT_MAX))

    def unpark(self) -> None:
        """Let `park` return."""
        self._lock.release()


def thread_parker(loop: asyncio.AbstractEventLoop) -> ThreadParker:
    """Return a parker for any thread but the loop's own, which would wait for itself for ever.

    There an `async def` view runs: asgiref sends it to the server's loop.
    """
    if asyncio._get_running_loop() is loop:  # noqa: SLF001 - its public twin raises where there is none
        raise LoopWouldBlock(
            "something of this request that waits for the client",
            "call it in the worker's thread: read the request body before the `async def` view "
            "begins, or yield the response instead of calling write()",
        )
    return ThreadParker()


class _Worker:
    """One thread's place in the pool; `signal` is released to wake it."""

    __slots__ = ("job", "signal", "since", "stopping")

    def __init__(self) -> None:
        self.signal = allocate_lock()
        self.signal.acquire()
        self.job: Job | None = None  # what it runs now
        self.since = 0.0  # time.monotonic() when it began
        self.stopping = False


class ThreadExecutor(BoundedExecutor):
    """Runs jobs in at most `max_threads` daemon threads.

    `max_queue` bounds the jobs that wait for a thread (0: none may wait), `queue_timeout` the
    seconds they wait (None: no limit), `idle_timeout` the seconds an unused thread stays,
    `shutdown_timeout` the seconds that `drain` waits. `name` begins the threads' names.
    """

    multithread = True

    def __init__(
        self,
        *,
        max_threads: int = DEFAULT_MAX_THREADS,
        max_queue: int = DEFAULT_MAX_QUEUE,
        queue_timeout: float | None = DEFAULT_QUEUE_TIMEOUT,
        idle_timeout: float = DEFAULT_IDLE_TIMEOUT,
        shutdown_timeout: float = DEFAULT_SHUTDOWN_TIMEOUT,
        name: str = "bridge",
    ) -> None:
        require_number("max_threads", max_threads, minimum=1, unit="threads", whole=True)
        require_number("idle_timeout", idle_timeout, minimum=0, unit="seconds")
        self.max_threads = max_threads
        self.idle_timeout = idle_timeout
        super().__init__(
            name=name,
            places=max_threads,
            max_queue=max_queue,
            queue_timeout=queue_timeout,
            shutdown_timeout=shutdown_timeout,
        )

    def _begin(self) -> None:
        """Set up an empty pool; again in a forked child, which has none of the threads."""
        super()._begin()
        self._workers: set[_Worker] = set()
        self._idle: list[_Worker] = []
        self._waking = False  # a worker has been woken and has not looked at the queue yet
        self._numbers = itertools.count(1)

    # ------------------------------------------------------------ the event loop's side

    def submit(self, job: Job) -> bool:
        """Queue a job and see that a worker comes for it; True if none has to end before."""
        job.submitted_at = time.monotonic()
        with self._lock:
            ahead = self._ahead_or_error()
            self._queue.append(job)
            wake = self._next_worker()
        if wake is not None:
            wake()
        return ahead < 0

    def withdraw(self, job: Job, *, expired: bool) -> bool:
        """Take a job out of the queue; False if a worker has it already."""
        with self._lock:
            if not self._left_queue(job):
                return False
            self._count_withdrawn(expired=expired)
            return True

    def crossing(self, loop: asyncio.AbstractEventLoop) -> Crossing:
        """Return the loop's mailbox, and parkers made of locks."""
        return Crossing(
            loop, self._mailbox(loop).post, functools.partial(thread_parker, loop), allocate_lock()
        )

    def statistics(self) -> ExecutorStatistics:
        """Return the numbers as they are now."""
        with self._lock:
            threads = len(self._workers)
            return self._statistics(threads=threads, idle=threads - self._active, held={})

    async def drain(self) -> list[str]:
        """Refuse new jobs, wait for the others, then let the idle threads end."""
        await self._close_and_wait()
        return self._end_idle_threads()

    def _end_idle_threads(self) -> list[str]:
        """End the threads that rest, refuse the queue; return what was running or queued."""
        with self._lock:
            self._on_drained = None
            running = [worker.job for worker in self._workers if worker.job is not None]
            waiting = self._empty_queue()
            idle, self._idle = self._idle, []
            # At once: after open() a thread that is about to end must not count as one.
            self._workers.difference_update(idle)
        for worker in idle:
            worker.stopping = True
            worker.signal.release()
        for job in waiting:
            job.refused(ExecutorClosed(self.name))
        return [job.describe() for job in running + waiting]

    # ------------------------------------------------------------ the workers' side

    def _work(self, worker: _Worker) -> None:
        """Run jobs until there has been none for `idle_timeout` seconds."""
        while True:
            job = self._next_job(worker)
            if job is None:
                if worker.stopping or not self._rest(worker):
                    return
                continue
            try:
                job.run()
            except BaseException:
                # It broke its promise, and the thread must not be lost for that. Not by logging,
                # which may be what raised.
                args = threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))
                threading.excepthook(args)

    def _next_job(self, worker: _Worker) -> Job | None:
        """Settle the job that `worker` has run, give it the next; None: it is now idle, or stopping."""
        wake = None
        with self._lock:
            now = time.monotonic()  # here, or a job that comes just now would have waited less than nothing
            if worker.job is not None:
                self._run_seconds += now - worker.since
                self._active -= 1
                self._finished += 1
                worker.job = None
            else:
                self._waking = False  # this worker was being woken, and is here
            if not self._queue:
                if self._closed:  # drained, perhaps already: nobody would end this thread
                    worker.stopping = True
                    self._workers.discard(worker)
                else:
                    self._idle.append(worker)
                self._tell_if_drained()
                return None
            job: Job = self._queue.popleft()
            worker.job = job
            worker.since = now
            self._wait_seconds += now - job.submitted_at
            self._active += 1
            self._started += 1
            if self._queue:
                wake = self._next_worker()
        if wake is not None:
            wake()
        return job

    def _rest(self, worker: _Worker) -> bool:
        """Wait to be woken; False when the thread should end."""
        if not worker.signal.acquire(timeout=self.idle_timeout):
            with self._lock:
                if worker in self._idle:
                    self._idle.remove(worker)
                    self._workers.discard(worker)
                    return False
            worker.signal.acquire()  # it was chosen just now: the signal is on its way
        return not worker.stopping

    def _next_worker(self) -> Callable[[], object] | None:
        """Return what wakes a worker for the queue, to be called without the lock; None: no need.

        Called with the lock held.
        """
        if self._waking:
            return None
        if self._idle:
            self._waking = True
            return self._idle.pop().signal.release
        if len(self._workers) < self.max_threads:
            self._waking = True
            worker = _Worker()
            self._workers.add(worker)
            return lambda: self._start_thread(worker)
        return None

    def _start_thread(self, worker: _Worker) -> None:
        name = f"{self.name}-{next(self._numbers)}"
        try:
            # Daemon, so that a request that never ends can't keep the process from ending:
            # drain() is what waits for them, and it has a limit.
            threading.Thread(target=self._work, args=(worker,), name=name, daemon=True).start()
        except RuntimeError as error:  # the system's limit
            logger.exception("%s: cannot start thread %s", self.name, name)
            self._go_on_without(worker, ThreadNotStarted(name, error))

    def _go_on_without(self, worker: _Worker, error: ThreadNotStarted) -> None:
        """Have the jobs wait for the threads that exist; refuse them where there is none."""
        with self._lock:
            self._workers.discard(worker)
            self._waking = False
            alone = not self._workers
            waiting = self._empty_queue() if alone else list(self._queue)
            self._tell_if_drained()
        for job in waiting:
            if alone:
                job.refused(error)
            else:
                job.delayed()
