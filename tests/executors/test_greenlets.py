"""The greenlet executor: bounded, countable, fair to its queue, and drained."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

import pytest

from bridge import WsgiToAsgi, await_, cooperative
from bridge.cooperative import switch
from bridge.errors import ExecutorClosed, ExecutorError, InvalidOption, LoopWouldBlock, QueueFull
from bridge.executors.base import QUEUED, InTask
from bridge.executors.greenlets import GreenletExecutor, GreenletParker
from tests.asgi_driver import AsgiCall


class FakeJob:
    """Runs a function in its task; `hold` keeps it waiting."""

    def __init__(self, work: Callable[[], Any] = lambda: None, *, hold: bool = False) -> None:
        self.submitted_at = 0.0
        self.admissions = self.cancellations = self.waited = 0
        self.release = asyncio.Event()
        self.ended = False
        self.refusal: ExecutorError | None = None
        self._work, self._hold = work, hold

    def run(self) -> None:
        raise AssertionError("a greenlet executor runs jobs in their tasks")

    def run_in_task(self) -> None:
        with suppress(asyncio.CancelledError):  # a job never raises
            self._work()
            if self._hold:
                await_(self.release.wait())
            self.ended = True

    def admitted(self) -> None:
        self.admissions += 1

    def cancelled(self) -> None:
        self.cancellations += 1

    def waits(self) -> None:
        self.waited += 1

    def describe(self) -> str:
        return "GET /fake"

    def delayed(self) -> None:
        raise AssertionError("it never promises what it can't keep")

    def refused(self, error: ExecutorError) -> None:
        self.refusal = error


@pytest.fixture
def executor(request: pytest.FixtureRequest) -> GreenletExecutor:
    return GreenletExecutor(**{"max_greenlets": 2, "max_queue": 2, **getattr(request, "param", {})})


def in_task(executor: GreenletExecutor) -> InTask:
    found = executor.crossing(asyncio.get_running_loop()).in_task
    assert found is not None
    return found


def start(executor: GreenletExecutor, job: FakeJob) -> asyncio.Future[None] | None:
    rest = in_task(executor).run(job)
    return None if rest is None else asyncio.ensure_future(rest)


async def test_a_job_is_started_where_a_greenlet_is_free_and_queued_elsewhere(
    executor: GreenletExecutor,
) -> None:
    jobs = [FakeJob(hold=True), FakeJob(hold=True), FakeJob()]
    rests = [in_task(executor).start(job) for job in jobs]
    assert rests.pop() is QUEUED
    running = [asyncio.ensure_future(rest) for rest in rests if rest is not None]
    statistics = executor.statistics()
    assert (statistics.active, statistics.queued, statistics.started) == (2, 1, 2)
    for job in jobs:
        job.release.set()
    await asyncio.gather(*running)
    assert (jobs[2].admissions, in_task(executor).run(jobs[2]), jobs[2].ended) == (1, None, True)
    assert await executor.drain() == []
    with pytest.raises(ExecutorClosed):
        in_task(executor).start(FakeJob())


def test_a_stream_that_never_waits_lets_others_run_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop has no build for this Python")
    seen: list[bool] = []

    def stream(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        ends = time.monotonic() + 5
        while not seen and time.monotonic() < ends:
            yield b"x"

    async def main() -> None:
        asyncio.get_running_loop().call_later(0.02, seen.append, True)
        await AsgiCall(WsgiToAsgi(stream, executor="greenlet")).run()
        assert seen

    with closing(uvloop.new_event_loop()) as loop:
        loop.run_until_complete(main())


async def test_a_job_that_never_waits_ends_at_once(executor: GreenletExecutor) -> None:
    job = FakeJob()
    assert executor.submit(job)
    assert start(executor, job) is None
    statistics = executor.statistics()
    assert (job.ended, statistics.started, statistics.finished, statistics.active) == (True, 1, 1, 0)
    assert await executor.drain() == []


async def test_the_queue_is_bounded_and_served_in_order(executor: GreenletExecutor) -> None:
    held = [FakeJob(hold=True) for _ in range(2)]
    assert [executor.submit(job) for job in held] == [True, True]
    running = [start(executor, job) for job in held]
    waiting = [FakeJob() for _ in range(2)]
    assert [executor.submit(job) for job in waiting] == [False, False]
    with pytest.raises(QueueFull):
        executor.submit(FakeJob())
    statistics = executor.statistics()
    assert (statistics.active, statistics.queued, statistics.rejected) == (2, 2, 1)
    held[0].release.set()
    assert running[0] is not None
    await running[0]
    assert [job.admissions for job in waiting] == [1, 0]
    assert start(executor, waiting[0]) is None
    assert [job.admissions for job in waiting] == [1, 1]
    assert start(executor, waiting[1]) is None
    held[1].release.set()
    assert running[1] is not None
    await running[1]
    assert executor.statistics().finished == 4
    assert await executor.drain() == []


@pytest.mark.parametrize("executor", [{"max_greenlets": 1}], indirect=True)
async def test_an_admitted_job_that_is_withdrawn_hands_its_place_on(executor: GreenletExecutor) -> None:
    first, second, third = FakeJob(hold=True), FakeJob(), FakeJob()
    executor.submit(first)
    running = start(executor, first)
    executor.submit(second)
    executor.submit(third)
    first.release.set()
    assert running is not None
    await running
    assert executor.withdraw(second, expired=False)
    assert (third.admissions, executor.statistics().abandoned) == (1, 1)
    assert start(executor, third) is None
    assert not executor.withdraw(third, expired=False)
    assert await executor.drain() == []


async def test_a_job_in_the_queue_expires(executor: GreenletExecutor) -> None:
    for _ in range(2):
        executor.submit(FakeJob())
    late = FakeJob()
    executor.submit(late)
    assert executor.withdraw(late, expired=True)
    assert executor.statistics().queue_timeouts == 1


@pytest.mark.parametrize("executor", [{"shutdown_timeout": 0}], indirect=True)
async def test_drain_names_what_is_left_and_refuses_the_queue(executor: GreenletExecutor) -> None:
    held = [FakeJob(hold=True) for _ in range(2)]
    running = []
    for job in held:
        executor.submit(job)
        running.append(start(executor, job))
    queued = FakeJob()
    executor.submit(queued)
    assert await executor.drain() == ["GET /fake"] * 3
    assert isinstance(queued.refusal, ExecutorClosed)
    with pytest.raises(ExecutorClosed):
        executor.submit(FakeJob())
    executor.open()
    for job, task in zip(held, running, strict=True):
        job.release.set()
        assert task is not None
        await task
    last = FakeJob()
    assert executor.submit(last)
    assert start(executor, last) is None
    assert await executor.drain() == []


async def test_drain_waits_for_the_running(executor: GreenletExecutor) -> None:
    job = FakeJob(hold=True)
    executor.submit(job)
    running = start(executor, job)
    asyncio.get_running_loop().call_later(0.01, job.release.set)
    assert await executor.drain() == []
    assert running is not None
    await running
    assert switch.pool_size() <= 1


async def test_a_cancelled_job_is_told_first_and_settled(executor: GreenletExecutor) -> None:
    job = FakeJob(hold=True)
    executor.submit(job)
    running = start(executor, job)
    await asyncio.sleep(0)
    assert running is not None
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (job.cancellations, job.ended, executor.statistics().active) == (1, False, 0)


async def test_parkers_of_a_greenlet_a_thread_and_the_loop(executor: GreenletExecutor) -> None:
    crossing = executor.crossing(asyncio.get_running_loop())
    seen: list[Any] = []

    def work() -> None:
        parker = crossing.parker()
        seen.append(type(parker))
        crossing.loop.call_soon(parker.unpark)
        parker.park()
        early = crossing.parker()
        early.unpark()
        early.park()
        late = crossing.parker()
        threading.Thread(target=late.unpark).start()
        late.park()

    job = FakeJob(work)
    executor.submit(job)
    running = start(executor, job)
    assert running is not None
    await running
    assert seen == [GreenletParker]
    with pytest.raises(LoopWouldBlock):
        crossing.parker()
    assert not isinstance(await asyncio.to_thread(crossing.parker), GreenletParker)


async def test_requests_wait_their_turn_and_get_503_when_there_are_too_many() -> None:
    go = asyncio.Event()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        await_(go.wait())
        start_response("200 OK", [])
        return [b"done"]

    bridge = WsgiToAsgi(app, executor="greenlet", max_greenlets=1, max_queue=1)
    calls = [asyncio.ensure_future(AsgiCall(bridge).run()) for _ in range(3)]
    while bridge.executor.statistics().rejected == 0:
        await asyncio.sleep(0)
    go.set()
    assert sorted([(await call).status or 0 for call in calls]) == [200, 200, 503]
    assert await bridge.executor.drain() == []


async def test_a_request_expires_in_the_queue() -> None:
    go = asyncio.Event()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        await_(go.wait())
        start_response("200 OK", [])
        return [b"done"]

    bridge = WsgiToAsgi(app, executor="greenlet", max_greenlets=1, queue_timeout=0.01)
    first = asyncio.ensure_future(AsgiCall(bridge).run())
    await asyncio.sleep(0)
    assert (await AsgiCall(bridge).run()).status == 503
    go.set()
    assert (await first).status == 200
    assert bridge.executor.statistics().queue_timeouts == 1


@pytest.mark.parametrize("option", [{"max_greenlets": 0}, {"max_queue": -1}, {"queue_timeout": -1}])
def test_options_that_make_no_sense(option: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption):
        GreenletExecutor(**option)


@pytest.mark.parametrize(
    "options",
    [
        {"executor": "greenlet", "max_threads": 2},
        {"executor": "thread", "max_greenlets": 2},
        {"executor": GreenletExecutor(), "max_greenlets": 2},
        {"executor": "fibre"},
    ],
)
def test_options_of_another_executor_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption):
        WsgiToAsgi(lambda environ, start_response: [], **options)


async def test_a_client_that_left_before_its_upload_came_gives_its_place_back() -> None:
    """The news comes before the application is called: it runs all the same, and finds nobody there."""
    raised: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            raised.append(type(error).__name__)
        start_response("200 OK", [])
        return [b"nobody reads this"]

    bridge = WsgiToAsgi(app, executor="greenlet", shutdown_timeout=5.0)
    call = AsgiCall(bridge, method="POST", headers=[(b"content-length", b"9")], body=None)
    call.disconnect()
    assert (await call.run()).status is None
    assert raised == ["ClientDisconnected"]
    assert await bridge.executor.drain() == []
    statistics = bridge.executor.statistics()
    assert (statistics.active, statistics.started, statistics.finished) == (0, 1, 1)


async def test_a_client_that_leaves_a_stream_cancels_its_wait() -> None:
    closed: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        try:
            yield b"first"
            await_(asyncio.Event().wait())
        except asyncio.CancelledError:
            closed.append("cancelled")
            raise
        finally:
            closed.append("closed")

    bridge = WsgiToAsgi(app, executor="greenlet", shutdown_timeout=5.0)
    call = AsgiCall(bridge)
    async with call.running() as request:
        await call.event_sent(2)
        call.disconnect()
        await request  # ended, and not as cancelled: nobody cancelled it
    assert closed == ["cancelled", "closed"]
    assert await bridge.executor.drain() == []


@pytest.mark.may_block("the layer is installed on the loop")
@pytest.mark.parametrize("cooperative_waits", [False, True])
async def test_starting_without_cooperative_waits_is_told(
    cooperative_waits: bool, caplog: pytest.LogCaptureFixture
) -> None:
    executor = GreenletExecutor(hold_limit=None)
    if cooperative_waits:
        cooperative.install()
    try:
        executor.open()
    finally:
        cooperative.uninstall()
    assert ("call bridge.cooperative.install()" in caplog.text) is not cooperative_waits
