"""WebSockets behind ASGI middleware, ours and others', and in lanes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import flask
from itsdangerous import TimestampSigner
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, SimpleUser
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.routing import Mount

from bridge import WsgiToAsgi
from bridge.cli.proxy import BehindProxy, TrustedPeers
from bridge.cli.servers.websockets import ClosingWebSockets
from bridge.observe.metrics import MetricsPage
from tests.websockets.driver import WebSocketCall, websocket_scope

Bridged = Callable[..., WsgiToAsgi]
DENIAL: dict[str, Any] = {"websocket.http.response": {}}
HEADERS = websocket_scope()["headers"]


def never(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise AssertionError("the application must not be called")


def telling(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Send what middleware changes in the handshake."""
    names = ("wsgi.url_scheme", "REMOTE_ADDR", "SCRIPT_NAME", "PATH_INFO", "wsgi.multithread")
    scope = environ["asgi.scope"]
    told: dict[str, Any] = {name: environ[name] for name in names}
    told |= {"user": getattr(scope.get("user"), "display_name", None), "session": scope.get("session")}
    environ["wsgi.websocket"].send(json.dumps(told))
    start_response("200 OK", [])
    return []


async def told(app: Any, path: str = "/ws", **changes: Any) -> dict[str, Any]:
    async with WebSocketCall(app, path, **changes).running() as client:
        assert (await client.sent())["type"] == "websocket.accept"
        message: dict[str, Any] = json.loads((await client.sent())["text"])
    return message


class Tokens(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        if conn.headers.get("authorization") != "Bearer right":
            raise AuthenticationError("no token")
        return AuthCredentials(["authenticated"]), SimpleUser("ann")


async def test_starlette_s_authentication_refuses_a_handshake_and_names_the_user(bridged: Bridged) -> None:
    refused = AuthenticationMiddleware(bridged(never), backend=Tokens())
    async with WebSocketCall(refused).running() as client:
        assert (await client.sent())["type"] == "websocket.close"
    welcome = AuthenticationMiddleware(bridged(telling), backend=Tokens())
    headers = [*HEADERS, (b"authorization", b"Bearer right")]
    assert (await told(welcome, headers=headers))["user"] == "ann"


async def test_middleware_refuses_with_a_response_of_its_own(bridged: Bridged) -> None:
    """Starlette's responses know the extension `websocket.http.response`; TrustedHostMiddleware has one."""
    app = TrustedHostMiddleware(bridged(never), allowed_hosts=["shop.example"])
    async with WebSocketCall(app, extensions=DENIAL).running() as client:
        start, body = await client.sent(), await client.sent()
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 400)
    assert body["body"] == b"Invalid host header"


async def test_starlette_s_session_is_there_in_the_handler(bridged: Bridged) -> None:
    app = SessionMiddleware(bridged(telling), secret_key="key")
    cookie = TimestampSigner("key").sign(base64.b64encode(b'{"user": 7}'))
    seen = await told(app, headers=[*HEADERS, (b"cookie", b"session=" + cookie)])
    assert seen["session"] == {"user": 7}


async def test_a_mount_takes_its_part_of_the_path(bridged: Bridged) -> None:
    app = Starlette(routes=[Mount("/old", bridged(telling))])
    seen = await told(app, "/old/ws", extensions=DENIAL)
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/old", "/ws")


async def test_behind_a_proxy_and_with_metrics_as_serve_has_it(bridged: Bridged) -> None:
    bridge = bridged(telling)
    app = MetricsPage(
        ClosingWebSockets(bridge), bridge.executors.values(), path="/ws", registry=CollectorRegistry()
    )
    served = BehindProxy(app, trusted=TrustedPeers(["127.0.0.1"]), local=False, root_path="/shop")
    headers = [*HEADERS, (b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")]
    seen = await told(served, headers=headers, client=("127.0.0.1", 1))
    assert (seen["wsgi.url_scheme"], seen["REMOTE_ADDR"]) == ("https", "203.0.113.9")
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/shop", "/ws")


async def test_a_lane_of_their_own() -> None:
    """A full `stream` lane refuses one more connection, and pages are answered all the same."""
    lanes = {
        "version": 1,
        "default": "thread",
        "lanes": {"stream": {"max_threads": 1, "max_queue": 0}},
        "routes": {"GET /ws": "stream"},
    }
    app = flask.Flask(__name__)

    @app.route("/ws", websocket=True)
    def ws() -> flask.Response:
        for message in flask.request.environ["wsgi.websocket"]:
            flask.request.environ["wsgi.websocket"].send(message)
        return flask.Response()

    bridge = WsgiToAsgi(app, lanes=lanes, websockets=True)
    async with WebSocketCall(bridge, "/ws").running() as first:
        first.say("x")
        await first.sent()
        assert (await first.sent())["text"] == "x"
        statistics = {name: executor.statistics().active for name, executor in bridge.executors.items()}
        assert statistics == {"thread": 0, "stream": 1}
        async with WebSocketCall(bridge, "/ws", extensions=DENIAL).running() as second:
            assert (await second.sent())["status"] == 503
        async with WebSocketCall(bridge, "/page", extensions=DENIAL).running() as page:
            assert (await page.sent())["status"] == 404
        first.leave()
    for executor in bridge.executors.values():
        await executor.drain()
