"""What every executor promises, and the numbers it keeps.

An executor runs `Job`s away from the code that submitted them. Beside that it owns the two ways of
waiting for the other side, because they differ from lane to lane; a `Crossing` has them:

    event loop                       synchronous code (thread, greenlet)
    ----------                       -----------------------------------
    submit(job)  ------------------> job.run()
                 <-- post(letter) -- "look at me": wakes the loop, many posts are one wake-up
    parker.unpark() ---------------> parker.park(): waits until the loop has done something
"""

from __future__ import annotations

import abc
import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bridge.errors import ExecutorError

__all__ = ["Crossing", "Executor", "ExecutorStatistics", "Job", "Parker"]


class Job(Protocol):
    """A unit of work: `run` is called once, elsewhere, and never raises.

    `delayed` and `refused` are told to a job that was taken and has not started, from any thread.
    """

    submitted_at: float  # time.monotonic() seconds; set by the executor

    def run(self) -> None:
        """Do the work."""

    def describe(self) -> str:
        """Return a name for logs, such as `GET /users/1`."""

    def delayed(self) -> None:
        """Learn that it has to wait for others to end, although `submit` said otherwise."""

    def refused(self, error: ExecutorError) -> None:
        """Learn that it will never run."""


class Parker(Protocol):
    """Lets synchronous code wait for the event loop; one `unpark` ends one `park`."""

    def park(self) -> None:
        """Wait until `unpark` is called; return at once if it was called before."""

    def unpark(self) -> None:
        """Let the waiting `park`, or the next one, return."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """The border between one event loop and the synchronous code of one executor.

    `post(letter)` has `letter()` called on the loop soon; it is dropped if the loop is closed.
    `parker()` returns a new `Parker`. `lock` guards what both sides change; it is held for moments.
    """

    loop: asyncio.AbstractEventLoop
    post: Callable[[Callable[[], None]], None]
    parker: Callable[[], Parker]
    lock: threading.Lock


@dataclass(frozen=True, slots=True)
class ExecutorStatistics:
    """What an executor has done and is doing; all counters begin at 0 with the process.

    `wait_seconds` and `run_seconds` are sums over the `finished` requests: time between
    submission and start, and between start and end.
    """

    max_threads: int
    max_queue: int
    threads: int
    active: int
    idle: int
    queued: int
    started: int
    finished: int
    rejected: int  # the queue was full, or no thread could be had: 503
    queue_timeouts: int  # waited longer than queue_timeout: 503
    abandoned: int  # left the queue because the client had gone
    wait_seconds: float
    run_seconds: float


class Executor(abc.ABC):
    """Runs jobs; the thread and the greenlet executor implement it."""

    name: str
    multithread: bool  # goes into environ["wsgi.multithread"]
    queue_timeout: float | None  # seconds; None: wait for ever
    shutdown_timeout: float  # seconds

    @abc.abstractmethod
    def submit(self, job: Job) -> bool:
        """Take a job; True if it will start at once, False if it waits for others to end.

        Raises `QueueFull` or `ExecutorClosed` and does not take the job then.
        """

    @abc.abstractmethod
    def withdraw(self, job: Job, *, expired: bool) -> bool:
        """Take a job back that has not started; False if it has started already.

        `expired` counts it as a queue timeout, otherwise as abandoned by its client.
        """

    @abc.abstractmethod
    def crossing(self, loop: asyncio.AbstractEventLoop) -> Crossing:
        """Return the border between `loop` and this executor's jobs."""

    @abc.abstractmethod
    def statistics(self) -> ExecutorStatistics:
        """Return the numbers as they are now; may be called from any thread."""

    @abc.abstractmethod
    def open(self) -> None:
        """Take jobs again after `drain`; does nothing on an open executor."""

    @abc.abstractmethod
    async def drain(self) -> list[str]:
        """Refuse new jobs, wait up to `shutdown_timeout` seconds for the running and queued ones.

        Returns the descriptions of those that had not ended by then; [] means all did.
        """
