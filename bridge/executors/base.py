"""What every executor promises, and the numbers it keeps.

An executor runs `Job`s away from the code that submitted them. Beside that it owns the two ways of
waiting for the other side, because they differ from lane to lane; a `Crossing` has them:

    event loop                       synchronous code (thread, greenlet)
    ----------                       -----------------------------------
    submit(job)  ------------------> job.run()
                 <-- post(letter) -- "look at me": wakes the loop, many posts are one wake-up
    parker.unpark() ---------------> parker.park(): waits until the loop has done something

The greenlet lane has no other thread: there the task of a request runs its job itself,
`crossing.in_task.start(job)`.
"""

from __future__ import annotations

import abc
import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bridge.errors import ExecutorError

__all__ = [
    "DEFAULT_MAX_GREENLETS",
    "QUEUED",
    "Crossing",
    "Executor",
    "ExecutorStatistics",
    "InTask",
    "InlineJob",
    "Job",
    "Parker",
]


# Here and not in greenlets.py, which loads the greenlet library.
DEFAULT_MAX_GREENLETS = 10_000  # requests; at 15 to 30 KiB each a few hundred MiB when all of them wait


QUEUED: Any = type("QUEUED", (), {"__repr__": lambda _: "QUEUED"})()  # what `InTask.start` may return


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


class InlineJob(Job, Protocol):
    """A job that can be run by the task of its request, in the context of that task."""

    def run_in_task(self) -> None:
        """Do the work; called once, in the context of the request, in place of `run`."""

    def admitted(self) -> None:
        """Learn that its time in the queue is over: it is to be run now, or withdrawn."""

    def cancelled(self) -> None:
        """Learn that its task is being cancelled, before the work is."""

    def waits(self) -> Awaitable[None] | None:
        """Learn that the work waits; return what its task awaits before that, and which fails by no means."""


class Parker(Protocol):
    """Lets synchronous code wait for the event loop; one `unpark` ends one `park`."""

    def park(self, timeout: float | None = None) -> bool:
        """Wait until `unpark` is called; return at once if it was called before.

        False: `timeout` seconds went by (None: no limit).
        """

    def unpark(self) -> None:
        """Let the waiting `park`, or the next one, return."""


@dataclass(frozen=True, slots=True)
class InTask:
    """How the task of a request runs its job itself.

    `start(job)` takes a job and runs it at once; it returns what to await for its end, None if that has come
    already, or `QUEUED`. It raises as `submit` does. `run(job)` does the same once a job that was queued, or
    submitted, is admitted. `await_(coroutine)` waits in the job's code.
    """

    start: Callable[[Any], Awaitable[None] | None]
    run: Callable[[Any], Awaitable[None] | None]
    await_: Callable[[Coroutine[Any, Any, Any]], Any]


@dataclass(frozen=True, slots=True)
class Crossing:
    """The border between one event loop and the synchronous code of one executor.

    `post(letter)` has `letter()` called on the loop soon; it is dropped if the loop is closed.
    `parker()` returns a new `Parker`. `lock` guards what both sides change; it is held for moments.
    `in_task` None: jobs run by themselves, in a thread. `client_timeout`: how many seconds code of the job waits for
    the client at most (None: any); the adapter's to set.
    """

    loop: asyncio.AbstractEventLoop
    post: Callable[[Callable[[], None]], None]
    parker: Callable[[], Parker]
    lock: threading.Lock
    in_task: InTask | None = None
    client_timeout: float | None = None


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
    held: Mapping[str, int] = field(default_factory=dict)  # greenlet lane: how often a request held the loop


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
