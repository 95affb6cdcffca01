"""The lifespan of an application in AsgiToWsgi: seen from the requests, as a user sees it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bridge import AsgiToWsgi
from bridge.adapters import asgi_host, asgi_lifespan
from bridge.adapters.asgi_lifespan import LifespanMode
from bridge.errors import LifespanFailed
from tests.adapters.wsgi_driver import ask

LIMIT = 10.0  # seconds


async def answer(send: Any, content: bytes) -> None:
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


class Recorded:
    """An application with a lifespan that notes what happens to it."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.events: list[str] = []
        self.answers = answers

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["shared"] = self.events
            for phase in ("startup", "shutdown"):
                event = await receive()
                assert event["type"] == f"lifespan.{phase}"
                self.events.append(phase)
                await send(self.answers.get(phase, {"type": f"lifespan.{phase}.complete"}))
            return
        self.events.append("request")
        scope["state"]["own"] = "of this request"
        await answer(send, ",".join(sorted(scope["state"])).encode())


def test_startup_comes_before_the_first_request_and_shutdown_after_the_last() -> None:
    app = Recorded()
    adapter = AsgiToWsgi(app)
    assert app.events == []
    ask(adapter)
    ask(adapter)
    adapter.close()
    assert app.events == ["startup", "request", "request", "shutdown"]


def test_start_runs_it_before_any_request() -> None:
    app = Recorded()
    with AsgiToWsgi(app):
        assert app.events == ["startup"]
    assert app.events == ["startup", "shutdown"]


def test_every_request_gets_a_copy_of_the_state() -> None:
    app = Recorded()
    with AsgiToWsgi(app) as adapter:
        assert [ask(adapter).body for _ in range(2)] == [b"own,shared"] * 2


def test_starlettes_state_reaches_the_request() -> None:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
        yield {"client": "made at startup"}

    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.state.client)

    with AsgiToWsgi(Starlette(routes=[Route("/", page)], lifespan=lifespan)) as adapter:
        assert ask(adapter).body == b"made at startup"


def test_lifespan_and_requests_run_on_one_loop() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        loops.append(asyncio.get_running_loop())
        if scope["type"] == "http":
            await answer(send, b"")
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    with AsgiToWsgi(app) as adapter:
        ask(adapter)
    assert loops[0] is loops[1]


# ---------------------------------------------------------------- failure


def failing_lifespan(failures: int) -> tuple[Starlette, list[str]]:
    attempts: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        attempts.append("startup")
        if len(attempts) <= failures:
            raise ConnectionRefusedError("no database at 10.0.0.1")
        yield

    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    return Starlette(routes=[Route("/", page)], lifespan=lifespan), attempts


def test_a_failed_startup_is_reported_with_its_message(caplog: pytest.LogCaptureFixture) -> None:
    app, _ = failing_lifespan(1)
    adapter = AsgiToWsgi(app)
    assert ask(adapter).status == "500 Internal Server Error"
    adapter.close()
    assert "no database at 10.0.0.1" in caplog.text
    with pytest.raises(LifespanFailed, match=r"no database at 10\.0\.0\.1"):
        AsgiToWsgi(failing_lifespan(1)[0]).start()


def test_the_request_after_a_failed_startup_tries_again() -> None:
    app, attempts = failing_lifespan(2)
    with AsgiToWsgi(failing_lifespan(0)[0]):  # keeps the shared loop, so that only the adapter starts over
        adapter = AsgiToWsgi(app)
        assert [ask(adapter).status[:3] for _ in range(4)] == ["500", "500", "200", "200"]
        adapter.close()
    assert len(attempts) == 3


def test_a_failed_startup_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    with pytest.raises(LifespanFailed):
        AsgiToWsgi(failing_lifespan(1)[0]).start()
    assert set(threading.enumerate()) <= before


def test_requests_that_come_during_a_startup_wait_for_it_and_share_its_outcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started, release, waiting = threading.Event(), threading.Event(), threading.Semaphore(0)

    class Announced(concurrent.futures.Future[Any]):
        def result(self, timeout: float | None = None) -> Any:
            waiting.release()
            return super().result(timeout)

    futures = SimpleNamespace(Future=Announced, wait=concurrent.futures.wait)
    monkeypatch.setattr(asgi_host, "concurrent", SimpleNamespace(futures=futures))
    attempts: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        attempts.append("startup")
        await receive()
        started.set()
        await asyncio.to_thread(release.wait, LIMIT)
        await send({"type": "lifespan.startup.failed", "message": "not today"})

    adapter = AsgiToWsgi(app, raise_errors=True)

    def request() -> None:
        with pytest.raises(LifespanFailed, match="not today"):
            ask(adapter)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(adapter.start)
        assert started.wait(LIMIT)
        others = [pool.submit(request) for _ in range(2)]
        assert all(waiting.acquire(timeout=LIMIT) for _ in others)
        release.set()
        with pytest.raises(LifespanFailed):
            first.result(LIMIT)
        for other in others:
            other.result(LIMIT)
    assert attempts == ["startup"]
    adapter.close()


