"""Starlette's BaseHTTPMiddleware: it runs the bridge in a task of its own, between two memory streams."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall
from tests.faults.rig import LIMIT, Counted, Meeting, in_thread

Bridged = Callable[..., WsgiToAsgi]

USER: contextvars.ContextVar[str] = contextvars.ContextVar("USER", default="nobody")


def ok(start_response: Any) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain")])


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    ok(start_response)
    return [body, b" ", environ.get("CONTENT_LENGTH", "none").encode()]


def stacked(app: Any, *dispatches: Any) -> Any:
    """Return the application inside a BaseHTTPMiddleware for each dispatch, the first outermost."""
    for dispatch in reversed(dispatches):
        app = BaseHTTPMiddleware(app, dispatch=dispatch)
    return app


async def add_header(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers["x-added"] = "yes"
    return response


async def read_body_first(request: Request, call_next: RequestResponseEndpoint) -> Response:
    body = await request.body()
    response = await call_next(request)
    response.headers["x-body"] = str(len(body))
    return response


async def look_only(request: Request, call_next: RequestResponseEndpoint) -> Response:
    return await call_next(request)


def upload(app: Any, *pieces: bytes, **more: Any) -> AsgiCall:
    headers = [(b"content-length", b"%d" % sum(map(len, pieces)))]
    return AsgiCall(app, method="POST", headers=headers, body=list(pieces), **more)


async def test_it_adds_a_header(bridged: Bridged) -> None:
    answer = await upload(stacked(bridged(echo), add_header), b"body").run()
    assert (answer.body, answer.header(b"x-added")) == (b"body 4", b"yes")


async def test_it_reads_the_body_first_and_the_application_reads_it_again(bridged: Bridged) -> None:
    answer = await upload(stacked(bridged(echo), read_body_first), b"one ", b"two").run()
    assert (answer.body, answer.header(b"x-body")) == (b"one two 7", b"7")


async def test_it_reads_a_body_larger_than_the_window_first(bridged: Bridged) -> None:
    pieces = [b"x" * 1000] * 300
    app = stacked(bridged(echo, body_window=1000), read_body_first, look_only)
    answer = await upload(app, *pieces).run()
    assert answer.body == b"x" * 300_000 + b" 300000"


async def test_it_streams_block_by_block(bridged: Bridged) -> None:
    between = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        yield b"one"
        between.arrive()
        yield b"two"

    call = AsgiCall(stacked(bridged(Counted(app)), look_only, add_header))
    async with call.running():
        await call.event_sent(2)
        assert call.events[1]["body"] == b"one"
        await between.arrived()
        between.let_go()
    assert call.answer().body == b"onetwo"


@pytest.mark.parametrize("depth", [1, 3])
async def test_a_client_that_leaves_ends_a_stream_behind_it(bridged: Bridged, depth: int) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        while True:
            yield b"for ever"

    counted = Counted(app)
    bridge = bridged(counted, high_water=1000)
    call = AsgiCall(stacked(bridge, *[look_only] * depth))
    async with call.running():
        await call.event_sent(3)
        call.disconnect()
    assert await bridge.executor.drain() == []
    assert counted.closes == 1


async def test_a_client_that_leaves_mid_upload_is_an_OSError_behind_it(bridged: Bridged) -> None:
    raised: list[str] = []
    called = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        called.pass_by()
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            raised.append(type(error).__name__)
            raise
        return []

    bridge = bridged(app, body_wait=0)
    call = AsgiCall(
        stacked(bridge, look_only), method="POST", headers=[(b"content-length", b"10")], body=None
    )
    request = asyncio.ensure_future(call._call())
    call.feed(b"part", more_body=True)
    await called.arrived()
    call.disconnect()
    await asyncio.wait([request], timeout=LIMIT)
    assert request.done()
    # Starlette reports "No response returned." to the server; there is nobody to answer.
    assert isinstance(request.exception(), (RuntimeError, type(None)))
    assert await bridge.executor.drain() == []
    assert raised == ["ClientDisconnected"]


async def test_an_error_before_the_headers_passes_as_the_500_it_is(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError("before")

    answer = await AsgiCall(stacked(bridged(app), add_header)).run()
    assert (answer.status, answer.header(b"x-added"), answer.complete) == (500, b"yes", True)


async def test_an_error_after_the_headers_reaches_the_server_as_a_native_applications_does(
    bridged: Bridged,
) -> None:
    """Starlette ends the body before it raises the error, for every application: a fault of that class."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        yield b"one"
        raise ValueError("after")

    async def native(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        raise ValueError("after")

    calls = [AsgiCall(stacked(inner, add_header)) for inner in (bridged(Counted(app)), native)]
    for call in calls:
        with pytest.raises(ValueError, match="after"):
            await call.run()
    assert calls[0].events == calls[1].events


async def test_it_refuses_without_the_application(bridged: Bridged) -> None:
    def never(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise AssertionError("the application must not be called")

    async def refuse(request: Request, call_next: RequestResponseEndpoint) -> Response:
        return PlainTextResponse("who are you?", 401)

    assert (await upload(stacked(bridged(never), refuse), b"body").run()).status == 401


async def test_it_answers_in_place_of_the_application_whose_stream_then_ends(bridged: Bridged) -> None:
    """It took the bridge's response and threw it away: nobody will ever read that stream."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        while True:
            yield b"for ever"

    async def replace(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await call_next(request)
        return PlainTextResponse("replaced")

    counted = Counted(app)
    bridge = bridged(counted, high_water=1000)
    assert (await AsgiCall(stacked(bridge, replace)).run()).body == b"replaced"
    assert await bridge.executor.drain() == []
    assert counted.closes == 1


async def test_it_wraps_the_stream_in_one_of_its_own(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        yield from (b"a", b"b", b"c")

    async def shout(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        blocks = response.body_iterator  # type: ignore[attr-defined] # of what call_next returns

        async def upper() -> Any:
            async for block in blocks:
                yield block.upper()

        return StreamingResponse(upper(), headers={"content-type": "text/plain"})

    assert (await AsgiCall(stacked(bridged(app), shout)).run()).body == b"ABC"


async def test_its_context_reaches_the_application(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        ok(start_response)
        return [USER.get().encode(), b" ", environ["asgi.scope"]["state"]["user"].encode()]

    async def authenticate(request: Request, call_next: RequestResponseEndpoint) -> Response:
        USER.set("alice")
        request.state.user = "alice"
        return await call_next(request)

    assert (await AsgiCall(stacked(bridged(app), authenticate)).run()).body == b"alice alice"


async def test_it_is_cancelled_with_the_request_and_leaves_nothing(bridged: Bridged) -> None:
    streaming = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        while True:
            streaming.set()
            yield b"for ever"

    counted = Counted(app)
    bridge = bridged(counted, high_water=1000)
    task = asyncio.ensure_future(AsgiCall(stacked(bridge, look_only, look_only))._call())
    assert await in_thread(streaming.wait, LIMIT)
    task.cancel()
    await asyncio.wait([task], timeout=LIMIT)
    assert task.cancelled()
    assert await bridge.executor.drain() == []
    assert counted.closes == 1


async def test_it_works_for_a_whole_starlette_application(bridged: Bridged) -> None:
    starlette = Starlette(
        routes=[Mount("/", bridged(echo))],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=add_header)],
    )
    answer = await upload(starlette, b"body").run()
    assert (answer.body, answer.header(b"x-added")) == (b"body 4", b"yes")
