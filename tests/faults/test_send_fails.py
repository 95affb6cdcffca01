"""`send` raises, at each of its calls: OSError is a client that has gone, all else goes on to the server."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from bridge import ErrorResponse, WsgiToAsgi
from tests.asgi_driver import AsgiCall, Event
from tests.faults.rig import Counted, Meeting, finished

LANES = ["thread", "greenlet"]
THREADS = {"test_an_application_that_reads_after_its_request_is_over_gets_an_error"}

MOST_SENDS = 50


def ok(start_response: Any, *headers: tuple[str, str]) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain"), *headers])


def blocks(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    ok(start_response)
    yield from (b"x" * 1000 for _ in range(5))


def plain_list(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    ok(start_response)
    return [b"all", b"of it"]


def writer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    write = ok(start_response)
    write(b"x" * 1000)
    write(b"y" * 1000)
    return [b"end"]


def early_answer(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """Answer first and read the body afterwards, when nobody is left who would bring it."""
    ok(start_response)
    yield b"got it"
    yield b"%d" % len(environ["wsgi.input"].read())


def file(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    ok(start_response)
    wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(b"x" * 200_000))
    return wrapped


def failing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise ValueError("the application's own")


def trailing(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    ok(start_response, ("Trailer", "X-Sum"))
    yield b"body"
    environ["bridge.trailers"]([("X-Sum", "1")])


def hinting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload")])
    ok(start_response)
    return [b"hinted"]


async def answer_later(error: BaseException, scope: Any) -> ErrorResponse:
    return ErrorResponse(503, body=b"later")


REQUESTS: dict[str, tuple[Callable[..., Iterable[bytes]], dict[str, Any], dict[str, Any]]] = {
    "blocks": (blocks, {}, {"high_water": 500}),
    "list": (plain_list, {}, {}),
    "write": (writer, {}, {"high_water": 500}),
    "early-answer": (
        early_answer,
        {"method": "POST", "headers": [(b"content-length", b"10")], "body": b"x" * 10},
        {"body_wait": 0},
    ),
    "file": (file, {}, {"high_water": 1000}),
    "error": (failing, {}, {}),
    "error-answered-later": (failing, {}, {"on_error": answer_later}),
    "trailers": (trailing, {"extensions": {"http.response.trailers": {}}}, {}),
    "early-hints": (hinting, {"extensions": {"http.response.early_hint": {}}}, {}),
    "bad-request": (plain_list, {"headers": [(b"content-length", b"nonsense")]}, {}),
    "too-many-headers": (plain_list, {"headers": [(b"x-a", b"1")] * 50}, {"max_headers": 20}),
}


class FailingAt:
    """An `on_send` that raises at the n-th event, and at every one after it."""

    def __init__(self, n: int, error: BaseException) -> None:
        self.n = n
        self.error = error
        self.sends = 0

    async def __call__(self, event: Event) -> None:
        self.sends += 1
        if self.sends >= self.n:
            raise self.error


@pytest.mark.parametrize("name", REQUESTS)
async def test_send_that_raises_OSError_is_a_client_that_has_gone(name: str) -> None:
    """Nothing is raised, nobody is stranded; the application is closed."""
    app, request, options = REQUESTS[name]
    for n in itertools.count(1):
        assert n < MOST_SENDS
        counted = Counted(app)
        bridge = WsgiToAsgi(counted, shutdown_timeout=10.0, **options)
        send = FailingAt(n, BrokenPipeError("the client has gone"))
        await AsgiCall(bridge, on_send=send, **request).run()
        assert await finished(bridge.executor) == []
        assert counted.closes == counted.returns
        if send.sends < n:
            return


@pytest.mark.parametrize("name", REQUESTS)
async def test_send_that_raises_something_else_reaches_the_server(name: str) -> None:
    app, request, options = REQUESTS[name]
    for n in itertools.count(1):
        assert n < MOST_SENDS
        counted = Counted(app)
        bridge = WsgiToAsgi(counted, shutdown_timeout=10.0, **options)
        send = FailingAt(n, RuntimeError("the server's own"))
        call = AsgiCall(bridge, on_send=send, **request)
        raised = await raised_by(call)
        assert await finished(bridge.executor) == []
        assert counted.closes == counted.returns
        if raised is None:
            assert send.sends < n
            return


async def raised_by(call: AsgiCall) -> BaseException | None:
    try:
        await call.run()
    except RuntimeError as error:
        return error
    return None


@pytest.mark.parametrize(
    "error", [OSError("gone"), RuntimeError("the server's own")], ids=["OSError", "other"]
)
async def test_send_that_raises_frees_a_worker_that_waits_for_room(
    bridged: Callable[..., WsgiToAsgi], error: Exception
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        while True:
            yield b"x" * 1000

    counted = Counted(app)
    call = AsgiCall(bridged(counted, high_water=1000), on_send=FailingAt(3, error))
    if isinstance(error, OSError):
        await call.run()
    else:
        assert await raised_by(call) is error


@pytest.mark.parametrize(
    "error", [OSError("gone"), RuntimeError("the server's own")], ids=["OSError", "other"]
)
async def test_send_that_raises_frees_a_worker_that_waits_for_the_body(
    bridged: Callable[..., WsgiToAsgi], error: Exception
) -> None:
    """The rest of the body never comes: the one who would have asked for it is gone."""
    read: list[object] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        yield b"send me more"
        try:
            read.append(environ["wsgi.input"].read())
        except OSError as broken:
            read.append(type(broken).__name__)

    bridge = bridged(Counted(app), body_wait=0)
    call = AsgiCall(
        bridge,
        method="POST",
        headers=[(b"content-length", b"10")],
        body=None,
        on_send=FailingAt(2, error),
    )
    if isinstance(error, OSError):
        await call.run()
    else:
        assert await raised_by(call) is error
    assert await bridge.executor.drain() == []
    assert read in (["ClientDisconnected"], [])  # [] where the failure came before the reading


async def test_an_application_that_reads_after_its_request_is_over_gets_an_error(
    bridged: Callable[..., WsgiToAsgi],
) -> None:
    """Before the first read there is no reader to be woken, and later there is nobody to wake it."""
    meeting = Meeting()
    read: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        ok(start_response)(b"early")
        meeting.arrive()
        try:
            environ["wsgi.input"].read()
        except OSError as broken:
            read.append(str(broken))
        return []

    bridge = bridged(app)
    call = AsgiCall(bridge, body=None, on_send=FailingAt(1, OSError("gone")))
    await call.run()
    await meeting.arrived()
    meeting.let_go()
    assert await bridge.executor.drain() == []
    assert read == ["the client closed the connection while the request body was being read"]