def test_close_during_a_startup_waits_for_it_and_ends_it() -> None:
    started, release = threading.Event(), threading.Event()
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        started.set()
        await asyncio.to_thread(release.wait, LIMIT)
        await send({"type": "lifespan.startup.complete"})
        events.append((await receive())["type"])
        await send({"type": "lifespan.shutdown.complete"})

    adapter = AsgiToWsgi(app)
    with ThreadPoolExecutor(2) as pool:
        starting = pool.submit(adapter.start)
        assert started.wait(LIMIT)
        closing = pool.submit(adapter.close)
        release.set()
        starting.result(LIMIT)
        closing.result(LIMIT)
    assert events == ["lifespan.shutdown"]


def test_a_slow_startup_says_what_everybody_waits_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(asgi_host, "SLOW", 0.01)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(0.2)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    with AsgiToWsgi(app):
        assert "waiting for the application's startup for more than 0.01 s" in caplog.messages


def test_a_failed_shutdown_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failed = {"type": "lifespan.shutdown.failed", "message": "pool not empty"}
    with AsgiToWsgi(Recorded(shutdown=failed)):
        pass
    assert "the application's lifespan shutdown failed: pool not empty" in caplog.messages


def test_a_shutdown_that_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        raise ZeroDivisionError("at the end")

    with AsgiToWsgi(Starlette(lifespan=lifespan)):
        pass
    assert "at the end" in caplog.text


def test_a_shutdown_that_takes_too_long_is_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await asyncio.Event().wait()

    with AsgiToWsgi(app, shutdown_timeout=0.05):
        pass
    assert "the application's lifespan shutdown took longer than 0.05 s and was cancelled" in caplog.messages


def test_an_application_that_asks_on_after_the_shutdown_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asgi_lifespan, "RETURN_GRACE", 0.05)
    received: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while True:
            event = await receive()
            received.append(event["type"])
            await send({"type": event["type"] + ".complete"})

    with AsgiToWsgi(app):
        pass
    assert received == ["lifespan.startup", "lifespan.shutdown"]


def test_a_lifespan_that_ends_with_an_error_in_between_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await answer(send, b"ok")
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        ended.set()
        raise ZeroDivisionError("between")

    with AsgiToWsgi(app) as adapter:
        assert ended.wait(LIMIT)
        assert ask(adapter).body == b"ok"
    assert "the application's lifespan ended with an error" in caplog.messages


# ---------------------------------------------------------------- applications without a lifespan


async def raises(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        raise ValueError("http only")
    await answer(send, b"ok")


async def returns(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await answer(send, b"ok")


async def answers_anyway(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"ok")


async def exits(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        raise SystemExit(1)
    await answer(send, b"ok")


async def cancels(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        raise asyncio.CancelledError
    await answer(send, b"ok")


WITHOUT = [raises, returns, answers_anyway, exits, cancels]


@pytest.mark.parametrize("app", WITHOUT)
@pytest.mark.parametrize("mode", ["auto", "off"])
def test_an_application_without_a_lifespan_is_served_all_the_same(app: Any, mode: LifespanMode) -> None:
    with AsgiToWsgi(app, lifespan=mode) as adapter:
        assert ask(adapter).body == b"ok"


@pytest.mark.parametrize("app", WITHOUT)
def test_lifespan_on_makes_its_lack_a_failure(app: Any) -> None:
    with pytest.raises(LifespanFailed, match="lifespan='on', but it "):
        AsgiToWsgi(app, lifespan="on").start()


def test_an_application_that_waits_in_what_it_takes_for_a_request_is_let_go() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await answer(send, b"%d other tasks" % (len(asyncio.all_tasks()) - 1))
        except Exception:
            await asyncio.Event().wait()

    with AsgiToWsgi(app) as adapter:
        assert ask(adapter).body == b"0 other tasks"


def test_lifespan_off_does_not_ask() -> None:
    app = Recorded()
    with AsgiToWsgi(app, lifespan="off"):
        assert app.events == []
    assert app.events == []


def test_going_on_without_a_lifespan_is_said_quietly(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bridge.asgi")
    with AsgiToWsgi(raises):
        pass
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert "ValueError('http only')" in record.getMessage()
