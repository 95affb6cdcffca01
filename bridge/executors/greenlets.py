"""The greenlet executor: a request runs in a greenlet on the event loop itself, in its own task.

Theory of operation. The request's task calls `start`, which runs the application at once, up to its first wait,
and returns what to await for the rest (None: it has ended already, and no event loop was needed). Where all
greenlets are taken the job gets a place in the queue; its task then calls `run` when it is admitted.

    the request's task                          greenlet
    ------------------                          --------
    start(job) -------------------------------> application ... waits
    await the rest <--------------------------- (what it waits for)
    ... -------------------------------------> application ... has ended
    the next in the queue is told: admitted()

`submit` only counts, as other executors' does: it grants a greenlet, or a place in the queue.

There is no other thread, so no lock is ever waited for; the executor has one only for the numbers, as it may
be shared by loops in several threads.
"""

from __future__ import annotations

import asyncio
import logging
import time
from _thread import allocate_lock  # a real one: the cooperative layer replaces threading.Lock
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Any

from bridge.cooperative.installation import installed
from bridge.cooperative.knowledge import note_on
from bridge.cooperative.switch import (
    Suspended,
    await_,
    await_promptly,
    begin,
    empty_pool,
    maybe_current,
    pool_size,
    subject_of,
)
from bridge.errors import ExecutorClosed, require_number
from bridge.executors.base import (
    DEFAULT_MAX_GREENLETS,
    QUEUED,
    Crossing,
    ExecutorStatistics,
    InlineJob,
    InTask,
    Job,
    Parker,
)
from bridge.executors.bounded import (
    DEFAULT_MAX_QUEUE,
    DEFAULT_QUEUE_TIMEOUT,
    DEFAULT_SHUTDOWN_TIMEOUT,
    BoundedExecutor,
)
from bridge.executors.mailbox import ThreadMailbox
from bridge.executors.threads import thread_parker
from bridge.observe.watchdog import DEFAULT_HOLD_LIMIT, LoopWatchdog, calls_in_line

__all__ = ["GreenletExecutor", "GreenletParker"]

logger = logging.getLogger("bridge.executors")


class GreenletParker:
    """Lets a greenlet wait for the event loop that it runs on."""

    __slots__ = ("_future", "_loop", "_unparked")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._unparked = False
        self._future: asyncio.Future[None] | None = None

    def park(self, timeout: float | None = None) -> bool:
        """Wait until `unpark` is called, at most `timeout` seconds; False when they are over."""
        if not self._unparked:
            self._future = self._loop.create_future()
            timer = None if timeout is None else self._loop.call_later(timeout, self._end_wait)
            try:
                await_(self._future)
            finally:
                if timer is not None:
                    timer.cancel()
        return self._unparked

    def unpark(self) -> None:
        """Let `park` return; from any thread."""
        if asyncio._get_running_loop() is self._loop:  # noqa: SLF001 - its public twin raises where there is none
            self._unpark()
        else:
            self._loop.call_soon_threadsafe(self._unpark)

    def _unpark(self) -> None:
        self._unparked = True
        self._end_wait()

    def _end_wait(self) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(None)


def _parker(loop: asyncio.AbstractEventLoop) -> Parker:
    """Return a parker for the code that calls: in a greenlet, or in a thread that the application started."""
    return thread_parker(loop) if maybe_current() is None else GreenletParker(loop)


def _post(loop: asyncio.AbstractEventLoop, mailbox: ThreadMailbox, letter: Callable[[], None]) -> None:
    if asyncio._get_running_loop() is loop:  # noqa: SLF001 - its public twin raises where there is none
        loop.call_soon(letter)  # soon, not now: the sender may hold a lock that the letter takes
    else:
        mailbox.post(letter)


def _describe_subject(frame: FrameType) -> str | None:
    job = subject_of(frame)
    return None if job is None else str(job.describe())


