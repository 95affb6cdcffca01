"""The ASGI side: every row of the list, on the strict driver and on every server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.errors import UnknownScopeType
from tests.asgi_driver import AsgiLifespan, exchange, http_scope
from tests.conformance.apps import asgi as rows
from tests.conformance.apps.environ import dump
from tests.conformance.apps.input import echo
from tests.conformance.apps.start_response import fails_after_headers, fails_at_once, written
from tests.conformance.peers import Peer
from tests.conformance.rows import wsgi_app
from tests.conformance.strict_peer import StrictPeer

# ------------------------------------------------------------ scope types


async def test_an_unknown_scope_type_raises_a_clear_error() -> None:
    with pytest.raises(UnknownScopeType, match="telepathy"):
        await exchange(WsgiToAsgi(wsgi_app), {"type": "telepathy"}, [])


async def test_a_websocket_is_refused() -> None:
    scope = {**http_scope(), "type": "websocket"}
    sent = await exchange(WsgiToAsgi(wsgi_app), scope, [{"type": "websocket.connect"}])
    assert [event["type"] for event in sent] == ["websocket.close"]


async def test_a_websocket_is_refused_with_403_and_a_reason_where_the_server_offers_it() -> None:
    scope = {**http_scope(extensions={"websocket.http.response": {}}), "type": "websocket"}
    start, body = await exchange(WsgiToAsgi(wsgi_app), scope, [{"type": "websocket.connect"}])
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert b"WSGI" in body["body"]


# ------------------------------------------------------------ lifespan


async def test_lifespan_works_without_hooks() -> None:
    async with AsgiLifespan(WsgiToAsgi(wsgi_app)) as lifespan:
        assert [event["type"] for event in lifespan.events] == ["lifespan.startup.complete"]
    assert lifespan.events[-1]["type"] == "lifespan.shutdown.complete"


async def test_lifespan_runs_hooks_of_both_kinds_in_order() -> None:
    ran: list[str] = []

    async def asynchronous() -> None:
        await asyncio.sleep(0)
        ran.append("async")

    bridge = WsgiToAsgi(
        wsgi_app,
        on_startup=[lambda: ran.append("sync"), asynchronous],
        on_shutdown=[asynchronous, lambda: ran.append("sync")],
    )
    async with AsgiLifespan(bridge):
        assert ran == ["sync", "async"]
    assert ran == ["sync", "async", "async", "sync"]


async def test_a_startup_that_fails_is_reported_with_its_message() -> None:
    def failing() -> None:
        raise LookupError("no database")

    with pytest.raises(RuntimeError, match="no database"):
        async with AsgiLifespan(WsgiToAsgi(wsgi_app, on_startup=failing)):
            raise AssertionError("started all the same")


# ------------------------------------------------------------ extensions


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (rows.whole_file, rows.FILE_CONTENT),
        (rows.rest_of_a_file, rows.FILE_CONTENT[1000:]),
        (rows.start_of_a_file, rows.FILE_CONTENT[:1000]),
    ],
    ids=["whole", "rest", "start"],  # the content as an id would not fit into a server's environment
)
def test_a_file_is_sent_with_or_without_pathsend(peer: Peer, row: Any, wanted: bytes) -> None:
    reply = peer.ask(row)
    assert (reply.status, reply.complete) == (200, True)
    assert reply.body == wanted
    assert reply.headers_named(b"content-length") == [str(len(wanted)).encode()]


@pytest.mark.parametrize(
    ("row", "by_path"), [(rows.whole_file, True), (rows.rest_of_a_file, False), (rows.start_of_a_file, False)]
)
def test_pathsend_is_used_where_offered_for_a_whole_file(strict: StrictPeer, row: Any, by_path: bool) -> None:
    kinds = strict.event_types(row, extensions={"http.response.pathsend": {}})
    assert ("http.response.pathsend" in kinds) is by_path


def test_early_hints_are_sent_where_offered(peer: Peer) -> None:
    reply = peer.ask(rows.early_hints)
    hints = [headers for status, headers in reply.interim if status == 103]
    assert bool(hints) is reply.json()["offered"]
    for headers in hints:
        assert (b"link", b"</style.css>; rel=preload; as=style") in headers


def test_early_hints_come_before_the_start(strict: StrictPeer) -> None:
    kinds = strict.event_types(rows.early_hints, extensions={"http.response.early_hint": {}})
    assert kinds[:2] == ["http.response.early_hint", "http.response.start"]


def test_trailers_are_sent_where_offered(peer: Peer) -> None:
    reply = peer.ask(rows.trailers, headers=[(b"te", b"trailers")])
    assert ((b"x-checksum", b"abc") in reply.trailers) is reply.json()["offered"]


def test_trailers_come_after_the_body(strict: StrictPeer) -> None:
    kinds = strict.event_types(rows.trailers, extensions={"http.response.trailers": {}})
    assert kinds[-1] == "http.response.trailers"


# ------------------------------------------------------------ middleware, mounts, loops


def test_the_bridge_works_under_BaseHTTPMiddleware(peer: Peer) -> None:
    reply = peer.ask(written, headers=[(b"x-wrap", b"base-http")])
    assert (reply.status, reply.body, reply.complete) == (200, b"123456", True)
    assert reply.header(b"x-middleware") == b"base-http"
    body = peer.ask(echo, method="POST", headers=[(b"x-wrap", b"base-http")], body=[b"ab", b"cd"]).body
    assert body == b"abcd"


def test_an_error_before_headers_stays_a_500_under_BaseHTTPMiddleware(peer: Peer) -> None:
    assert peer.ask(fails_at_once, headers=[(b"x-wrap", b"base-http")]).status == 500


def test_an_error_after_headers_leaves_BaseHTTPMiddleware(strict: StrictPeer) -> None:
    """It ends the response first, as if it were whole, whatever the application is: no server can mend that."""
    reply = strict.ask(fails_after_headers, headers=[(b"x-wrap", b"base-http")])
    assert isinstance(reply.error, LookupError)


def test_middleware_may_wrap_receive_and_send(peer: Peer) -> None:
    reply = peer.ask(echo, method="POST", headers=[(b"x-wrap", b"observe")], body=b"quiet")
    assert (reply.body, reply.header(b"x-middleware")) == (b"QUIET", b"observing")


def test_the_bridge_works_when_mounted(peer: Peer) -> None:
    reply = peer.ask(dump, b"/mounted/x", headers=[(b"x-wrap", b"mount")])
    assert (reply.json()["SCRIPT_NAME"], reply.json()["PATH_INFO"]) == ("/mounted", "/x")


def test_an_async_view_runs_on_the_servers_loop(peer: Peer) -> None:
    told = peer.ask(rows.flask_async_view, b"/view").json()
    assert told["loop"] == told["server's loop"]
