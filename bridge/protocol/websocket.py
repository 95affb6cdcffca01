"""WebSockets for handlers in WSGI applications, without I/O.

A handshake is a GET (RFC 6455 section 4.1), so a WSGI application can be called for it. What it does then depends
on its library: it speaks RFC 6455 itself on the raw socket of its server (simple-websocket, so Flask-Sock and
Flask-SocketIO), or it exchanges messages with an object in environ (gevent-websocket). For the first, `SocketPeer`
is the browser at the other end of that socket.
"""

from __future__ import annotations

import base64
import os
from typing import Any

from bridge.protocol.asgi_types import Event, Scope

__all__ = [
    "EXTENSION",
    "INTERNAL_ERROR",
    "MAX_REASON",
    "NORMAL",
    "NO_STATUS",
    "SocketPeer",
    "handshake_scope",
    "may_be_sent",
]

EXTENSION = (
    "bridge.websocket"  # in the HTTP scope of a handshake: what offers the connection to the application
)

# Close codes (RFC 6455 section 7.4.1).
NORMAL = 1000
NO_STATUS = 1005
ABNORMAL = 1006
INTERNAL_ERROR = 1011
_NEVER_SENT = frozenset({ABNORMAL, 1015})  # how a connection ended, said by no frame
_SENT = frozenset({*range(1000, 1004), *range(1007, 1015)})

MAX_REASON = 123  # bytes: a control frame has 125, the code two (RFC 6455 section 5.5)

_HTTP_SCHEMES = {"ws": "http", "wss": "https"}

# Between the server and its client; the application's side of the bridge has its own.
_HOP_BY_HOP = frozenset(
    {b"connection", b"upgrade", b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions"}
)


def handshake_scope(scope: Scope, key: bytes | None = None) -> Scope:
    """Return the HTTP scope of a WebSocket's handshake, as an HTTP/1.1 server sees it.

    HTTP/2 has neither Upgrade nor a key (RFC 8441); applications look for both. No extension is asked for:
    compression is between the server and its client. `key`: the Sec-WebSocket-Key; None: a random one.
    """
    headers = [(name, value) for name, value in scope["headers"] if name not in _HOP_BY_HOP]
    headers += [
        (b"connection", b"Upgrade"),
        (b"upgrade", b"websocket"),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-key", key or base64.b64encode(os.urandom(16))),
    ]
    subprotocols = scope.get("subprotocols") or ()
    if subprotocols and not any(
        name == b"sec-websocket-protocol" for name, _ in headers
    ):  # uvicorn with wsproto
        headers.append((b"sec-websocket-protocol", ", ".join(subprotocols).encode("latin-1")))
    scheme = scope.get("scheme") or "ws"
    return {
        **scope,
        "type": "http",
        "method": "GET",
        "scheme": _HTTP_SCHEMES.get(scheme, scheme),
        "headers": headers,
    }


def may_be_sent(code: int) -> bool:
    """Tell whether a close frame may have this code (RFC 6455 section 7.4, and its registry)."""
    return code in _SENT or 3000 <= code <= 4999


class SocketPeer:
    """The client on the raw socket of a handler that speaks RFC 6455 itself.

    `subprotocols`: those that the real client offers. Raises ImportError without wsproto, which every handler
    of this kind brings along.
    """

    def __init__(self, subprotocols: list[str]) -> None:
        from wsproto import ConnectionType, WSConnection
        from wsproto.events import Request

        self._connection = WSConnection(ConnectionType.CLIENT)
        request = self._connection.send(Request(host="bridge", target="/", subprotocols=subprotocols))
        # The handshake reaches the application as its environ; of the client's own only the key is needed.
        self.key = _header(request, b"sec-websocket-key")
        self._answers = b""
        self._parts: list[Any] = []

    def from_application(self, data: bytes) -> list[Event]:
        """Return the ASGI events that the application's bytes stand for.

        Raises wsproto's `ProtocolError` for bytes that are no WebSocket's.
        """
        from wsproto import events
        from wsproto.connection import ConnectionState

        self._connection.receive_data(data)
        found: list[Event] = []
        for event in self._connection.events():
            if isinstance(event, events.AcceptConnection):
                headers = [(bytes(name), bytes(value)) for name, value in event.extra_headers]
                found.append(
                    {"type": "websocket.accept", "subprotocol": event.subprotocol, "headers": headers}
                )
            elif isinstance(event, events.Message):
                found += self._message(event)
            elif isinstance(event, events.Ping):  # the server looks after its client itself
                self._answers += self._connection.send(event.response())
            elif isinstance(event, events.CloseConnection):
                if self._connection.state is ConnectionState.REMOTE_CLOSING:
                    self._answers += self._connection.send(event.response())
                code = NORMAL if event.code == NO_STATUS else int(event.code)
                found.append({"type": "websocket.close", "code": code, "reason": event.reason or ""})
            elif isinstance(event, events.RejectConnection):
                found.append({"type": "websocket.close", "code": NORMAL, "reason": ""})
        return found

    def _message(self, event: Any) -> list[Event]:
        self._parts.append(event.data)
        if not event.message_finished:
            return []
        parts, self._parts = self._parts, []
        if isinstance(parts[0], str):
            return [{"type": "websocket.send", "text": "".join(parts)}]
        return [{"type": "websocket.send", "bytes": b"".join(parts)}]

    def take_answers(self) -> bytes:
        """Return what has to be written to the application, for its pings and its close."""
        answers, self._answers = self._answers, b""
        return answers

    def to_application(self, event: Event) -> bytes:
        """Return the bytes of a `websocket.receive` event."""
        from wsproto.events import BytesMessage, TextMessage

        text = event.get("text")
        message = BytesMessage(event["bytes"]) if text is None else TextMessage(text)
        return bytes(self._connection.send(message))

    def closing(self, code: int, reason: str) -> bytes:
        """Return the bytes of the client's close; b"" where none was sent, or the application closed first."""
        from wsproto.connection import ConnectionState
        from wsproto.events import CloseConnection

        if code in _NEVER_SENT or self._connection.state is not ConnectionState.OPEN:
            return b""
        return bytes(self._connection.send(CloseConnection(code, reason or None)))


def _header(request: bytes, name: bytes) -> bytes:
    """Return a header of a request that wsproto wrote."""
    for line in request.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    raise AssertionError(f"wsproto wrote no {name.decode()}")