class GreenletExecutor(BoundedExecutor):
    """Runs jobs in at most `max_greenlets` greenlets, on the event loop of their requests.

    `max_queue` bounds the jobs that wait for one (0: none may wait), `queue_timeout` the seconds they wait
    (None: no limit), `shutdown_timeout` the seconds that `drain` waits. A request that holds the event loop for
    more than `hold_limit` seconds (None: nobody looks) is logged with its stack, once per place, and counted in
    the statistics; `report_holds`: with a line each time. That begins with the lifespan.

    What the application waits for must be made cooperative, `bridge.cooperative.install()`, or a request
    that waits holds up all others.
    """

    multithread = False  # requests take turns, in one thread

    def __init__(
        self,
        *,
        max_greenlets: int = DEFAULT_MAX_GREENLETS,
        max_queue: int = DEFAULT_MAX_QUEUE,
        queue_timeout: float | None = DEFAULT_QUEUE_TIMEOUT,
        shutdown_timeout: float = DEFAULT_SHUTDOWN_TIMEOUT,
        hold_limit: float | None = DEFAULT_HOLD_LIMIT,
        report_holds: bool = False,
        name: str = "bridge-greenlets",
    ) -> None:
        require_number("max_greenlets", max_greenlets, minimum=1, unit="greenlets", whole=True)
        if hold_limit is not None:
            require_number("hold_limit", hold_limit, minimum=0.001, unit="seconds, or None")
        self.hold_limit = hold_limit
        self.report_holds = report_holds
        self.max_greenlets = max_greenlets
        super().__init__(
            name=name,
            places=max_greenlets,
            max_queue=max_queue,
            queue_timeout=queue_timeout,
            shutdown_timeout=shutdown_timeout,
        )

    def _begin(self) -> None:
        """Set up an empty executor; again in a forked child, where no request of the parent goes on."""
        super()._begin()
        # Told that it is their turn: they have not begun yet, and count as active.
        self._granted: set[Any] = set()
        self._running: dict[InlineJob, float] = {}  # time.monotonic() when it began
        self._watchdog: LoopWatchdog | None = None

    # ------------------------------------------------------------ the contract

    def submit(self, job: Job) -> bool:
        """Grant the job a greenlet (True: `run` it now), or a place in the queue (False)."""
        job.submitted_at = time.monotonic()
        with self._lock:
            ahead = self._ahead_or_error()
            if ahead >= 0:
                self._queue.append(job)
                return False
            self._active += 1
            self._granted.add(job)
            return True

    def withdraw(self, job: Job, *, expired: bool) -> bool:
        """Take a job back that has not begun; False if it has."""
        with self._lock:
            if job in self._granted:
                self._granted.discard(job)
                self._leave()
            elif not self._left_queue(job):
                return False
            self._count_withdrawn(expired=expired)
            return True

    def crossing(self, loop: asyncio.AbstractEventLoop) -> Crossing:
        """Return parkers that switch, and the way to run a job in the task that asks."""
        post = partial(_post, loop, self._mailbox(loop))
        in_task = InTask(self._start, self._run, await_promptly)
        return Crossing(loop, post, partial(_parker, loop), allocate_lock(), in_task)

    def statistics(self) -> ExecutorStatistics:
        """Return the numbers as they are now; a greenlet counts as a thread."""
        with self._lock:
            resting = pool_size()
            held = dict(self._watchdog.holds) if self._watchdog else {}
            return self._statistics(threads=self._active + resting, idle=resting, held=held)

    def open(self) -> None:
        """Take jobs again after a `drain`, and look after the event loop."""
        super().open()
        if not installed():
            logger.warning(
                "%s: waiting is not cooperative, so a request that waits holds up all others; call "
                "bridge.cooperative.install() before the application is imported",
                self.name,
            )
        loop = asyncio._get_running_loop()  # noqa: SLF001 - its public twin raises where there is none
        if loop is not None and self.hold_limit is not None and self._watchdog is None:
            self._watchdog = LoopWatchdog(
                loop,
                limit=self.hold_limit,
                subject_of=_describe_subject,
                note_of=lambda frame: note_on(calls_in_line(frame)),
                live=self.report_holds,
            )
            self._watchdog.start()

    async def drain(self) -> list[str]:
        """Refuse new jobs, wait for the others, then end the greenlets that rest."""
        await self._close_and_wait()
        empty_pool()
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            watchdog.stop()
        return self._refuse_queue()

    def _refuse_queue(self) -> list[str]:
        """Refuse what still waits; return what was running or queued."""
        with self._lock:
            self._on_drained = None
            waiting = self._empty_queue()
            left = [*self._running, *self._granted, *waiting]
        for job in waiting:
            job.refused(ExecutorClosed(self.name))
        return [job.describe() for job in left]

    # ------------------------------------------------------------ running jobs

    def _start(self, job: InlineJob) -> Awaitable[None] | None:
        """Run a job now, in one go: nobody can withdraw it meanwhile. `QUEUED` where no greenlet is free."""
        with self._lock:
            free = self._active < self._places and not self._closed  # a queue has all places taken
            if free:
                self._active += 1
                self._started += 1
                self._running[job] = time.monotonic()
        if free:
            return self._carry_out(job)
        return self._run(job) if self.submit(job) else QUEUED

    def _run(self, job: InlineJob) -> Awaitable[None] | None:
        """Run a job that was granted a greenlet; return what to await for its end, None if it has ended."""
        now = time.monotonic()
        with self._lock:
            self._granted.discard(job)
            self._running[job] = now
            self._started += 1
            self._wait_seconds += now - job.submitted_at
        return self._carry_out(job)

    def _carry_out(self, job: InlineJob) -> Awaitable[None] | None:
        suspended = begin(job.run_in_task, job, job.waits)
        if suspended is not None:
            return self._finish(suspended, job)
        self._settle(job)
        return None

    async def _finish(self, suspended: Suspended, job: InlineJob) -> None:
        try:
            await suspended.finish(job.cancelled)
        finally:
            self._settle(job)

    def _settle(self, job: InlineJob) -> None:
        with self._lock:
            self._run_seconds += time.monotonic() - self._running.pop(job)
            self._finished += 1
            if self._queue:
                self._leave()
            else:
                self._active -= 1
                if self._on_drained is not None:
                    self._tell_if_drained()

    def _leave(self) -> None:
        """Give a greenlet to the next in the queue; called with the lock held."""
        if self._queue:
            job = self._queue.popleft()
            self._granted.add(job)
            job.admitted()
        else:
            self._active -= 1
