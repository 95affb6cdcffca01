"""The thread executor: bounded, elastic, countable."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge.errors import ExecutorClosed, ExecutorError, InvalidOption, QueueFull, ThreadNotStarted
from bridge.executors.threads import ThreadExecutor, ThreadParker

WAIT = 20.0  # seconds; a limit, never a pause


class FakeJob:
    """Runs a function, and tells when it has begun and ended; `hold` keeps it running."""

    def __init__(self, work: Callable[[], Any] = lambda: None, *, hold: bool = False) -> None:
        self.submitted_at = 0.0
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.release = threading.Event()
        self.thread = ""
        self.was_delayed = False
        self.refusal: ExecutorError | None = None
        self._work = work
        if not hold:
            self.release.set()

    def run(self) -> None:
        self.thread = threading.current_thread().name
        self.begun.set()
        self._work()
        assert self.release.wait(WAIT)
        self.ended.set()

    def describe(self) -> str:
        return "GET /fake"

    def delayed(self) -> None:
        self.was_delayed = True

    def refused(self, error: ExecutorError) -> None:
        self.refusal = error


@pytest.fixture
def executor(request: pytest.FixtureRequest) -> Iterator[ThreadExecutor]:
    """An executor with the options of the test's parameter; its threads end with the test."""
    made = ThreadExecutor(**{"max_threads": 2, "name": "test", **getattr(request, "param", {})})
    yield made
    asyncio.run(made.drain())


def ended(*jobs: FakeJob) -> bool:
    return all(job.ended.wait(WAIT) for job in jobs)


@contextlib.contextmanager
def busy(executor: ThreadExecutor) -> Iterator[list[FakeJob]]:
    """Keep every thread of the executor occupied."""
    jobs = [FakeJob(hold=True) for _ in range(executor.max_threads)]
    for job in jobs:
        assert executor.submit(job)
    assert all(job.begun.wait(WAIT) for job in jobs)
    try:
        yield jobs
    finally:
        for job in jobs:
            job.release.set()
        assert ended(*jobs)


def test_nothing_runs_before_the_first_job() -> None:
    before = threading.active_count()
    assert ThreadExecutor().statistics().threads == 0
    assert threading.active_count() == before


def test_a_job_runs_in_a_named_daemon_thread(executor: ThreadExecutor) -> None:
    job = FakeJob(lambda: daemons.append(threading.current_thread().daemon))
    daemons: list[bool] = []
    assert executor.submit(job)
    assert ended(job)
    assert (job.thread, daemons) == ("test-1", [True])


def test_threads_are_started_on_demand_only_up_to_the_limit(executor: ThreadExecutor) -> None:
    with busy(executor):
        waiting = FakeJob()
        assert executor.submit(waiting) is False
        statistics = executor.statistics()
        assert (statistics.threads, statistics.active, statistics.queued) == (2, 2, 1)
        assert not waiting.begun.is_set()
    assert ended(waiting)
    assert executor.statistics().threads == 2


def test_an_idle_thread_is_used_again(executor: ThreadExecutor) -> None:
    names = set()
    for _ in range(20):
        job = FakeJob()
        executor.submit(job)
        assert ended(job)
        names.add(job.thread)
    assert len(names) <= 2


@pytest.mark.parametrize("executor", [{"max_threads": 8}], indirect=True)
def test_a_job_that_waits_does_not_hold_up_the_next(executor: ThreadExecutor) -> None:
    """Eight jobs that need each other to run at the same time, submitted in one burst."""
    barrier = threading.Barrier(8)
    jobs = [FakeJob(lambda: barrier.wait(WAIT)) for _ in range(8)]
    for job in jobs:
        executor.submit(job)
    assert ended(*jobs)


@pytest.mark.parametrize("executor", [{"idle_timeout": 0.01}], indirect=True)
def test_unused_threads_end(executor: ThreadExecutor) -> None:
    before = set(threading.enumerate())
    job = FakeJob()
    executor.submit(job)
    assert ended(job)
    for thread in set(threading.enumerate()) - before:
        thread.join(WAIT)
    assert executor.statistics().threads == 0
    again = FakeJob()
    executor.submit(again)
    assert ended(again)


@pytest.mark.parametrize("executor", [{"max_threads": 1, "max_queue": 2}], indirect=True)
def test_a_full_queue_refuses(executor: ThreadExecutor) -> None:
    with busy(executor):
        waiting = [FakeJob(), FakeJob()]
        for job in waiting:
            executor.submit(job)
        with pytest.raises(QueueFull, match="raise max_threads or max_queue") as caught:
            executor.submit(FakeJob())
        assert (caught.value.waiting, caught.value.max_queue) == (2, 2)
        assert executor.statistics().rejected == 1
    assert ended(*waiting)


@pytest.mark.parametrize("executor", [{"max_threads": 1, "max_queue": 0}], indirect=True)
def test_without_a_queue_only_free_threads_take_jobs(executor: ThreadExecutor) -> None:
    with busy(executor), pytest.raises(QueueFull):
        executor.submit(FakeJob())


@pytest.mark.parametrize("executor", [{"max_threads": 1}], indirect=True)
@pytest.mark.parametrize("expired", [True, False])
def test_a_withdrawn_job_never_runs(executor: ThreadExecutor, expired: bool) -> None:
    with busy(executor) as running:
        job = FakeJob()
        executor.submit(job)
        assert executor.withdraw(job, expired=expired)
        assert not executor.withdraw(job, expired=expired)
        assert not executor.withdraw(running[0], expired=expired)
        statistics = executor.statistics()
        assert (statistics.queue_timeouts, statistics.abandoned) == (expired, not expired)
    assert not job.begun.is_set()


