"""WSGI middleware around an ASGI application: nothing of ASGI may be lost on the way through the thread."""

from __future__ import annotations

import asyncio
import contextvars
import gzip
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.lint import LintMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from bridge import ErrorResponse, ThreadExecutor, WsgiMiddleware
from bridge.adapters.inner_call import Link
from bridge.adapters.wsgi_middleware import _link
from bridge.errors import EnvironLost, InvalidOption, LoopWouldBlock
from tests.adapters.asgi_answers import answer, begin, block, read_body
from tests.asgi_driver import AsgiCall, AsgiLifespan, exchange

LIMIT = 10.0  # seconds
DISCONNECT = {"type": "http.disconnect"}

Make = Callable[..., WsgiMiddleware]


@pytest.fixture
async def middleware() -> AsyncIterator[Make]:
    """Return what makes a WsgiMiddleware; the threads of all end with the test."""
    executor = ThreadExecutor()

    def make(app: Any, wrap: Any = lambda app: app, **options: Any) -> WsgiMiddleware:
        return WsgiMiddleware(app, wrap, executor=executor, **options)

    yield make
    await executor.drain()


class Change:
    """A WSGI middleware that changes environ and adds a header."""

    def __init__(self, app: Any, **changes: str) -> None:
        self.app = app
        self.changes = changes

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.update(self.changes)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("X-Middleware", "was here")], exc_info)

        result: Iterable[bytes] = self.app(environ, start)
        return result


# ---------------------------------------------------------------- requests and responses


async def test_the_middleware_sees_the_request_and_the_response(middleware: Make) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, (await read_body(receive)).upper())

    call = AsgiCall(
        middleware(app, Change), method="POST", body=[b"one ", b"two"], headers=[(b"content-length", b"7")]
    )
    got = await call.run()
    assert (got.status, got.body, got.complete) == (200, b"ONE TWO", True)
    assert got.header(b"x-middleware") == b"was here"


async def test_the_application_sees_the_servers_scope_with_the_middlewares_changes(middleware: Make) -> None:
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await answer(send)

    changes = {"REMOTE_USER": "ann", "PATH_INFO": "/b", "SCRIPT_NAME": "/v1", "HTTP_X_USER": "ann"}
    headers = [(b"x-a", b"1"), (b"x-a", b"2"), (b"x-user", b"forged")]
    call = AsgiCall(
        middleware(app, lambda app: Change(app, **changes)),
        path="/a",
        headers=headers,
        state={"pool": "the server's"},
        extensions={"tls": {"cipher_suite": 1}, "http.response.pathsend": {}},
        custom="kept",
    )
    await call.run()
    (scope,) = scopes
    assert (scope["path"], scope["root_path"], scope["custom"]) == ("/v1/b", "/v1", "kept")
    assert scope["headers"] == [(b"host", b"testserver"), *headers[:2], (b"x-user", b"ann")]
    assert scope["state"] is call.scope["state"]
    assert scope["extensions"] == {"tls": {"cipher_suite": 1}}
    assert scope["wsgi_environ"]["REMOTE_USER"] == "ann"
    assert "bridge.link" not in scope
    assert (call.scope["path"], call.scope["headers"][-1]) == ("/a", (b"x-user", b"forged"))


async def test_the_application_runs_on_the_servers_loop_and_the_middleware_in_a_thread(
    middleware: Make,
) -> None:
    where: dict[str, Any] = {}

    def wrap(app: Any) -> Any:
        def wrapped(environ: Any, start_response: Any) -> Any:
            where["middleware"] = threading.current_thread()
            return app(environ, start_response)

        return wrapped

    async def app(scope: Any, receive: Any, send: Any) -> None:
        where.update(loop=asyncio.get_running_loop(), app=threading.current_thread())
        await answer(send)

    await AsgiCall(middleware(app, wrap)).run()
    assert where["loop"] is asyncio.get_running_loop()
    assert where["app"] is threading.current_thread() is not where["middleware"]


async def test_blocks_stream_in_both_directions(middleware: Make) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        more = True
        while more:
            event = await receive()
            more = event["more_body"]
            await block(send, event["body"].upper(), more=more)

    chunked = [(b"transfer-encoding", b"chunked")]
    call = AsgiCall(middleware(app, Change), method="POST", headers=chunked, body=None)
    async with call.running():
        for number, piece in enumerate([b"one", b"two", b"three"]):
            call.feed(piece, more_body=True)
            event = await call.event_sent(2 + number)
            assert event["body"] == piece.upper()
        call.feed(b"")
    assert call.answer().body == b"ONETWOTHREE"


