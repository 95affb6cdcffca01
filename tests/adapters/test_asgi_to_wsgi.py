"""AsgiToWsgi in process: every call goes through wsgiref.validate unless a test says why not."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import io
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from a2wsgi import ASGIMiddleware
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

from bridge import AsgiToWsgi
from bridge.adapters.asgi_loop import LoopThread
from bridge.errors import (
    AdapterClosed,
    IncompleteResponse,
    InvalidEvent,
    InvalidOption,
    LoopWouldBlock,
    ReturnedTooEarly,
    TaskCancelled,
    UnexpectedEvent,
)
from tests.adapters.asgi_answers import answer, begin, block, read_body
from tests.adapters.wsgi_driver import WsgiRequest, ask, make_environ

LIMIT = 10.0  # seconds that anything may take on a loaded machine
DISCONNECT = {"type": "http.disconnect"}

Make = Callable[..., AsgiToWsgi]


@pytest.fixture
def wsgi() -> Iterator[Make]:
    """Return what makes an AsgiToWsgi of an application and options; all are closed with the test."""
    made: list[AsgiToWsgi] = []

    def make(app: Any, **options: Any) -> AsgiToWsgi:
        made.append(AsgiToWsgi(app, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def http_only(app: Any) -> Any:
    """Return `app` without a lifespan: it raises on that scope, as an application may."""

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return wrapped


@http_only
async def hello(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, b"Hello, world!", (b"content-length", b"13"))


@http_only
async def echo(scope: Any, receive: Any, send: Any) -> None:
    await answer(send, await read_body(receive))


# ---------------------------------------------------------------- requests and responses


def test_it_answers_and_is_still_an_a2wsgi_middleware(wsgi: Make) -> None:
    app = wsgi(hello)
    assert isinstance(app, ASGIMiddleware)
    got = ask(app)
    assert (got.status, got.body, got.header("content-length")) == ("200 OK", b"Hello, world!", "13")


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (200, "200 OK"),
        (404, "404 Not Found"),
        (299, "299 Unknown Status Code"),
        (599, "599 Unknown Status Code"),
    ],
)
def test_every_status_has_a_phrase(wsgi: Make, status: int, line: str) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send, status=status)
        await block(send, b"", more=False)

    assert ask(wsgi(app)).status == line


def test_response_headers_are_latin_1_in_order_and_repeated_ones_apart(wsgi: Make) -> None:
    sent = [(b"set-cookie", b"a=1"), (b"x-name", b"\xe9"), (b"set-cookie", b"b=2"), (b"connection", b"close")]

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, b"", *sent)

    assert ask(wsgi(app)).headers == [
        ("content-type", "text/plain"),
        ("set-cookie", "a=1"),
        ("x-name", "é"),
        ("set-cookie", "b=2"),
    ]


def test_a_response_of_one_event_is_a_list_so_that_the_server_can_work_out_its_length(wsgi: Make) -> None:
    assert wsgi(hello)(make_environ(), lambda *_: None) == [b"Hello, world!"]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_a_response_without_a_body_has_no_blocks(wsgi: Make, method: str, status: int) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"3")] if status == 200 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await block(send, b"abc", more=False)

    # validate wants a Content-Type for HEAD, which nothing else does
    assert ask(wsgi(app), method, validate=False).blocks == []


def test_a_stream_comes_block_by_block_as_it_is_sent(wsgi: Make) -> None:
    go_on = [threading.Event() for _ in range(3)]

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        for number, event in enumerate(go_on):
            await block(send, b"%d" % number)
            await asyncio.to_thread(event.wait, LIMIT)
        await block(send, b"", more=False)

    request = WsgiRequest(wsgi(app), make_environ())
    for number, event in enumerate(go_on):
        assert request.next_block() == b"%d" % number
        event.set()
    assert request.finish().body == b"012"


def test_an_empty_first_block_is_handed_on_because_it_sends_the_headers(wsgi: Make) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        for content in (b"", b"", b"a", b""):
            await block(send, content)
        await block(send, b"", more=False)

    assert ask(wsgi(app)).blocks == [b"", b"a"]


def test_a_stream_that_nobody_takes_waits_at_the_high_water_mark(wsgi: Make) -> None:
    sent: list[int] = []
    stalled = threading.Event()

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        def look(number: int) -> None:
            if len(sent) == number:
                stalled.set()

        await begin(send)
        for number in range(10):
            asyncio.get_running_loop().call_later(0.1, look, number)
            await block(send, b"x" * 1000)
            sent.append(number)
        await block(send, b"", more=False)

    request = WsgiRequest(wsgi(app, high_water=3500), make_environ())
    assert stalled.wait(LIMIT)
    assert len(sent) <= 4  # the first is taken; three more fit
    assert len(request.finish().body) == 10_000
    assert len(sent) == 10


def test_the_scope_is_that_of_the_request_with_the_environ_in_it(wsgi: Make) -> None:
    scopes: list[Any] = []

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await answer(send)

    ask(wsgi(app), "PUT", "/caf\xc3\xa9", SCRIPT_NAME="/app", RAW_URI="/app/caf%C3%A9?x", REMOTE_USER="ann")
    (scope,) = scopes
    assert (scope["method"], scope["path"], scope["root_path"]) == ("PUT", "/app/café", "/app")
    assert scope["raw_path"] == b"/app/caf%C3%A9"
    assert (scope["state"], scope["extensions"]) == ({}, {})
    assert scope["wsgi_environ"]["REMOTE_USER"] == "ann"


# ---------------------------------------------------------------- request bodies


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 300_000])
def test_a_body_of_any_size_arrives(wsgi: Make, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    assert ask(wsgi(echo), "POST", body=body[:size]).body == body[:size]


@pytest.mark.parametrize(
    "end",
    [{"wsgi__input_terminated": True}, {"HTTP_TRANSFER_ENCODING": "chunked"}],
    ids=["terminated", "chunked"],
)
def test_a_body_without_a_length_is_read_to_its_end(wsgi: Make, end: dict[str, Any]) -> None:
    got = ask(wsgi(echo), "POST", wsgi__input=io.BytesIO(b"abc" * 50_000), **end)
    assert got.body == b"abc" * 50_000


def test_a_chunked_body_that_the_server_leaves_undecoded_is_411_and_not_a_hang(wsgi: Make) -> None:
    got = ask(
        wsgi(echo),
        "POST",
        HTTP_TRANSFER_ENCODING="chunked",
        SERVER_SOFTWARE="WSGIServer/0.2",
        wsgi__input=io.BytesIO(b"3\r\nabc\r\n0\r\n\r\n"),
    )
    assert got.status == "411 Length Required"
    assert b"WSGIServer/0.2 does not decode" in got.body


def test_a_length_that_is_no_number_is_400(wsgi: Make) -> None:
    # validate refuses such an environ itself
    assert ask(wsgi(echo), "POST", CONTENT_LENGTH="3x", validate=False).status == "400 Bad Request"


def test_a_body_is_read_only_when_the_application_asks_for_it(wsgi: Make) -> None:
    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("nobody asked for it")

        read1 = read

    assert ask(wsgi(hello), "POST", CONTENT_LENGTH="3", wsgi__input=Unread(b"abc")).status == "200 OK"


def test_a_cancelled_receive_loses_nothing(wsgi: Make) -> None:
    reading, readable = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            reading.set()
            assert readable.wait(LIMIT)
            return super().read1(size)

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        first = asyncio.ensure_future(receive())
        await asyncio.to_thread(reading.wait, LIMIT)
        first.cancel()
        await asyncio.wait([first])
        readable.set()
        await answer(send, await read_body(receive))

    # validate's wrapper hides read1
    got = ask(wsgi(app), "POST", CONTENT_LENGTH="3", wsgi__input=Slow(b"abc"), validate=False)
    assert got.body == b"abc"


def test_reading_and_writing_may_take_turns(wsgi: Make) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        more = True
        while more:
            event = await receive()
            more = event["more_body"]
            await block(send, event["body"].upper())
        await block(send, b"", more=False)

    body = b"x" * 200_000
    assert ask(wsgi(app), "POST", body=body).body == body.upper()


def test_a_body_that_breaks_off_is_a_disconnect_and_never_complete(
    wsgi: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bridge.asgi")
    events: list[Any] = []

    async def app(request: Request) -> PlainTextResponse:
        events.append(await request.receive())
        try:
            await request.body()
        except ClientDisconnect as error:
            events.append(error)
            raise
        raise AssertionError("the body looked complete")

    starlette = Starlette(routes=[Route("/", app, methods=["POST"])])
    got = ask(wsgi(starlette, raise_errors=True), "POST", CONTENT_LENGTH="9", wsgi__input=io.BytesIO(b"abc"))
    assert isinstance(events[1], ClientDisconnect)
    assert got.status == "500 Internal Server Error"  # Starlette's own answer


def test_a_client_that_leaves_during_its_upload_is_no_error_of_the_application(
    wsgi: Make, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

        read1 = read

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert await receive() == DISCONNECT
        raise ClientDisconnect

    caplog.set_level(logging.INFO, "bridge.asgi")
    got = ask(wsgi(app), "POST", CONTENT_LENGTH="3", wsgi__input=Broken())
    assert got.status == "400 Bad Request"
    assert [record.levelname for record in caplog.records if "left" in record.message] == ["INFO"]


def test_what_the_servers_input_raises_reaches_the_server_and_ends_the_application(wsgi: Make) -> None:
    ended = threading.Event()

    class TooLarge(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OverflowError("the server's own limit")

        read1 = read

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await receive()
        finally:
            ended.set()

    with pytest.raises(OverflowError, match="own limit"):
        ask(wsgi(app, raise_errors=True), "POST", CONTENT_LENGTH="3", wsgi__input=TooLarge())
    assert ended.wait(LIMIT)


# ---------------------------------------------------------------- when the client leaves, and after the end


@pytest.mark.parametrize("before_first_next", [True, False], ids=["before the first block", "mid-stream"])
def test_closing_early_cancels_the_application_at_once(wsgi: Make, before_first_next: bool) -> None:
    events: list[Any] = []
    ended = threading.Event()

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        try:
            await block(send, b"first")
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            events.append(await receive())
            await block(send, b"dropped")
            with pytest.raises(OSError, match="the client closed the connection"):
                await block(send, b"late")
            events.append("raised")
            raise
        finally:
            ended.set()

    request = WsgiRequest(wsgi(app), make_environ())
    if not before_first_next:
        assert request.next_block() == b"first"
    request.close()
    assert ended.wait(LIMIT)
    assert events == [DISCONNECT, "raised"]


def test_a_stalled_send_of_a_closed_response_ends(wsgi: Make) -> None:
    outcomes: list[str] = []
    ended = threading.Event()

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def stream() -> None:
            while True:
                await block(send, b"x" * 1000)

        await begin(send)
        streams = [asyncio.ensure_future(stream()) for _ in range(2)]
        try:
            await asyncio.shield(asyncio.wait(streams))
        except asyncio.CancelledError:
            await asyncio.wait(streams)
            outcomes.extend(type(stream.exception()).__name__ for stream in streams)
            raise
        finally:
            ended.set()

    request = WsgiRequest(wsgi(app, high_water=10), make_environ())
    request.next_block()
    request.close()
    assert ended.wait(LIMIT)
    assert outcomes == ["ClientDisconnected"] * 2


def test_a_receive_that_waits_gets_the_disconnect_when_the_response_ends(wsgi: Make) -> None:
    received: list[Any] = []
    done = threading.Event()

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await read_body(receive)
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        await answer(send)
        received.extend([await waiting, await receive()])
        done.set()

    assert ask(wsgi(app)).body == b"ok"
    assert done.wait(LIMIT)
    assert received == [DISCONNECT, DISCONNECT]


def test_what_is_sent_after_the_end_is_ignored_and_said(wsgi: Make, caplog: pytest.LogCaptureFixture) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send)
        await block(send, b"late")

    with wsgi(app, wait_time=None) as adapter:
        assert ask(adapter).body == b"ok"
    assert "GET /: ignored 'http.response.body' after the response was complete" in caplog.messages


def test_a_server_that_refuses_the_headers_ends_the_application(wsgi: Make) -> None:
    ended = threading.Event()

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        try:
            await block(send, b"x")
            await asyncio.Event().wait()
        finally:
            ended.set()

    def refuse(*_: Any) -> None:
        raise ValueError("a header that this server does not like")

    with pytest.raises(ValueError, match="does not like"):
        wsgi(app)(make_environ(), refuse)
    assert ended.wait(LIMIT)


# ---------------------------------------------------------------- errors


def test_an_error_before_the_start_is_500_with_exc_info_and_logged_once(
    wsgi: Make, caplog: pytest.LogCaptureFixture
) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("the reason")

    got = ask(wsgi(app), "POST", "/x")
    assert (got.status, got.body) == ("500 Internal Server Error", b"Server got itself in trouble")
    assert got.exc_info is not None
    assert got.exc_info[0] is ZeroDivisionError
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.getMessage() == "POST /x: the application failed: the reason"
    assert record.exc_info is not None


def test_an_error_between_the_start_and_the_first_block_is_still_500(wsgi: Make) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        raise ZeroDivisionError

    assert ask(wsgi(app)).status == "500 Internal Server Error"


def test_raise_errors_raises_to_the_server(wsgi: Make) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("the reason")

    with pytest.raises(ZeroDivisionError, match="the reason"):
        ask(wsgi(app, raise_errors=True))


@pytest.mark.parametrize("raise_errors", [False, True])
def test_an_error_after_the_start_breaks_the_response(wsgi: Make, raise_errors: bool) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        await block(send, b"a")
        raise ZeroDivisionError("too late for a 500")

    request = WsgiRequest(wsgi(app, raise_errors=raise_errors), make_environ())
    assert request.next_block() == b"a"
    with pytest.raises(ZeroDivisionError, match="too late for a 500"):
        request.next_block()
    request.close()


@http_only
async def returns(scope: Any, receive: Any, send: Any) -> None:
    """Send nothing."""


@http_only
async def starts_only(scope: Any, receive: Any, send: Any) -> None:
    await begin(send)


@http_only
async def body_first(scope: Any, receive: Any, send: Any) -> None:
    await block(send, b"x")


@http_only
async def str_body(scope: Any, receive: Any, send: Any) -> None:
    await begin(send)
    await send({"type": "http.response.body", "body": "text"})


@http_only
async def splitting(scope: Any, receive: Any, send: Any) -> None:
    await begin(send, (b"x-a", b"1\r\nset-cookie: evil=1"))


@http_only
async def pathsend(scope: Any, receive: Any, send: Any) -> None:
    await begin(send)
    await send({"type": "http.response.pathsend", "path": "/etc/hosts"})


@http_only
async def cancels_itself(scope: Any, receive: Any, send: Any) -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("app", "error", "text"),
    [
        (returns, ReturnedTooEarly, "expected 'http.response.start' first"),
        (starts_only, ReturnedTooEarly, "expected 'http.response.body' after"),
        (body_first, UnexpectedEvent, "expected 'http.response.start' first"),
        (str_body, InvalidEvent, "expected bytes"),
        (splitting, InvalidEvent, "would split the response"),
        (pathsend, UnexpectedEvent, "http.response.pathsend"),
        (cancels_itself, TaskCancelled, "cancelled before its response was complete"),
    ],
)
def test_an_illegal_application_gets_a_clear_error(
    wsgi: Make, app: Any, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        ask(wsgi(app, raise_errors=True))


@http_only
async def stops_short(scope: Any, receive: Any, send: Any) -> None:
    await begin(send)
    await block(send, b"a")


@http_only
async def less_than_promised(scope: Any, receive: Any, send: Any) -> None:
    await begin(send, (b"content-length", b"3"))
    await block(send, b"a")
    await block(send, b"b", more=False)


@http_only
async def more_than_promised(scope: Any, receive: Any, send: Any) -> None:
    await begin(send, (b"content-length", b"3"))
    await block(send, b"a")
    await block(send, b"bcd", more=False)


@pytest.mark.parametrize(
    ("app", "error"),
    [
        (stops_short, ReturnedTooEarly),
        (less_than_promised, IncompleteResponse),
        (more_than_promised, InvalidEvent),
    ],
)
def test_an_unfinished_response_never_looks_complete(wsgi: Make, app: Any, error: type[Exception]) -> None:
    request = WsgiRequest(wsgi(app), make_environ())
    with pytest.raises(error):
        request.finish()
    assert request.answer.body == b"a"


def test_an_application_that_swallows_the_refusal_is_told_on(wsgi: Make) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(UnexpectedEvent):
            await block(send, b"x")
        await answer(send, b"after all")

    assert ask(wsgi(app)).body == b"after all"


def test_sys_exit_ends_the_request_and_not_the_loop(wsgi: Make) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/exit":
            sys.exit(3)
        await answer(send)

    adapter = wsgi(app)
    with pytest.raises(SystemExit):
        ask(adapter, path="/exit")
    assert ask(adapter).body == b"ok"


def test_sys_exit_in_a_task_of_the_application_leaves_the_loop_running(
    wsgi: Make, caplog: pytest.LogCaptureFixture
) -> None:
    async def leave() -> None:
        sys.exit(3)

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/exit":
            task = asyncio.ensure_future(leave())
            await asyncio.wait([task])
            assert isinstance(task.exception(), SystemExit)
        await answer(send)

    adapter = wsgi(app)
    assert [ask(adapter, path=path).body for path in ("/exit", "/")] == [b"ok", b"ok"]
    assert "a task raised it in the event loop; the loop goes on" in caplog.messages


# ---------------------------------------------------------------- background work


def background_app(finished: threading.Event, release: threading.Event) -> Starlette:
    async def work() -> None:
        await asyncio.to_thread(release.wait, LIMIT)
        finished.set()

    async def page(request: Request) -> JSONResponse:
        return JSONResponse({"a": 1}, background=BackgroundTask(work))

    return Starlette(routes=[Route("/", page)])


def test_background_tasks_go_on_after_the_response_and_hold_no_worker(wsgi: Make) -> None:
    finished, release = threading.Event(), threading.Event()
    adapter = wsgi(background_app(finished, release))
    assert ask(adapter).body == b'{"a":1}'
    assert not finished.is_set()
    assert ask(adapter).status == "200 OK"  # beside it
    release.set()
    assert finished.wait(LIMIT)


def test_wait_time_none_ends_the_response_after_the_background_tasks(wsgi: Make) -> None:
    finished, release = threading.Event(), threading.Event()
    request = WsgiRequest(wsgi(background_app(finished, release), wait_time=None), make_environ())
    assert request.next_block() == b'{"a":1}'
    release.set()
    assert request.finish().body == b'{"a":1}'
    assert finished.is_set()


@pytest.mark.parametrize("wait_time", [0.0, 0.05])
def test_cancel_late_cancels_what_takes_longer(wsgi: Make, wait_time: float) -> None:
    outcome: list[str] = []
    ended = threading.Event()

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            outcome.append("cancelled")
            raise
        finally:
            ended.set()

    assert ask(wsgi(app, wait_time=wait_time, cancel_late=True)).body == b"ok"
    assert ended.wait(LIMIT)
    assert outcome == ["cancelled"]


def test_an_error_after_the_end_is_logged_and_leaves_the_response_whole(
    wsgi: Make, caplog: pytest.LogCaptureFixture
) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send)
        raise ZeroDivisionError

    with wsgi(app, wait_time=None) as adapter:
        assert ask(adapter, path="/late").body == b"ok"
    assert "GET /late: the application failed after its response was complete" in caplog.messages


# ---------------------------------------------------------------- threads, loops, contexts


def test_requests_run_at_the_same_time(wsgi: Make) -> None:
    meeting = asyncio.Event()
    arrived: list[str] = []

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        arrived.append(scope["path"])
        if len(arrived) == 5:
            meeting.set()
        await asyncio.wait_for(meeting.wait(), LIMIT)
        await answer(send, scope["path"].encode())

    adapter = wsgi(app)
    with ThreadPoolExecutor(5) as pool:
        got = list(pool.map(lambda n: ask(adapter, path=f"/{n}").body, range(5)))
    assert got == [b"/0", b"/1", b"/2", b"/3", b"/4"]


def test_contextvars_of_the_worker_flow_in_and_those_of_requests_stay_apart(wsgi: Make) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen = variable.get()
        variable.set("the application's")
        await answer(send, seen.encode())

    adapter = wsgi(app)
    variable.set("the worker's")
    assert [ask(adapter).body for _ in range(2)] == [b"the worker's"] * 2
    assert variable.get() == "the worker's"


def test_all_adapters_share_one_loop_and_one_may_have_its_own(wsgi: Make) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        loops.append(asyncio.get_running_loop())
        await answer(send)

    adapters = [wsgi(app), wsgi(app), wsgi(app, loop=LoopThread(name="apart"))]
    for adapter in adapters:
        ask(adapter)
    assert loops[0] is loops[1] is not loops[2]
    assert [adapter.loop for adapter in adapters] == loops


def test_a_loop_of_somebody_else_is_used_and_left_running(wsgi: Make) -> None:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        adapter = wsgi(hello, loop=loop)
        assert ask(adapter).status == "200 OK"
        assert adapter.loop is loop
        adapter.close()
        assert loop.is_running()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_loop_that_does_not_run_is_refused(wsgi: Make) -> None:
    loop = asyncio.new_event_loop()
    try:
        with pytest.raises(InvalidOption, match="running in another thread"):
            ask(wsgi(hello, loop=loop, raise_errors=True))
    finally:
        loop.close()


def test_a_call_from_its_own_loop_is_refused_and_does_not_hang(wsgi: Make) -> None:
    @http_only
    async def calls_itself(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(LoopWouldBlock, match=r"AsgiToWsgi\(app, loop=LoopThread\(\)\)"):
            ask(adapter)
        with pytest.raises(LoopWouldBlock, match="close"):
            adapter.close()
        await answer(send)

    adapter = wsgi(calls_itself, raise_errors=True)
    assert ask(adapter).body == b"ok"


def test_a_first_call_from_the_shared_loop_is_refused_too(wsgi: Make) -> None:
    @http_only
    async def calls_another(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(LoopWouldBlock):
            ask(other)
        await answer(send)

    other = wsgi(hello, raise_errors=True)
    assert ask(wsgi(calls_another, raise_errors=True)).body == b"ok"


# ---------------------------------------------------------------- starting and closing


def test_nothing_starts_at_import_or_construction() -> None:
    code = (
        "import threading\n"
        "from bridge import AsgiToWsgi\n"
        "app = AsgiToWsgi(lambda scope, receive, send: None)\n"
        "print(threading.active_count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split() == ["1"]


def test_close_leaves_no_thread_and_refuses_requests(wsgi: Make) -> None:
    before = set(threading.enumerate())
    adapter = wsgi(hello, raise_errors=True)
    ask(adapter)
    assert len(set(threading.enumerate()) - before) == 1
    adapter.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(AdapterClosed):
        ask(adapter)
    adapter.close()


def test_a_closed_adapter_leaves_the_loop_to_the_others(wsgi: Make) -> None:
    first, second = wsgi(hello), wsgi(hello)
    ask(first)
    ask(second)
    first.close()
    assert ask(second).status == "200 OK"


def test_close_waits_for_requests_under_way(wsgi: Make) -> None:
    started, release = threading.Event(), threading.Event()

    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        started.set()
        await asyncio.to_thread(release.wait, LIMIT)
        await answer(send, b"finished")

    adapter = wsgi(app)
    with ThreadPoolExecutor(2) as pool:
        request = pool.submit(ask, adapter)
        assert started.wait(LIMIT)
        closing = pool.submit(adapter.close)
        release.set()
        assert request.result(LIMIT).body == b"finished"
        closing.result(LIMIT)


def test_close_cancels_and_names_what_takes_too_long(wsgi: Make, caplog: pytest.LogCaptureFixture) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        await block(send, b"a")
        await asyncio.Event().wait()

    adapter = wsgi(app, shutdown_timeout=0.05)
    request = WsgiRequest(adapter, make_environ(path="/endless"))
    assert request.next_block() == b"a"
    adapter.close()
    with pytest.raises(TaskCancelled):
        request.next_block()
    request.close()
    assert any(message.startswith("GET /endless: still running") for message in caplog.messages)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"app": "not callable"}, "app='not callable'"),
        ({"wait_time": -1}, "wait_time=-1"),
        ({"lifespan": "maybe"}, "'auto', 'on' or 'off'"),
        ({"high_water": -1}, "high_water=-1"),
        ({"shutdown_timeout": -1}, "shutdown_timeout=-1"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidOption, match=text):
        AsgiToWsgi(**{"app": hello, **options})


def test_the_guides_table_has_every_option_with_its_default() -> None:
    guide = Path(__file__).parents[2] / "migration_guide" / "asgi-in-wsgi.md"
    table = dict(re.findall(r"^\| `(\w+)` \| `(.*?)` \|", guide.read_text("utf-8"), re.MULTILINE))
    parameters = inspect.signature(AsgiToWsgi).parameters.values()
    assert table == {each.name: repr(each.default) for each in parameters if each.kind is each.KEYWORD_ONLY}


def test_many_requests_leave_no_tasks_behind(wsgi: Make) -> None:
    @http_only
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/count":
            others = asyncio.all_tasks() - {asyncio.current_task()}
            left = (await asyncio.wait(others, timeout=LIMIT))[1] if others else others
            await answer(send, b"%d" % len(left))
            return
        await begin(send)
        await block(send, b"x")
        if scope["path"] == "/abort":
            await asyncio.Event().wait()
        await block(send, b"", more=False)

    adapter = wsgi(app)
    for _ in range(20):
        assert ask(adapter).body == b"x"
        aborted = WsgiRequest(adapter, make_environ(path="/abort"))
        aborted.next_block()
        aborted.close()
    assert ask(adapter, path="/count").body == b"0"


def test_starlette_streams_and_stops_when_the_client_leaves(wsgi: Make) -> None:
    closed = threading.Event()

    async def endless(request: Request) -> StreamingResponse:
        async def blocks() -> Any:
            try:
                while True:
                    yield b"tick"
                    await asyncio.sleep(0)
            finally:
                closed.set()

        return StreamingResponse(blocks(), media_type="text/plain")

    request = WsgiRequest(wsgi(Starlette(routes=[Route("/", endless)])), make_environ())
    assert [request.next_block() for _ in range(3)] == [b"tick"] * 3
    request.close()
    assert closed.wait(LIMIT)
