"""Pure ASGI middleware that refuses, or rewrites what passes it: path, body, headers."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall, Event
from tests.faults.rig import Counted

Bridged = Callable[..., WsgiToAsgi]


def describe(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer with what the application sees of the request."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    seen = (
        environ["REQUEST_METHOD"],
        environ["SCRIPT_NAME"],
        environ["PATH_INFO"],
        environ.get("CONTENT_LENGTH"),
        body.decode(),
    )
    return [ascii(seen).encode()]


def never(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise AssertionError("the application must not be called")


def with_scope(app: Any, **changes: Any) -> Any:
    """Return the application behind middleware that changes these keys of the scope."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, **changes}, receive, send)

    return middleware


def without_length(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [header for header in headers if header[0] != b"content-length"]


# ---------------------------------------------------------------- refusing


async def test_auth_that_refuses_answers_without_the_application(bridged: Bridged) -> None:
    inner = bridged(never)

    async def auth(scope: Any, receive: Any, send: Any) -> None:
        if dict(scope["headers"]).get(b"authorization") == b"Bearer good":
            await inner(scope, receive, send)
            return
        headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = await AsgiCall(auth, method="POST", headers=[(b"content-length", b"4")], body=b"body").run()
    assert (answer.status, answer.header(b"www-authenticate")) == (401, b"Bearer")
    assert inner.executor.statistics().started == 0


# ---------------------------------------------------------------- the path


async def test_a_rewritten_path_wins_over_the_raw_one(bridged: Bridged) -> None:
    """Few middlewares know of raw_path; it still says what the client sent."""
    app = with_scope(bridged(describe), path="/new/é")
    answer = await AsgiCall(app, path="/old").run()
    assert b"'', '/new/\\xc3\\xa9'" in answer.body


async def test_a_rewritten_path_with_its_raw_form_keeps_every_byte(bridged: Bridged) -> None:
    app = with_scope(bridged(describe), path="/new/\ufffd", raw_path=b"/new/%ff")
    assert b"'', '/new/\\xff'" in (await AsgiCall(app, path="/old").run()).body


async def test_a_root_path_that_middleware_adds_becomes_SCRIPT_NAME(bridged: Bridged) -> None:
    app = with_scope(bridged(describe), root_path="/tenant")
    assert b"'/tenant', '/a'" in (await AsgiCall(app, path="/tenant/a").run()).body


async def test_a_method_override_is_what_the_application_sees(bridged: Bridged) -> None:
    app = with_scope(bridged(describe), method="DELETE")
    assert b"'DELETE'" in (await AsgiCall(app, method="POST").run()).body


async def test_a_HEAD_turned_into_a_GET_gets_its_body(bridged: Bridged) -> None:
    app = with_scope(bridged(describe), method="GET")
    assert (await AsgiCall(app, method="POST").run()).body.startswith(b"('GET'")


# ---------------------------------------------------------------- the body


def replacing_body(app: Any, change: Callable[[bytes], bytes], *, header: str) -> Any:
    """Return the application behind middleware that changes the whole body.

    `header` says what it does about Content-Length: "right" corrects it, "dropped" removes it, "stale"
    forgets it.
    """

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            event = await receive()
            body += event["body"]
            if not event.get("more_body"):
                break
        body = change(body)
        headers = scope["headers"] if header == "stale" else without_length(scope["headers"])
        if header == "right":
            headers = [*headers, (b"content-length", b"%d" % len(body))]
        pending: list[Event] = [
            {"type": "http.request", "body": body[:5], "more_body": True},
            {"type": "http.request", "body": body[5:], "more_body": False},
        ]

        async def replay() -> Event:
            return pending.pop(0) if pending else await receive()

        await app({**scope, "headers": headers}, replay, send)

    return middleware


@pytest.mark.parametrize("header", ["right", "dropped", "stale"])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (gzip.decompress, b"'28', 'unpacked, and so much longer'"),
        (lambda body: b"short", b"'5', 'short'"),
        (lambda body: b"", b"''"),
    ],
    ids=["longer", "shorter", "empty"],
)
async def test_a_changed_body_is_read_whole_and_has_its_true_length(
    bridged: Bridged, change: Callable[[bytes], bytes], expected: bytes, header: str
) -> None:
    body = gzip.compress(b"unpacked, and so much longer")
    call = AsgiCall(
        replacing_body(bridged(describe), change, header=header),
        method="POST",
        headers=[(b"content-length", b"%d" % len(body))],
        body=body,
    )
    answer = await call.run()
    assert answer.body.endswith(expected + b")")
    if header != "dropped" and expected == b"''":
        assert answer.body.endswith(b"'0', '')")