async def test_a_middleware_may_answer_by_itself(middleware: Make) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("not to be called")

    def refuse(app: Any) -> Any:
        def refusal(environ: Any, start_response: Any) -> Iterable[bytes]:
            start_response("401 Unauthorized", [("Content-Type", "text/plain")])
            return [b"who are you?"]

        return refusal

    got = await AsgiCall(middleware(app, refuse)).run()
    assert (got.status, got.body) == (401, b"who are you?")


async def test_a_middleware_may_rewrite_bodies(middleware: Make) -> None:
    def compress(app: Any) -> Any:
        def compressing(environ: Any, start_response: Any) -> Iterable[bytes]:
            started: list[Any] = []
            blocks = app(environ, lambda *arguments: started.append(arguments))
            body = gzip.compress(b"".join(blocks))
            if hasattr(blocks, "close"):
                blocks.close()
            start_response(started[0][0], [*started[0][1], ("Content-Encoding", "gzip")])
            return [body]

        return compressing

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        for _ in range(100):
            await block(send, b"x" * 1000)
        await block(send, b"", more=False)

    got = await AsgiCall(middleware(app, compress, high_water=1500)).run()
    assert gzip.decompress(got.body) == b"x" * 100_000


@pytest.mark.parametrize(("path", "expected"), [("/legacy/x", b"legacy /x"), ("/x", b"modern /x")])
async def test_werkzeugs_dispatcher_lint_and_proxy_fix(middleware: Make, path: str, expected: bytes) -> None:
    def legacy(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "9")])
        return [b"legacy " + environ["PATH_INFO"].encode()]

    async def modern(request: Request) -> PlainTextResponse:
        assert request.client is not None
        assert (request.client.host, request.url.scheme) == ("10.0.0.7", "https")
        return PlainTextResponse(f"modern {request.url.path}")

    app = middleware(
        Starlette(routes=[Route("/{rest:path}", modern)]),
        lambda app: LintMiddleware(ProxyFix(DispatcherMiddleware(app, {"/legacy": legacy}))),
    )
    forwarded = [(b"x-forwarded-for", b"10.0.0.7"), (b"x-forwarded-proto", b"https")]
    got = await AsgiCall(app, path=path, headers=forwarded).run()
    assert got.body == expected


# ---------------------------------------------------------------- what goes around the thread


async def test_contextvars_flow_in_through_the_middleware_and_back_out(middleware: Make) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")
    seen: list[str] = []

    def wrap(app: Any) -> Any:
        def wrapped(environ: Any, start_response: Any) -> Any:
            seen.append(variable.get())
            variable.set("middleware")
            blocks = app(environ, start_response)
            seen.append(variable.get())
            return blocks

        return wrapped

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(variable.get())
        variable.set("application")
        await answer(send)

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        variable.set("server")
        await inner(scope, receive, send)
        seen.append(variable.get())

    inner = middleware(app, wrap)
    await AsgiCall(outer).run()
    assert seen == ["server", "middleware", "application", "application"]


async def test_keys_that_the_application_adds_to_its_scope_reach_the_outer_middleware(
    middleware: Make,
) -> None:
    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    call = AsgiCall(middleware(Starlette(routes=[Route("/{name}", page)])), path="/x")
    before = set(call.scope)
    await call.run()
    assert call.scope["endpoint"] is page
    assert call.scope["path_params"] == {"name": "x"}
    assert {"wsgi_environ", "bridge.link"}.isdisjoint(set(call.scope) - before)


async def test_a_client_that_leaves_a_waiting_stream_ends_it_and_frees_the_thread(middleware: Make) -> None:
    ended = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        try:
            await block(send, b"first")
            await asyncio.Event().wait()
        finally:
            ended.set()

    adapter = middleware(app, Change)
    call = AsgiCall(adapter)
    async with call.running():
        await call.event_sent(2)
        call.disconnect()
        await asyncio.wait_for(ended.wait(), LIMIT)
    assert not call.answer().complete


async def test_a_client_that_leaves_a_long_poll_is_told_about(middleware: Make) -> None:
    events: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await read_body(receive)
        events.append(await receive())

    call = AsgiCall(
        middleware(app, Change), method="POST", headers=[(b"content-length", b"3")], body=[b"ab", b"c"]
    )
    async with call.running():
        call.disconnect()
    assert events == [DISCONNECT]


