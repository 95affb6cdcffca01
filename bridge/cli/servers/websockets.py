"""Ends open WebSockets at SIGTERM, under the servers that do not: an ASGI application around the user's.

uvicorn tells both sides. hypercorn and daphne wait for the handlers until the shutdown timeout is over, and
granian drops the connections without a word. With `ClosingWebSockets` the handler sees its client leave, the
client gets code 1012, "service restart" (RFC 6455 section 7.4.1 and its registry), and the server has nothing to
wait for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from bridge.protocol.asgi_types import AsgiApp, Event, Receive, Scope, Send

__all__ = ["ClosingWebSockets"]

logger = logging.getLogger("bridge.serve")

SERVICE_RESTART = 1012
CLOSE_LIMIT = 1.0  # seconds; a client that reads nothing does not hold the shutdown up


class ClosingWebSockets:
    """Serves `app`, and ends its WebSockets when `close` is called; anything else passes through."""

    def __init__(self, app: AsgiApp) -> None:
        self.app = app
        self._open: set[_Connection] = set()
        self._closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope; a WebSocket that begins after `close` is refused."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        connection = _Connection(receive, send)
        self._open.add(connection)
        try:
            if self._closing:
                await connection.close()
            await self.app(scope, connection.receive, connection.send)
            await connection.wait_closed()  # granian closes without a code when the application returns first
        finally:
            self._open.discard(connection)

    async def close(self) -> None:
        """Close every WebSocket that is open; returns when that has been sent, or each has had its time.

        Call it on the loop that serves them. A second call does nothing.
        """
        if self._closing:
            return
        self._closing = True
        if self._open:
            logger.info("Closing %d WebSockets", len(self._open))
            await asyncio.gather(*[connection.close() for connection in self._open])


class _Connection:
    """One WebSocket between the server and the application; `close` is heard as the client's departure."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._reading: asyncio.Future[Event] | None = None
        self._ended = False  # by the application, with a close or a response
        self._closed = False  # by us
        self._told = asyncio.Event()  # the client, or its time is over

    async def receive(self) -> Event:
        """Return the server's next event, or the disconnect once the connection was closed here."""
        if not self._closed:
            self._reading = asyncio.ensure_future(self._receive())
            try:
                await asyncio.wait([self._reading])
            except asyncio.CancelledError:
                self._reading.cancel()
                raise
            if not self._reading.cancelled():
                return self._reading.result()
        return {"type": "websocket.disconnect", "code": SERVICE_RESTART, "reason": ""}

    async def send(self, event: Event) -> None:
        """Send an event; raises OSError once the connection was closed here (ASGI, "Disconnected Client")."""
        if self._closed:
            raise ConnectionResetError("the server is shutting down: its WebSockets are closed")
        self._ended = self._ended or event["type"] in {"websocket.close", "websocket.http.response.start"}
        await self._send(event)

    async def close(self) -> None:
        """Close it, or refuse the handshake; does nothing where the application has done so."""
        if self._ended or self._closed:
            return
        self._closed = True
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()  # granian's close waits for a `receive` that is under way, for ever
            await asyncio.wait([self._reading])
        with contextlib.suppress(
            Exception
        ):  # the client has gone by itself: each server has an error for that
            event = {"type": "websocket.close", "code": SERVICE_RESTART, "reason": ""}
            await asyncio.wait_for(self._send(event), CLOSE_LIMIT)
        self._told.set()

    async def wait_closed(self) -> None:
        """Wait for the end of a `close` that has begun."""
        if self._closed:
            await self._told.wait()
