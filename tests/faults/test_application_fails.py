"""The application breaks, in every way it can: its client gets what is due, its thread goes on to the next request."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from bridge import ErrorResponse, WsgiToAsgi
from tests.asgi_driver import Answer, AsgiCall
from tests.faults.rig import Counted, Meeting

LANES = ["thread", "greenlet"]

Bridged = Callable[..., WsgiToAsgi]

ERRORS = {
    "Exception": ValueError("its own"),
    "SystemExit": SystemExit(3),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "GeneratorExit": GeneratorExit(),
    "CancelledError": asyncio.CancelledError(),
    "OSError": OSError("its own: a file is missing"),
    "StopIteration": StopIteration("from a next() that found nothing"),
    "MemoryError": MemoryError(),
    "RecursionError": RecursionError("maximum recursion depth exceeded"),
}


def ok(start_response: Any, *headers: tuple[str, str]) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain"), *headers])


def fine(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    ok(start_response)
    return [b"fine"]


class Breaking:
    """Raises on /break, at the point of its name, and answers all else."""

    def __init__(self, point: str, error: BaseException) -> None:
        self.point = point
        self.error = error

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/break":
            return fine(environ, start_response)
        if self.point == "in the call":
            raise self.error
        if self.point == "after start_response":
            ok(start_response)
            raise self.error
        if self.point == "after write":
            ok(start_response)(b"written")
            raise self.error
        return BreakingBlocks(self.point, self.error, start_response)


class BreakingBlocks:
    def __init__(self, point: str, error: BaseException, start_response: Any) -> None:
        self.point = point
        self.error = error
        self.blocks = 0
        ok(start_response)

    def __iter__(self) -> BreakingBlocks:
        if self.point == "in iter":
            raise self.error
        return self

    def __next__(self) -> bytes:
        self.blocks += 1
        if self.point == "at the first block" and self.blocks == 1:
            raise self.error
        if self.point == "at the second block" and self.blocks == 2:
            raise self.error
        if self.blocks == 3:
            raise StopIteration
        return b"block"

    def close(self) -> None:
        if self.point == "in close":
            raise self.error


BEFORE_HEADERS = ["in the call", "after start_response", "in iter", "at the first block"]
AFTER_HEADERS = ["after write", "at the second block"]


async def answer_or_error(call: AsgiCall) -> tuple[Answer, BaseException | None]:
    try:
        return await call.run(), None
    except Exception as error:
        return call.answer(), error


def points_and_errors(*points: str) -> list[tuple[str, str]]:
    """Return every error at every point, but for StopIteration where it is how an iterator ends."""
    ends = {("at the first block", "StopIteration"), ("at the second block", "StopIteration")}
    return [(point, name) for point in points for name in ERRORS if (point, name) not in ends]


@pytest.mark.parametrize(("point", "name"), points_and_errors(*BEFORE_HEADERS))
async def test_an_error_before_the_headers_is_a_500(bridged: Bridged, point: str, name: str) -> None:
    bridge = bridged(Breaking(point, ERRORS[name]), max_threads=1)
    answer = await AsgiCall(bridge, path="/break").run()
    assert (answer.status, answer.complete) == (500, True)
    assert (await AsgiCall(bridge).run()).body == b"fine", "the only thread is lost"


@pytest.mark.parametrize(("point", "name"), points_and_errors(*AFTER_HEADERS))
async def test_an_error_after_the_headers_breaks_the_connection_off(
    bridged: Bridged, point: str, name: str
) -> None:
    """It is raised into the server; SystemExit and its kind would end that, so they travel as a cause."""
    bridge = bridged(Breaking(point, ERRORS[name]), max_threads=1)
    call = AsgiCall(bridge, path="/break")
    with pytest.raises(Exception) as raised:
        await call.run()
    assert ERRORS[name] in {raised.value, raised.value.__cause__}
    assert call.answer().status == 200
    assert not call.answer().complete
    assert (await AsgiCall(bridge).run()).body == b"fine", "the only thread is lost"


@pytest.mark.parametrize("name", ERRORS)
async def test_an_error_in_close_changes_no_response(
    bridged: Bridged, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    bridge = bridged(Breaking("in close", ERRORS[name]), max_threads=1)
    answer = await AsgiCall(bridge, path="/break").run()
    assert (answer.status, answer.body, answer.complete) == (200, b"blockblock", True)
    assert (await AsgiCall(bridge).run()).body == b"fine", "the only thread is lost"
    assert [record.getMessage() for record in caplog.records] == [
        "GET /break: close() of the response iterable failed"
    ]


async def test_an_error_in_close_after_an_error_does_not_hide_it(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        if environ:
            raise ValueError("the first")
        yield b"never"

    counted = Counted(app, raise_in_close=ValueError("the second"))
    assert (await AsgiCall(bridged(counted)).run()).status == 500
    assert counted.closes == 1
    errors = [str(record.exc_info[1]) for record in caplog.records if record.exc_info]
    assert sorted(errors) == ["the first", "the second"]


# ---------------------------------------------------------------- what else belongs to the application


async def test_an_application_may_clear_its_environ_and_fail(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    """environ belongs to the application; what the bridge needs for its log must not lie in there only."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/":
            return fine(environ, start_response)
        environ.clear()
        raise ValueError("and fails")

    bridge = bridged(app, max_threads=1)
    assert (await AsgiCall(bridge, path="/clear", query=b"a=1").run()).status == 500
    assert (await AsgiCall(bridge).run()).body == b"fine"
    assert caplog.records[0].getMessage() == "GET /clear: the application failed"