def test_statistics_add_up(executor: ThreadExecutor) -> None:
    jobs = [FakeJob() for _ in range(50)]
    for job in jobs:
        executor.submit(job)
    assert ended(*jobs)
    assert asyncio.run(executor.drain()) == []
    statistics = executor.statistics()
    assert (statistics.started, statistics.finished, statistics.active) == (50, 50, 0)
    assert statistics.run_seconds > 0
    assert statistics.wait_seconds > 0


async def test_drain_waits_for_running_and_queued_jobs() -> None:
    executor = ThreadExecutor(max_threads=1)
    running, queued = FakeJob(hold=True), FakeJob()
    executor.submit(running)
    executor.submit(queued)
    draining = asyncio.create_task(executor.drain())
    await asyncio.sleep(0)
    with pytest.raises(ExecutorClosed):
        executor.submit(FakeJob())
    running.release.set()
    assert await draining == []
    assert queued.ended.is_set()


async def test_drain_names_what_it_leaves() -> None:
    executor = ThreadExecutor(max_threads=1, shutdown_timeout=0.01)
    running, queued = FakeJob(hold=True), FakeJob()
    executor.submit(running)
    executor.submit(queued)
    assert await executor.drain() == ["GET /fake", "GET /fake"]
    assert isinstance(queued.refusal, ExecutorClosed), "whoever waits for it must learn that it never runs"
    assert running.refusal is None
    running.release.set()
    executor.shutdown_timeout = WAIT
    executor.open()
    after = FakeJob()
    executor.submit(after)
    assert await executor.drain() == []
    assert after.ended.is_set()
    assert not queued.begun.is_set()


async def test_an_executor_can_be_opened_again() -> None:
    executor = ThreadExecutor()
    assert await executor.drain() == []
    executor.open()
    job = FakeJob()
    executor.submit(job)
    assert await executor.drain() == []
    assert job.ended.is_set()


def test_threads_that_cannot_start_leave_the_job_to_the_others(
    executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = FakeJob(hold=True)
    executor.submit(first)
    assert first.begun.wait(WAIT)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        second = FakeJob()
        executor.submit(second)
    assert "cannot start thread" in caplog.text
    assert second.was_delayed
    first.release.set()
    assert ended(first, second)


def test_a_thread_that_cannot_start_where_there_is_no_other_refuses_the_job(
    executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    refused = FakeJob()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        executor.submit(refused)
    assert isinstance(refused.refusal, ThreadNotStarted)
    assert executor.statistics().rejected == 1
    assert executor.statistics().queued == 0
    after = FakeJob()
    executor.submit(after)
    assert ended(after)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_that_raises_does_not_cost_a_thread(executor: ThreadExecutor) -> None:
    def fail() -> None:
        raise SystemExit("jobs must not raise")

    executor.submit(FakeJob(fail))
    after = FakeJob()
    executor.submit(after)
    assert ended(after)


async def test_an_executor_opened_again_at_once_has_all_its_threads() -> None:
    """Threads that are about to end must not count, or the only place in the pool is theirs."""
    executor = ThreadExecutor(max_threads=1)
    for _ in range(50):
        job = FakeJob()
        executor.submit(job)
        assert await executor.drain() == []
        assert job.ended.is_set()
        executor.open()
    assert executor.statistics().threads == 0


async def test_drain_ends_threads_that_are_on_their_way_to_the_queue() -> None:
    """A worker was woken for a job that another took: it finds nothing, and nobody to end it."""
    for _ in range(50):
        executor = ThreadExecutor(max_threads=4, name="woken")
        jobs = [FakeJob() for _ in range(3)]
        for job in jobs:
            executor.submit(job)
        assert await executor.drain() == []
        assert ended(*jobs)
    left = [thread for thread in threading.enumerate() if thread.name.startswith("woken")]
    for thread in left:
        await asyncio.to_thread(thread.join, WAIT)
    assert not [thread for thread in left if thread.is_alive()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_begins_with_an_empty_pool() -> None:
    """In a process of its own: forking one with threads, as pytest has, is asking for trouble."""
    program = """
import os, threading
from bridge import ThreadExecutor
from tests.executors.test_threads import FakeJob, ended
executor = ThreadExecutor(max_threads=2)
job = FakeJob(); executor.submit(job); assert ended(job)
with executor._lock:  # held by somebody else at the fork: the child must not inherit that
    child = os.fork()
if child == 0:
    assert executor.statistics().threads == 0
    job = FakeJob(); executor.submit(job)
    os._exit(0 if ended(job) else 1)
assert os.waitpid(child, 0)[1] == 0
again = FakeJob(); executor.submit(again); assert ended(again)
"""
    subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program], check=True, timeout=60
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("max_threads", 0),
        ("max_threads", 1.5),
        ("max_threads", True),
        ("max_threads", "40"),
        ("max_queue", -1),
        ("queue_timeout", -1),
        ("idle_timeout", None),
        ("shutdown_timeout", float("nan")),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(option: str, value: Any) -> None:
    with pytest.raises(InvalidOption, match=f"{option}=") as caught:
        ThreadExecutor(**{option: value})
    assert (caught.value.option, caught.value.expected[:2]) == (option, "a ")


def test_a_parker_that_was_let_go_early_does_not_wait() -> None:
    parker = ThreadParker()
    parker.unpark()
    parker.park()
