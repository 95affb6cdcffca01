"""The client goes away: before, during and after the request, and while it waits in the queue."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.adapters import inbox
from tests.asgi_driver import AsgiCall, Event
from tests.faults.rig import LIMIT, Counted, Meeting, in_thread, settled

LANES = ["thread", "greenlet"]
# Its application must run ahead of what is being sent; in a greenlet it does not, and `send` would wait for ever.
THREADS = {"test_gone_while_it_streams_faster_than_the_loop_looks"}

Bridged = Callable[..., WsgiToAsgi]

UPLOAD: dict[str, Any] = {"method": "POST", "headers": [(b"content-length", b"10")]}


def ok(start_response: Any) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain")])


def endless(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    ok(start_response)
    while True:
        yield b"for ever"


# ---------------------------------------------------------------- before


async def test_gone_before_the_body_came_reaches_the_application_as_an_OSError(bridged: Bridged) -> None:
    raised: list[BaseException] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            raised.append(error)
        ok(start_response)
        return [b"nobody reads this"]

    call = AsgiCall(bridged(Counted(app)), body=None, **UPLOAD)
    call.disconnect()
    answer = await call.run()
    assert answer.status is None
    assert [type(error).__name__ for error in raised] == ["ClientDisconnected"]


@pytest.mark.parametrize("kind", [list, iter], ids=["list", "iterator"])
async def test_gone_before_the_body_came_ends_a_request_that_never_reads_it(
    bridged: Bridged, kind: Callable[[list[bytes]], Any]
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        ok(start_response)
        return kind([b"nobody reads this"])

    call = AsgiCall(bridged(app), body=None, **UPLOAD)
    call.disconnect()
    assert (await call.run()).status is None


async def test_gone_before_a_bodyless_request_ends_its_stream(bridged: Bridged) -> None:
    app = Counted(endless)
    bridge = bridged(app)
    call = AsgiCall(bridge, body=b"")
    call.disconnect()
    await call.run()
    await bridge.executor.drain()
    assert (app.calls, app.closes) == (1, 1)


# ---------------------------------------------------------------- during


async def test_gone_while_the_body_is_read_frees_the_worker(bridged: Bridged) -> None:
    reading = Meeting()
    raised: list[BaseException] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        assert environ["wsgi.input"].read(4) == b"part"
        reading.pass_by()
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            raised.append(error)
            raise
        return []

    bridge = bridged(app, body_wait=0)
    call = AsgiCall(bridge, body=None, **UPLOAD)
    async with call.running():
        call.feed(b"part", more_body=True)
        await reading.arrived()
        call.disconnect()
    await bridge.executor.drain()
    assert [type(error).__name__ for error in raised] == ["ClientDisconnected"]
    assert call.events == []


async def test_gone_while_it_streams_ends_the_iteration_at_the_next_block(
    bridged: Bridged, executor: str
) -> None:
    """A thread can't be stopped before that; what a greenlet waits for is cancelled at once."""
    before_last = Meeting()
    made = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        made.append(1)
        yield b"one"
        before_last.arrive()
        made.append(2)
        yield b"two"
        made.append(3)
        yield b"three"

    counted = Counted(app)
    bridge = bridged(counted)
    call = AsgiCall(bridge)
    async with call.running() as request:
        await before_last.arrived()
        await call.event_sent(2)
        call.disconnect()
        await asyncio.wait([request], timeout=LIMIT)
        before_last.let_go()
    await bridge.executor.drain()
    assert made == ([1, 2] if executor == "thread" else [1])
    assert counted.closes == 1
    assert counted.thread_of_close == counted.thread_of_call
    assert call.answer().body == b"one"


async def test_gone_while_it_streams_faster_than_the_loop_looks(bridged: Bridged) -> None:
    """There is always a next block when the loop looks, so it is never idle; it must hear of it all the same."""
    sending, produced = threading.Event(), threading.Semaphore(0)

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        while True:
            produced.release()
            yield b"x"

    async def always_another_block(event: Event) -> None:
        sending.set()
        await in_thread(produced.acquire)
        await in_thread(produced.acquire)

    counted = Counted(app)
    bridge = bridged(counted)
    call = AsgiCall(bridge, on_send=always_another_block)
    async with call.running() as request:
        assert await in_thread(sending.wait, LIMIT)
        call.disconnect()
        done, _ = await asyncio.wait([request], timeout=LIMIT)
        assert done, "an abandoned stream goes on"
    await bridge.executor.drain()
    assert counted.closes == 1


