"""WebSocket scopes: a WSGI application has no way to answer them, so they are refused cleanly."""

from __future__ import annotations

from bridge.protocol.asgi_types import Receive, Scope, Send

__all__ = ["refuse_websocket"]


async def refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse the handshake: the client sees 403 (ASGI specification, WebSocket "Close").

    With the extension `websocket.http.response` the refusal has a body that says why.
    """
    await receive()  # websocket.connect comes first, always
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    body = b"This address answers HTTP only: it is served by a WSGI application."
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "websocket.http.response.start", "status": 403, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