async def test_a_client_that_leaves_before_the_response_does_not_cancel_what_it_asked_for(
    middleware: Make,
) -> None:
    told, go_on = asyncio.Event(), asyncio.Event()
    finished: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def watch() -> None:
            await read_body(receive)
            assert await receive() == DISCONNECT
            told.set()

        watching = asyncio.ensure_future(watch())
        await go_on.wait()
        await watching
        finished.append("committed")
        await answer(send)

    call = AsgiCall(middleware(app, Change))
    async with call.running():
        call.disconnect()
        await asyncio.wait_for(told.wait(), LIMIT)
        go_on.set()
    assert finished == ["committed"]


async def test_an_upload_that_breaks_off_is_a_disconnect(middleware: Make) -> None:
    events: list[Any] = []
    begun = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        events.append(await receive())
        begun.set()
        events.append(await receive())
        await answer(send)

    call = AsgiCall(middleware(app), method="POST", headers=[(b"content-length", b"9")], body=None)
    async with call.running():
        call.feed(b"abc", more_body=True)
        await asyncio.wait_for(begun.wait(), LIMIT)
        call.disconnect()
    assert [event["type"] for event in events] == ["http.request", "http.disconnect"]


@pytest.mark.parametrize("started", [False, True])
async def test_a_cancelled_request_cancels_the_application_and_frees_the_thread(
    middleware: Make, started: bool
) -> None:
    running = asyncio.Event()
    ended: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            if started:
                await begin(send)
                await block(send, b"first")
            running.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    call = AsgiCall(middleware(app, Change))
    task = asyncio.ensure_future(call.run())
    await asyncio.wait_for(running.wait(), LIMIT)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["cancelled"]


async def test_the_request_lasts_as_long_as_its_background_work(middleware: Make) -> None:
    finish = asyncio.Event()
    finished: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send)
        await finish.wait()
        finished.append("background")

    call = AsgiCall(middleware(app))
    async with call.running() as task:
        await call.event_sent(2)
        assert not task.done()
        finish.set()
    assert finished == ["background"]


async def test_an_error_after_the_response_reaches_the_server(middleware: Make) -> None:
    """Starlette answers 500 and raises; a tracing middleware around all of it must see the exception."""

    async def page(request: Request) -> PlainTextResponse:
        raise ZeroDivisionError("in the page")

    call = AsgiCall(middleware(Starlette(routes=[Route("/", page)]), Change))
    with pytest.raises(ZeroDivisionError, match="in the page"):
        await call.run()
    assert (call.answer().status, call.answer().complete) == (500, True)
    assert call.answer().header(b"x-middleware") == b"was here"


async def test_an_error_before_the_response_reaches_the_middleware_then_on_error(middleware: Make) -> None:
    seen: list[BaseException] = []

    def wrap(app: Any) -> Any:
        def wrapped(environ: Any, start_response: Any) -> Any:
            try:
                return app(environ, start_response)
            except ZeroDivisionError as error:
                seen.append(error)
                raise

        return wrapped

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    got = await AsgiCall(middleware(app, wrap, on_error=lambda *_: ErrorResponse(503, body=b"sorry"))).run()
    assert (got.status, got.body) == (503, b"sorry")
    assert len(seen) == 1


async def test_an_error_in_the_middle_of_a_response_breaks_it(middleware: Make) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        await block(send, b"a")
        raise ZeroDivisionError

    call = AsgiCall(middleware(app))
    with pytest.raises(ZeroDivisionError):
        await call.run()
    assert not call.answer().complete


async def test_a_middleware_that_forgets_to_close_leaves_no_task(middleware: Make) -> None:
    ended: list[str] = []

    def careless(app: Any) -> Any:
        def first_block_only(environ: Any, start_response: Any) -> Iterable[bytes]:
            return [next(iter(app(environ, start_response)))]

        return first_block_only

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await begin(send)
        try:
            await block(send, b"first")
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    got = await AsgiCall(middleware(app, careless)).run()
    assert (got.body, ended) == (b"first", ["ended"])