async def test_an_application_may_clear_its_environ_and_answer(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        wrapper = environ["wsgi.file_wrapper"]
        environ.clear()
        ok(start_response)
        assert wrapper
        yield b"one"
        yield b"two"

    assert (await AsgiCall(bridged(app)).run()).body == b"onetwo"


class BrokenFilter(logging.Filter):
    """As one that reads `flask.request` outside of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        raise RuntimeError("working outside of request context")


async def test_logging_that_raises_costs_no_thread(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/":
            return fine(environ, start_response)
        raise ValueError("its own")

    bridge = bridged(app, max_threads=1)
    log = logging.getLogger("bridge.http")
    broken = BrokenFilter()
    log.addFilter(broken)
    try:
        answer, error = await answer_or_error(AsgiCall(bridge, path="/break"))
    finally:
        log.removeFilter(broken)
    assert answer.status is None
    assert str(error) == "working outside of request context", "the server is told"
    assert (await AsgiCall(bridge).run()).body == b"fine"


# ---------------------------------------------------------------- on_error


def failing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise ValueError("the application's own")


@pytest.mark.parametrize("kind", [RuntimeError, ConnectionError], ids=["an error", "an OSError"])
@pytest.mark.parametrize("later", [False, True], ids=["sync", "async"])
async def test_an_on_error_that_fails_is_the_servers_to_answer(
    bridged: Bridged, kind: type[Exception], later: bool
) -> None:
    """An OSError among them: the hook's own connection broke, not the client's."""
    error = kind("the error reporting is down")

    def hook(exc: BaseException, scope: Any) -> ErrorResponse:
        raise error

    async def async_hook(exc: BaseException, scope: Any) -> ErrorResponse:
        raise error

    call = AsgiCall(bridged(failing, on_error=async_hook if later else hook))
    answer, raised = await answer_or_error(call)
    assert raised is error
    assert answer.status is None


async def test_an_async_on_error_whose_client_left_while_the_application_failed_is_not_called_in_vain(
    bridged: Bridged, recwarn: pytest.WarningsRecorder
) -> None:
    """Nobody is left to await it: a coroutine that is never awaited would be reported by Python."""
    meeting = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["bridge.disconnected"]()
        meeting.arrive()
        raise ValueError("too late")

    async def hook(exc: BaseException, scope: Any) -> ErrorResponse:
        return ErrorResponse()

    bridge = bridged(app, on_error=hook)
    call = AsgiCall(bridge)
    async with call.running() as request:
        await meeting.arrived()
        call.disconnect()
        await asyncio.wait([request], timeout=5.0)
        meeting.let_go()
    assert await bridge.executor.drain() == []
    assert call.events == []
    assert not recwarn.list


# ---------------------------------------------------------------- endless


async def test_an_application_that_sends_more_than_its_Content_Length_is_stopped(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    """PEP 3333: "should stop iterating over the response when enough data has been sent"."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response, ("Content-Length", "4"))
        while True:
            yield b"abc"

    counted = Counted(app)
    answer = await AsgiCall(bridged(counted)).run()
    assert (answer.body, answer.complete) == (b"abca", True)
    assert counted.closes == 1
    assert "more than its Content-Length" in caplog.text


async def test_a_thread_that_the_application_started_may_outlive_its_request(bridged: Bridged) -> None:
    """It calls what the request gave it when the request is over: an error at worst, never a wait."""
    over = threading.Event()
    outcome: list[str] = []

    def late(environ: dict[str, Any], write: Any) -> None:
        assert over.wait(10.0)
        for action in (environ["wsgi.input"].read, environ["bridge.disconnected"], lambda: write(b"late")):
            try:
                outcome.append(repr(action()))
            except Exception as error:
                outcome.append(type(error).__name__)

    threads: list[threading.Thread] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [("Content-Length", "4")])
        threads.append(threading.Thread(target=late, args=(environ, write)))
        threads[0].start()
        return [b"over"]

    bridge = bridged(app)
    assert (await AsgiCall(bridge, body=None).run()).body == b"over"
    over.set()
    await asyncio.to_thread(threads[0].join, 10.0)
    assert not threads[0].is_alive()
    assert outcome[:2] == ["ClientDisconnected", "False"]


async def test_an_early_hint_after_the_start_is_dropped(bridged: Bridged) -> None:
    """103 is an interim response; whether the start has been sent yet must not matter, only that it was made."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        write = ok(start_response)
        write(b"one")
        environ["wsgi.early_hints"]([("Link", "</late.css>; rel=preload")])
        yield b"two"

    bridge = bridged(app)
    call = AsgiCall(bridge, extensions={"http.response.early_hint": {}})
    assert (await call.run()).body == b"onetwo"
    assert call.events[0]["type"] == "http.response.start"
