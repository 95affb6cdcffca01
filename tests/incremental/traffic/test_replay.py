"""The same requests to two targets, in order, with the cookies that each target gives."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from typing import Any

import flask
import pytest
from werkzeug.serving import make_server

from bridge import WsgiToAsgi
from bridge.errors import LifespanFailed
from bridge.incremental.compare import Answer, Outcome
from bridge.incremental.rules import parse_rule
from bridge.incremental.table import RuleTable
from bridge.incremental.traffic.replay import CookieJar, Replay, ReplayOptions, route_of
from bridge.incremental.traffic.requests import RecordedRequest
from bridge.incremental.traffic.targets import AsgiTarget, UrlTarget
from tests.incremental.applications import answer, echo, read, responder


def get(target: str = "/", **options: Any) -> RecordedRequest:
    return RecordedRequest(method=options.pop("method", "GET"), target=target, **options)


async def replayed(legacy: Any, modern: Any, *requests: RecordedRequest, **options: Any) -> Replay:
    found = Replay(AsgiTarget(legacy, "l"), AsgiTarget(modern, "m"), ReplayOptions(**options))
    await found.run(requests)
    return found


async def test_equal_targets_are_equal() -> None:
    found = await replayed(responder(200, b"x"), responder(200, b"x"), get("/1"), get("/2"))
    assert (found.different, [each.outcome for each in found.results]) == ([], [Outcome.EQUAL] * 2)
    assert found.verdicts()["GET /<int>"].compared == 2


async def test_a_difference_is_found_with_its_fields() -> None:
    found = await replayed(responder(200, b"old"), responder(201, b"new"), get("/x?token=a"))
    (each,) = found.different
    assert [(field.field, field.legacy, field.modern) for field in each.fields] == [
        ("status", "200", "201"),
        ("line 1", "old", "new"),
    ]


async def test_an_application_sees_the_request_as_it_was() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError
        seen.append(
            (
                scope["path"],
                scope["raw_path"],
                scope["query_string"],
                dict(scope["headers"]),
                await read(receive),
            )
        )
        await answer(send, 200, b"")

    request = get(
        "/a%2Fb%20é?q=%20", method="POST", headers=(("X-A", "1"), ("Content-Length", "99")), body=b"abc"
    )
    await replayed(app, responder(200, b""), request, headers=(("x-a", "2"),))
    (path, raw, query, headers, body), *_ = seen
    assert (path, raw, query, body) == ("/a/b é", "/a%2Fb%20é".encode(), b"q=%20", b"abc")
    assert headers == {b"x-a": b"2", b"host": b"localhost", b"content-length": b"3"}


def session_app(name: str) -> flask.Flask:
    app = flask.Flask(name)
    app.secret_key = name  # another one on each side: their cookies are not each other's

    @app.post("/login")
    def login() -> str:
        flask.session["user"] = flask.request.form["user"]
        return "ok"

    @app.get("/me")
    def me() -> Any:
        return {"user": flask.session.get("user")}

    return app


async def test_each_client_is_logged_in_with_each_target() -> None:
    form = (("content-type", "application/x-www-form-urlencoded"),)
    requests = [
        get("/login", method="POST", headers=form, body=b"user=ann", session="a"),
        get("/login", method="POST", headers=form, body=b"user=bob", session="b"),
        get("/me", session="a"),
        get("/me", session="b"),
        get("/me", session="c"),
    ]
    old, new = (WsgiToAsgi(session_app(name)) for name in ("old", "new"))
    found = await replayed(old, new, *requests, parallel=3, ignore_fields=("cookie.*",))
    users = {
        each.request.session: json.loads(each.legacy.body or b"")
        for each in found.results
        if each.route == "GET /me"
    }
    assert users == {"a": {"user": "ann"}, "b": {"user": "bob"}, "c": {"user": None}}
    assert found.different == []


async def test_what_legacy_says_differently_each_time_is_noise() -> None:
    numbers = iter(range(100))

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await answer(send, 200, b'{"n": %d}' % next(numbers), b"application/json")

    found = await replayed(counting, counting, get(), get())
    assert [each.outcome for each in found.results] == [Outcome.NOISE] * 2
    found = await replayed(counting, counting, get(), noise=False)
    assert len(found.different) == 1


async def test_the_order_of_a_client_is_kept_beside_others() -> None:
    order: dict[str, list[str]] = {"a": [], "b": []}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            client, number = scope["path"].strip("/").split("/")
            await asyncio.sleep(0)
            order[client].append(number)
            await answer(send, 200, b"")

    requests = [get(f"/{client}/{number}", session=client) for number in range(5) for client in "ab"]
    await replayed(app, responder(200, b""), *requests, parallel=2, noise=False)
    assert order == {"a": list("01234"), "b": list("01234")}


@pytest.mark.parametrize(
    ("misbehaves", "error"), [("hangs", "within 0.05 s"), ("exits", "SystemExit was raised")]
)
async def test_a_target_that_misbehaves_is_a_difference(misbehaves: str, error: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        if misbehaves == "exits":
            raise SystemExit
        await asyncio.Event().wait()

    found = await replayed(responder(200), app, get(), get(), timeout=0.05, noise=False)
    assert len(found.different) == 2
    assert error in found.different[0].modern.error


async def test_an_application_that_does_not_start_is_told_and_the_other_one_stopped() -> None:
    stopped: list[str] = []

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    legacy = WsgiToAsgi(echo(b"x"), on_shutdown=lambda: stopped.append("legacy"))
    with pytest.raises(LifespanFailed, match="no database"):
        await replayed(legacy, fails, get())
    assert stopped == ["legacy"]


async def test_the_body_that_an_application_sends_to_head_is_not_compared() -> None:
    found = await replayed(
        responder(200, b"x"), WsgiToAsgi(echo(b"x")), get(method="HEAD"), ignore_headers=("content-type",)
    )
    assert found.different == []


async def test_what_a_rule_ignores_is_ignored_here_too() -> None:
    rule = parse_rule("GET /x", {"mode": "shadow", "ignore_fields": ["line 1"]})
    table = RuleTable([rule], parse_rule(None, "legacy"))
    found = await replayed(responder(200, b"old"), responder(200, b"new"), get("/x"), get("/y"), table=table)
    assert [each.route for each in found.different] == ["GET /y"]


def test_cookies_that_were_given_replace_those_that_were_sent() -> None:
    jar = CookieJar()
    assert jar.header("") == ""
    jar.update(Answer(status=200, headers=((b"set-cookie", b"a=2; Path=/"), (b"set-cookie", b"b=3"))))
    assert jar.header("a=1; c=4") == "a=2; c=4; b=3"
    jar.update(Answer(status=200, headers=((b"set-cookie", b"b=x; Max-Age=0"),)))
    assert jar.header("") == "a=2"


@pytest.mark.parametrize(
    ("target", "route"),
    [
        ("/users/17?x=1", "GET /users/<int>"),
        ("/users/a8098c1a-f86e-11da-bd1a-00112444be1e/", "GET /users/<uuid>/"),
        ("/caf%C3%A9", "GET /café"),
        ("/known/17", "GET /known/<int:id>"),
    ],
)
def test_requests_are_grouped_by_rule_or_by_shape(target: str, route: str) -> None:
    table = RuleTable([parse_rule("GET /known/<int:id>", "legacy")], parse_rule(None, "legacy"))
    assert route_of(get(target), table) == route


async def test_urls_are_asked_over_the_network() -> None:
    flask_app = session_app("x")

    async def run(url: str) -> Replay:
        found = Replay(UrlTarget(url), AsgiTarget(WsgiToAsgi(flask_app), "m"), ReplayOptions())
        await found.run([get("/me"), get("/none")])
        return found

    server = make_server("127.0.0.1", 0, flask_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        found = await run(f"http://127.0.0.1:{server.port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert found.different == []
    assert [each.legacy.status for each in found.results] == [200, 404]
    found = await run("http://127.0.0.1:9")
    assert all("ConnectionRefusedError" in each.legacy.error for each in found.different)
    assert len(found.different) == 2


async def test_an_answer_that_trickles_has_the_time_of_any_other() -> None:
    over = asyncio.Event()

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        gone = asyncio.ensure_future(reader.read())
        while not gone.done():
            writer.write(b"x")
            await asyncio.wait([gone], timeout=0.02)
        writer.close()
        with contextlib.suppress(OSError):
            await gone
            await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    target = UrlTarget(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    answer = await target.ask(get(), [], 0.2)
    assert answer.error == "no whole answer within 0.2 s"
    await over.wait()
    await target.close()
    server.close()
    await server.wait_closed()


async def test_a_secret_in_a_target_is_sent_and_not_shown() -> None:
    seen: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.append(scope["query_string"])
            await answer(send, 200, b"")

    found = await replayed(responder(200), app, get("/x?token=1&nr=2"), noise=False, secrets=("nr",))
    assert seen == [b"token=1&nr=2"]
    assert found.results[0].target == "/x?token=%5Bredacted%5D&nr=%5Bredacted%5D"


async def test_the_credentials_of_a_url_are_sent_and_not_named() -> None:
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = UrlTarget(f"http://ann:p%40ss@127.0.0.1:{port}/shop")
    answer = await target.ask(get("/x"), [("Authorization", "Bearer recorded")], 5.0)
    await target.close()
    server.close()
    await server.wait_closed()
    assert answer.status == 200
    assert target.name == f"http://127.0.0.1:{port}/shop"
    (head,) = seen
    sent = [line for line in head.split(b"\r\n") if line.lower().startswith(b"authorization")]
    assert sent == [b"authorization: Basic YW5uOnBAc3M="]