async def test_gone_while_the_worker_waits_for_room_frees_it(bridged: Bridged) -> None:
    """A slow client that leaves: `send` never returns, the worker is parked above the high-water mark."""
    stuck = asyncio.Event()

    async def never(event: Event) -> None:
        if event["type"] == "http.response.body":
            stuck.set()
            await asyncio.get_running_loop().create_future()

    counted = Counted(endless)
    bridge = bridged(counted, high_water=100)
    call = AsgiCall(bridge, on_send=never)
    request = asyncio.ensure_future(call._call())
    await stuck.wait()
    call.disconnect()
    assert await bridge.executor.drain() == []
    assert counted.closes == 1
    request.cancel()  # a server cancels a `send` that nobody will take; ours waits for it
    await asyncio.wait([request])


async def test_gone_while_the_application_yields_nothing_but_empty_blocks(bridged: Bridged) -> None:
    """PEP 3333 lets it yield b"" while it has nothing to say; that must not hide from it that nobody listens."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        yield b"hello"
        while True:
            yield b""

    counted = Counted(app)
    bridge = bridged(counted)
    call = AsgiCall(bridge)
    async with call.running():
        await call.event_sent(2)
        call.disconnect()
    assert await bridge.executor.drain() == []
    assert counted.closes == 1


async def test_gone_while_the_application_has_yielded_nothing_but_empty_blocks(bridged: Bridged) -> None:
    """The same before the headers are out, where no stream has begun that would be watched."""
    polling = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        yield b""
        polling.pass_by()
        while True:
            yield b""

    counted = Counted(app)
    bridge = bridged(counted)
    call = AsgiCall(bridge)
    async with call.running():
        await polling.arrived()
        call.disconnect()
    assert await bridge.executor.drain() == []
    assert counted.closes == 1
    assert call.events == []


async def test_gone_while_it_streams_and_never_reads_a_body_beyond_the_window(
    bridged: Bridged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window is full, so the server is asked for no more, and the news of a disconnect comes no other way."""
    monkeypatch.setattr(inbox, "FIRST_PROBE", 0.001)
    counted = Counted(endless)
    bridge = bridged(counted, body_window=100)
    call = AsgiCall(bridge, method="POST", headers=[(b"content-length", b"100000")], body=None)
    async with call.running() as request:
        call.feed(b"x" * 100, more_body=True)
        call.feed(b"x" * 100, more_body=True)
        await call.event_sent(2)
        call.disconnect()
        done, _ = await asyncio.wait([request], timeout=LIMIT)
        assert done, "an abandoned stream goes on"
    assert await bridge.executor.drain() == []
    assert counted.closes == 1