async def test_a_middleware_that_asks_twice_gets_two_answers(middleware: Make) -> None:
    asked: list[str] = []

    def retry(app: Any) -> Any:
        def retrying(environ: Any, start_response: Any) -> Iterable[bytes]:
            blocks: list[bytes] = []
            for path in ("/first", "/second"):
                blocks += app(dict(environ, PATH_INFO=path), start_response)
            return blocks

        return retrying

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await answer(send, scope["path"].encode())

    def last_start_counts(app: Any) -> Any:
        def counting(environ: Any, start_response: Any) -> Iterable[bytes]:
            starts: list[Any] = []
            blocks = app(environ, lambda *arguments: starts.append(arguments))
            start_response(*starts[-1])
            result: Iterable[bytes] = blocks
            return result

        return counting

    got = await AsgiCall(middleware(app, lambda app: last_start_counts(retry(app)))).run()
    assert (asked, got.body) == (["/first", "/second"], b"/first/second")


# ---------------------------------------------------------------- lifespan, WebSocket, options


async def test_the_lifespan_is_the_applications_with_its_state() -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await answer(send, scope["state"]["name"])
            return
        scope["state"]["name"] = b"from startup"
        for phase in ("startup", "shutdown"):
            events.append((await receive())["type"])
            await send({"type": f"lifespan.{phase}.complete"})

    adapter = WsgiMiddleware(app, Change)
    async with AsgiLifespan(adapter) as lifespan:
        assert (await AsgiCall(adapter, state=lifespan.state).run()).body == b"from startup"
    assert events == ["lifespan.startup", "lifespan.shutdown"]


async def test_requests_are_drained_before_the_applications_shutdown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    running = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            running.set()
            await asyncio.Event().wait()
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})

    executor = ThreadExecutor(shutdown_timeout=0.05, idle_timeout=0.05)
    adapter = WsgiMiddleware(app, Change, executor=executor)
    async with AsgiLifespan(adapter):
        request = asyncio.ensure_future(AsgiCall(adapter, path="/slow").run())
        await asyncio.wait_for(running.wait(), LIMIT)
    request.cancel()
    await asyncio.wait([request])
    assert "shutdown left 1 requests unfinished: GET /slow" in caplog.messages


@pytest.mark.parametrize("reads", [False, True])
@pytest.mark.parametrize("raises", [False, True])
async def test_an_application_without_a_lifespan_is_served_all_the_same(
    reads: bool, raises: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bridge.asgi")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await answer(send)
        elif reads:
            await receive()
        if scope["type"] != "http" and raises:
            raise NotImplementedError

    adapter = WsgiMiddleware(app, Change)
    async with AsgiLifespan(adapter):
        assert (await AsgiCall(adapter).run()).body == b"ok"
    assert ("NotImplementedError" in caplog.text) == raises


async def test_a_lifespan_that_fails_after_its_startup_fails() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        raise ZeroDivisionError("in the shutdown")

    with pytest.raises(ZeroDivisionError, match="in the shutdown"):
        async with AsgiLifespan(WsgiMiddleware(app, Change)):
            pass


async def test_a_websocket_goes_to_the_application_as_it_is(middleware: Make) -> None:
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await receive()
        await send({"type": "websocket.accept"})

    scope = {"type": "websocket", "path": "/", "headers": []}
    assert await exchange(middleware(app, Change), scope, [{"type": "websocket.connect"}]) == [
        {"type": "websocket.accept"}
    ]
    assert scopes[0] is scope


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("no application", Change), "app='no application'"),
        ((answer, lambda app: None), "returns a WSGI application"),
    ],
    ids=["app", "wrap"],
)
def test_arguments_that_make_no_sense_are_refused(arguments: Any, text: str) -> None:
    with pytest.raises(InvalidOption, match=text):
        WsgiMiddleware(*arguments)


async def test_a_middleware_that_makes_its_own_environ_is_told(
    middleware: Make, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send)

    def forgetful(app: Any) -> Any:
        return lambda environ, start_response: app({"PATH_INFO": "/"}, start_response)

    assert (await AsgiCall(middleware(app, forgetful)).run()).status == 500
    assert "dict(environ, PATH_INFO='/elsewhere')" in caplog.text
    with pytest.raises(EnvironLost):
        _link({"asgi.scope": {}})


async def test_on_the_loops_own_thread_it_refuses_to_wait_for_itself() -> None:
    async def receive() -> Any:
        raise AssertionError("nobody asks")

    link = Link({}, receive, asyncio.get_running_loop())
    with pytest.raises(LoopWouldBlock, match="an executor that runs in threads"):
        _link({"asgi.scope": {"bridge.link": link}})
