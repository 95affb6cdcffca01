"""WebSocket scopes: handed to the application as the GET that they begin with, or refused.

    server (ASGI)              connection (event loop)                        executor
    -------------              -----------------------                        --------
    websocket.connect ------>  scope of a GET, with Upgrade: websocket -----> application(environ, start_response)
                                                                              one of three:
    websocket.accept <-------  accept                  <--------------------- environ["wsgi.websocket"].accept()
                               or 101 on a socket      <--------------------- environ["werkzeug.socket"]
    close: 403, or response <- no handshake            <--------------------- an ordinary response
    websocket.receive/send <-> messages, or frames of RFC 6455  <-----------> the handler, until it returns
    websocket.close <--------  the application has returned

The executor, the lanes, the queue and the error handling are those of HTTP: the connection shows itself to the HTTP
adapter as a request and a response (`receive_http`, `send_http`). A handler holds its thread for as long as the
connection lives; the greenlet lane and the `stream` lane are made for that.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from bridge.adapters.websocket_connection import Connection
from bridge.adapters.wsgi_call import WsgiApp
from bridge.protocol.asgi_types import Receive, Scope, Send
from bridge.protocol.environ import Environ

__all__ = ["WebSocketAdapter", "WebSocketRefusal", "upgradable"]

logger = logging.getLogger("bridge.websocket")

HttpApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class WebSocketAdapter:
    """Answers WebSocket scopes with a WSGI application; `http` runs it, wrapped as `upgradable`."""

    def __init__(self, http: HttpApp) -> None:
        self._http = http

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; returns when it is over and the application has returned."""
        await receive()  # websocket.connect comes first, always
        await Connection(scope, receive, send).run(self._http)


class WebSocketRefusal:
    """Refuses every handshake: the client sees 403 (ASGI specification, WebSocket "Close").

    With the extension `websocket.http.response` the refusal has a body that says why.
    """

    def __init__(self) -> None:
        self._told = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse one handshake."""
        await receive()
        if not self._told:
            self._told = True
            logger.warning(
                "a WebSocket at %s was refused; WsgiToAsgi(app, websockets=True) hands them to the application",
                scope.get("path", "/"),
            )
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close"})
            return
        body = b"This address answers HTTP only: WebSockets are not handed to its WSGI application."
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "websocket.http.response.start", "status": 403, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})


def upgradable(app: WsgiApp) -> WsgiApp:
    """Return the application as one that may tell "I have answered on the socket" by raising.

    Servers have no agreed way for that: engineio raises ConnectionError for werkzeug's, libraries made for gunicorn
    raise StopIteration.
    """

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        websocket = environ["wsgi.websocket"]
        try:
            return app(environ, start_response)
        except (ConnectionError, StopIteration):
            if not websocket.accepted:
                raise
            start_response("200 OK", [])
            return []

    return application