async def test_a_body_that_is_not_read_costs_little_memory_however_long_the_stream_lasts(
    bridged: Bridged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for again after twice the time each time: after n seconds log2(n) pieces more are here."""
    monkeypatch.setattr(inbox, "FIRST_PROBE", 0.01)
    stop = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        while not stop.wait(0.001):
            yield b"x"

    bridge = bridged(app, body_window=100)
    call = AsgiCall(bridge, method="POST", headers=[(b"content-length", b"100000")], body=[b"x" * 100] * 1000)
    async with call.running():
        await call.event_sent(300)  # at least 0.3 s: probes after 0.01, 0.03, 0.07, 0.15, 0.31
        assert 1 < call.receives < 15
        stop.set()


async def test_gone_is_told_to_an_application_that_asks(bridged: Bridged) -> None:
    answers: list[bool] = []
    asked, gone = Meeting(), Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        answers.append(environ["bridge.disconnected"]())
        asked.pass_by()
        gone.arrive()
        answers.append(environ["bridge.disconnected"]())
        ok(start_response)
        return [b"x"]

    bridge = bridged(app)
    call = AsgiCall(bridge)
    async with call.running() as request:
        await asked.arrived()
        call.disconnect()
        await gone.arrived()
        await asyncio.wait([request], timeout=0.2)  # the news travels; the request may end before its app
        gone.let_go()
    await bridge.executor.drain()
    assert answers == [False, True]


# ---------------------------------------------------------------- after


async def test_gone_after_the_response_does_not_disturb_what_the_application_still_does(
    bridged: Bridged,
) -> None:
    """The last block is out, the generator goes on behind its last yield: that work must be done."""
    after_last = Meeting()
    finished_work = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", "3")])
        yield b"all"
        after_last.arrive()
        finished_work.append("committed")

    counted = Counted(app)
    bridge = bridged(counted)
    call = AsgiCall(bridge)
    async with call.running():
        await call.event_sent(2)
        await after_last.arrived()
        call.disconnect()
        after_last.let_go()
    assert finished_work == ["committed"]
    assert counted.closes == 1


async def test_gone_after_the_response_does_not_disturb_close(bridged: Bridged) -> None:
    closing = Meeting()

    class Blocks:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"one", b"two"])

        def close(self) -> None:
            closing.arrive()

    def app(environ: dict[str, Any], start_response: Any) -> Blocks:
        ok(start_response)
        return Blocks()

    bridge = bridged(app)
    call = AsgiCall(bridge)
    async with call.running() as request:
        await closing.arrived()
        call.disconnect()
        closing.let_go()
        await request
    assert call.answer().complete
    assert call.answer().body == b"onetwo"


# ---------------------------------------------------------------- in the queue


async def test_gone_in_the_queue_leaves_it_and_the_application_is_never_called(bridged: Bridged) -> None:
    busy = Meeting()
    paths: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        paths.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/busy":
            busy.arrive()
        ok(start_response)
        return [b"x"]

    bridge = bridged(app, max_threads=1)
    first = AsgiCall(bridge, path="/busy")
    async with first.running():
        await busy.arrived()
        waiting = [AsgiCall(bridge, path=f"/{number}") for number in range(5)]
        requests = [asyncio.ensure_future(call._call()) for call in waiting]
        await queue_holds(bridge, 5)
        for call in waiting[1:]:
            call.disconnect()
        await asyncio.wait(requests[1:], timeout=LIMIT)
        assert bridge.executor.statistics().abandoned == 4
        assert bridge.executor.statistics().queued == 1
        busy.let_go()
        await asyncio.wait(requests, timeout=LIMIT)
    await bridge.executor.drain()
    assert paths == ["/busy", "/0"]
    assert [call.answer().status for call in waiting] == [200, None, None, None, None]
    settled(bridge.executor.statistics())


async def queue_holds(bridge: WsgiToAsgi, count: int) -> None:
    """Let the loop turn until so many requests are queued."""
    for _ in range(1000):
        if bridge.executor.statistics().queued == count:
            return
        await asyncio.sleep(0)
    raise AssertionError(bridge.executor.statistics())


async def test_abandoned_streams_leave_the_pool_free(bridged: Bridged) -> None:
    """Sixty endless streams on eight threads, one after the other abandoned."""
    counted = Counted(endless)
    bridge = bridged(counted, max_threads=8)
    for _ in range(60):
        call = AsgiCall(bridge)
        async with call.running():
            await call.event_sent(2)
            call.disconnect()
    answer = AsgiCall(bridge)
    async with answer.running():
        await answer.event_sent(2)
        assert answer.events[0]["status"] == 200
        answer.disconnect()
    assert await bridge.executor.drain() == []
    assert (counted.calls, counted.closes) == (61, 61)


async def test_streams_abandoned_all_at_once_leave_the_pool_free(bridged: Bridged) -> None:
    """Sixty at once on eight threads: those that wait leave the queue, those that run end."""
    counted = Counted(endless)
    bridge = bridged(counted, max_threads=8)
    calls = [AsgiCall(bridge) for _ in range(60)]
    requests = [asyncio.ensure_future(call._call()) for call in calls]
    await queue_holds(bridge, 52)
    for call in calls:
        call.disconnect()
    done, pending = await asyncio.wait(requests, timeout=LIMIT)
    assert not pending
    assert [task.exception() for task in done] == [None] * 60
    assert await bridge.executor.drain() == []
    statistics = bridge.executor.statistics()
    assert statistics.started + statistics.abandoned == 60
    assert counted.calls == counted.closes == statistics.started
