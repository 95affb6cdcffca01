"""More requests than threads: the queue, its limits, its end; threads that can't be had."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall
from tests.faults.rig import LIMIT, Meeting, settled

LANES = ["thread", "greenlet"]
THREADS = {  # a greenlet needs no thread, so none can be missing
    "test_no_thread_at_all_is_a_503",
    "test_no_second_thread_has_requests_wait_for_the_first",
    "test_no_second_thread_still_means_a_limited_wait",
}

Bridged = Callable[..., WsgiToAsgi]


class OneAtATime:
    """Holds whoever comes to /busy; answers all else at once and notes its path."""

    def __init__(self) -> None:
        self.busy = Meeting()
        self.paths: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.paths.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/busy":
            self.busy.arrive()
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body or b"served"]


async def test_a_full_queue_is_a_503_at_once(bridged: Bridged, caplog: pytest.LogCaptureFixture) -> None:
    app = OneAtATime()
    bridge = bridged(app, max_threads=1, max_queue=2)
    busy = AsgiCall(bridge, path="/busy")
    async with busy.running():
        await app.busy.arrived()
        queued = [AsgiCall(bridge, path=f"/{number}") for number in range(2)]
        tasks = [asyncio.ensure_future(call._call()) for call in queued]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        refused = await AsgiCall(bridge, path="/refused").run()
        assert (refused.status, refused.complete) == (503, True)
        assert refused.header(b"retry-after") == b"1"
        assert bridge.executor.statistics().rejected == 1
        app.busy.let_go()
        await asyncio.wait(tasks, timeout=LIMIT)
    assert [call.answer().status for call in queued] == [200, 200]
    assert app.paths == ["/busy", "/0", "/1"]
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert warnings[0].startswith("GET /refused: 503: ")


async def test_no_queue_at_all_refuses_whoever_finds_no_thread(bridged: Bridged) -> None:
    app = OneAtATime()
    bridge = bridged(app, max_threads=1, max_queue=0)
    assert (await AsgiCall(bridge).run()).status == 200
    busy = AsgiCall(bridge, path="/busy")
    async with busy.running():
        await app.busy.arrived()
        assert (await AsgiCall(bridge).run()).status == 503
        app.busy.let_go()
    assert busy.answer().status == 200


async def test_a_wait_longer_than_queue_timeout_is_a_503(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    app = OneAtATime()
    bridge = bridged(app, max_threads=1, queue_timeout=0.02)
    busy = AsgiCall(bridge, path="/busy")
    async with busy.running():
        await app.busy.arrived()
        refused = await AsgiCall(bridge, path="/refused").run()
        assert (refused.status, refused.complete) == (503, True)
        assert refused.header(b"retry-after") == b"1"
        app.busy.let_go()
    statistics = bridge.executor.statistics()
    assert (statistics.queue_timeouts, statistics.abandoned, statistics.rejected) == (1, 0, 0)
    assert app.paths == ["/busy"]
    assert "GET /refused: 503: it waited 0.02 s for a thread" in caplog.text


async def test_a_request_that_waits_for_100_continue_is_not_told_to_send_while_it_is_queued(
    bridged: Bridged,
) -> None:
    """Asking the server for the body is what makes it send the 100; that is for the application to do."""
    app = OneAtATime()
    bridge = bridged(app, max_threads=1)
    busy = AsgiCall(bridge, path="/busy")
    upload = AsgiCall(
        bridge,
        method="POST",
        path="/upload",
        headers=[(b"content-length", b"4"), (b"expect", b"100-continue")],
        body=b"body",
    )
    async with busy.running(), upload.running():
        await app.busy.arrived()
        while bridge.executor.statistics().queued != 1:
            await asyncio.sleep(0)
        for _ in range(5):
            await asyncio.sleep(0)
        assert upload.receives == 0
        app.busy.let_go()
    assert upload.answer().body == b"body"


async def test_a_cancelled_request_leaves_the_queue(bridged: Bridged) -> None:
    app = OneAtATime()
    bridge = bridged(app, max_threads=1)
    busy = AsgiCall(bridge, path="/busy")
    async with busy.running():
        await app.busy.arrived()
        task = asyncio.ensure_future(AsgiCall(bridge, path="/cancelled").run())
        while bridge.executor.statistics().queued != 1:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert bridge.executor.statistics().queued == 0
        assert bridge.executor.statistics().abandoned == 1
        app.busy.let_go()
    assert app.paths == ["/busy"]


async def test_what_still_waits_when_shutdown_gives_up_is_told_so(bridged: Bridged) -> None:
    """Else it would wait for ever: nobody looks into the queue any more."""
    app = OneAtATime()
    bridge = bridged(app, max_threads=1, shutdown_timeout=0.02, queue_timeout=None)
    busy, waiting = AsgiCall(bridge, path="/busy"), AsgiCall(bridge, path="/waiting")
    async with busy.running():
        await app.busy.arrived()
        async with waiting.running():
            while bridge.executor.statistics().queued != 1:
                await asyncio.sleep(0)
            assert sorted(await bridge.executor.drain()) == ["GET /busy", "GET /waiting"]
        assert waiting.answer().status == 503
        assert (await AsgiCall(bridge, path="/late").run()).status == 503
        app.busy.let_go()
    assert busy.answer().status == 200
    assert app.paths == ["/busy"]
    bridge.executor.shutdown_timeout = LIMIT


# ---------------------------------------------------------------- threads that can't be had


def no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)


async def test_no_thread_at_all_is_a_503(bridged: Bridged, caplog: pytest.LogCaptureFixture) -> None:
    bridge = bridged(OneAtATime())
    with pytest.MonkeyPatch.context() as patch:
        no_more_threads(patch)
        answer = await AsgiCall(bridge).run()
    assert (answer.status, answer.header(b"retry-after")) == (503, b"1")
    assert "GET /: 503: the thread bridge-1 could not be started" in caplog.text
    settled(bridge.executor.statistics())
    assert (await AsgiCall(bridge).run()).status == 200


async def test_no_second_thread_has_requests_wait_for_the_first(bridged: Bridged) -> None:
    app = OneAtATime()
    bridge = bridged(app, max_threads=10)
    busy = AsgiCall(bridge, path="/busy")
    async with busy.running():
        await app.busy.arrived()
        with pytest.MonkeyPatch.context() as patch:
            no_more_threads(patch)
            waiting = [AsgiCall(bridge, path=f"/{number}") for number in range(3)]
            tasks = [asyncio.ensure_future(call._call()) for call in waiting]
            while bridge.executor.statistics().queued != 3:
                await asyncio.sleep(0)
            waiting[1].disconnect()
            await asyncio.wait(tasks[1:2], timeout=LIMIT)
            assert tasks[1].done(), "a request that waits must hear that its client has gone"
            app.busy.let_go()
            await asyncio.wait(tasks, timeout=LIMIT)
    assert [call.answer().status for call in waiting] == [200, None, 200]
    assert app.paths == ["/busy", "/0", "/2"]


async def test_no_second_thread_still_means_a_limited_wait(bridged: Bridged) -> None:
    app = OneAtATime()
    bridge = bridged(app, max_threads=10, queue_timeout=0.02)
    busy = AsgiCall(bridge, path="/busy")
    async with busy.running():
        await app.busy.arrived()
        with pytest.MonkeyPatch.context() as patch:
            no_more_threads(patch)
            assert (await AsgiCall(bridge, path="/refused").run()).status == 503
        app.busy.let_go()
    assert app.paths == ["/busy"]