@pytest.mark.parametrize("header", ["right", "dropped"])
async def test_a_changed_body_beyond_the_window_is_read_whole(bridged: Bridged, header: str) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        length = environ["CONTENT_LENGTH"]
        start_response("200 OK", [])
        return [b"%d of %s" % (len(environ["wsgi.input"].read()), length.encode())]

    body = gzip.compress(b"x" * 500_000)
    call = AsgiCall(
        replacing_body(bridged(app, body_window=1000), gzip.decompress, header=header),
        method="POST",
        headers=[(b"content-length", b"%d" % len(body))],
        body=body,
    )
    assert (await call.run()).body == b"500000 of 500000"


async def test_flask_reads_a_form_that_middleware_has_unpacked(bridged: Bridged) -> None:
    app = flask.Flask(__name__)

    @app.post("/")
    def view() -> str:
        return flask.request.form["name"]

    body = gzip.compress(b"name=" + b"alice" * 100)
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    for header in ("right", "dropped", "stale"):
        inner = replacing_body(bridged(app), gzip.decompress, header=header)
        answer = await AsgiCall(inner, method="POST", headers=headers, body=body).run()
        assert answer.body == b"alice" * 100, header


async def test_middleware_that_buffers_the_body_and_hands_it_on_at_once(bridged: Bridged) -> None:
    app = replacing_body(bridged(describe), lambda body: body, header="stale")
    call = AsgiCall(app, method="POST", headers=[(b"content-length", b"10")], body=[b"12345", b"67890"])
    assert (await call.run()).body.endswith(b"'10', '1234567890')")


# ---------------------------------------------------------------- the response


async def test_headers_that_middleware_adds_and_removes(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Server", "old")])
        return [b"x"]

    inner = bridged(app)

    async def headers(scope: Any, receive: Any, send: Any) -> None:
        async def changed(event: Event) -> None:
            if event["type"] == "http.response.start":
                kept = [header for header in event["headers"] if header[0] != b"server"]
                event = {**event, "headers": [*kept, (b"x-frame-options", b"DENY")]}
            await send(event)

        await inner(scope, receive, changed)

    answer = await AsgiCall(headers).run()
    assert answer.header(b"server") is None
    assert answer.header(b"x-frame-options") == b"DENY"


async def test_middleware_may_change_the_header_list_that_it_is_given(bridged: Bridged) -> None:
    """Some do so in place; the next response of the application must not have it, too."""
    inner = bridged(describe)

    async def in_place(scope: Any, receive: Any, send: Any) -> None:
        async def changed(event: Event) -> None:
            if event["type"] == "http.response.start":
                event["headers"].append((b"x-request", scope["path"].encode()))
            await send(event)

        await inner(scope, receive, changed)

    for path in ("/one", "/two"):
        answer = await AsgiCall(in_place, path=path).run()
        assert answer.headers_named(b"x-request") == [path.encode()]


async def test_a_file_passes_middleware_that_knows_no_pathsend(bridged: Bridged, tmp_path: Any) -> None:
    """It does not offer the extension on, or would not understand the event: then the bytes are sent."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * 300_000)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return environ["wsgi.file_wrapper"](file.open("rb"))

    hidden = with_scope(bridged(app), extensions={})
    answer = await AsgiCall(hidden, extensions={"http.response.pathsend": {}}).run()
    assert len(answer.body) == 300_000


async def test_middleware_that_swallows_a_response_and_sends_another(bridged: Bridged) -> None:
    counted = Counted(lambda environ, start_response: _stream(start_response))
    inner = bridged(counted)

    async def caching(scope: Any, receive: Any, send: Any) -> None:
        kept = io.BytesIO()

        async def keep(event: Event) -> None:
            kept.write(event.get("body", b""))

        await inner(scope, receive, keep)
        body = kept.getvalue()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    assert (await AsgiCall(caching).run()).body == b"abc"
    assert counted.closes == 1


def _stream(start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield from (b"a", b"b", b"c")
