"""One WebSocket on the event loop's side, which the HTTP adapter takes for a request and its response."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from bridge.adapters.websocket_messages import WebSocket
from bridge.adapters.websocket_socket import SocketRelay, relay_for
from bridge.errors import ClientDisconnected
from bridge.executors.base import Crossing
from bridge.protocol.asgi_types import Event, Receive, Scope, Send
from bridge.protocol.environ import Environ
from bridge.protocol.websocket import EXTENSION, INTERNAL_ERROR, NO_STATUS, NORMAL, handshake_scope

__all__ = ["Connection"]

logger = logging.getLogger("bridge.websocket")

READ_AHEAD = 64 * 1024  # characters or bytes that wait for the application; as HttpOptions.body_window
MESSAGE_COST = 64  # the same, for a message however short
FIRST_SERVER_ERROR = 500  # RFC 9110 section 15.6


class Connection:
    """One connection, from its handshake until the application has returned.

    Messages are read ahead, which is how the client's departure is heard; beyond `READ_AHEAD` a client waits
    for the application, and the application for its client.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._messages: asyncio.Queue[Event | None] = asyncio.Queue()
        self._held = 0  # what they cost
        self._taken = asyncio.Event()
        self._reading = asyncio.Lock()
        self._sending = asyncio.Lock()
        self._gone = self._loop.create_future()  # done when the client has left
        self._body_told = False
        self._over = False  # the application has returned
        self._failed = False  # the application answered 5xx, after the handshake
        self._denies = False  # the application's response goes out in place of the handshake
        self._tasks: set[asyncio.Task[Any]] = set()
        self._relay: SocketRelay | None = None
        self._reader: asyncio.Task[None] | None = None
        self._unclosed: Exception | None = None  # why the server sent no close
        self.accepted = False
        self.closed = False  # by either side, or refused
        self.close_code = NO_STATUS  # the client's
        self.close_reason = ""

    async def run(self, http: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        """Have the application called, and end the connection when it has returned."""
        self._relay = relay_for(self, self._scope)
        self._reader = self.start(self._read())
        try:
            await http(self._http_scope(), self._receive_http, self._send_http)
            await self._finish()
            if self._unclosed is not None:
                raise self._unclosed  # noqa: TRY301 - so that the server ends the connection in its way
        except ClientDisconnected as error:  # in the log already
            logger.debug("%s: %s", self._scope["path"], error)
        except Exception:  # it failed behind the start of its response
            self._failed = True
            await self._finish()
            raise
        finally:
            self._over = True
            for task in self._tasks:
                task.cancel()
            try:
                # Until they have let go of the socket: its number may be another one's as soon as it is closed.
                await asyncio.gather(*self._tasks, return_exceptions=True)
            finally:
                if self._relay is not None:
                    self._relay.close()

    def _http_scope(self) -> Scope:
        key = None if self._relay is None else self._relay.key
        scope = handshake_scope(self._scope, key)
        scope["extensions"] = {**(scope.get("extensions") or {}), EXTENSION: self.offer}
        return scope

    def offer(self, environ: Environ, crossing: Crossing) -> None:
        """Give the application its ways to the connection."""
        environ["wsgi.websocket"] = WebSocket(self, crossing, environ)
        environ["wsgi.websocket_version"] = "13"  # as gevent-websocket
        if self._relay is not None:
            environ["werkzeug.socket"] = self._relay.socket

    async def _finish(self) -> None:
        """Send what the application wrote before it returned, then close."""
        if self._relay is not None:
            await self._relay.finish()
        if self.accepted:
            await self.close(INTERNAL_ERROR if self._failed else NORMAL)

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine beside the application, at most until that has returned."""
        task = self._loop.create_task(coroutine)
        if self._over:
            task.cancel()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ------------------------------------------------------------ the client's messages

    async def _read(self) -> None:
        event: Event = {}
        try:
            while (event := await self._receive())["type"] == "websocket.receive":
                await self._hold(event)
        except Exception as error:  # the server's: as if the client had gone
            logger.warning("%s: the server's receive() failed: %s", self._scope["path"], error)
        self.close_code = event.get("code", NO_STATUS)
        self.close_reason = event.get("reason") or ""
        self.closed = True
        self._gone.set_result(None)
        self._messages.put_nowait(None)

    async def _hold(self, event: Event) -> None:
        """Keep a message for the application; returns when there is room for another."""
        self._messages.put_nowait(event)
        self._held += _cost(event)
        while self._held > READ_AHEAD:
            self._taken.clear()
            await self._taken.wait()

    async def next_message(self) -> Event | None:
        """Return the client's next `websocket.receive` event; None: there will be no more."""
        async with self._reading:
            event = None if self.closed and self._messages.empty() else await self._messages.get()
            if event is not None:
                self._held -= _cost(event)
                self._taken.set()
            elif self._messages.empty():
                self._messages.put_nowait(None)  # for whoever asks next
            return event

    # ------------------------------------------------------------ the application's

    async def accept(self, subprotocol: str | None, headers: list[tuple[bytes, bytes]]) -> None:
        """Complete the handshake; does nothing once that has been done."""
        if self.accepted:
            return
        self._require_open()
        self.accepted = True
        event = {"type": "websocket.accept", "subprotocol": subprotocol, "headers": headers}
        await self._send_event(event)

    async def send(self, event: Event) -> None:
        """Send a `websocket.send` event; raises `ClientDisconnected` where nobody listens any more."""
        self._require_open()
        await self._send_event(event)

    async def close(self, code: int, reason: str = "") -> None:
        """Close the connection, or refuse the handshake; does nothing once it is closed."""
        if self.closed:
            return
        self.closed = True
        await self._stop_reading()
        try:
            await self._send_event({"type": "websocket.close", "code": code, "reason": reason})
        except ClientDisconnected as error:
            logger.debug("%s", error)
        except Exception as error:  # daphne takes no code from 1001 to 1014
            self._unclosed = error
            raise
        finally:
            if self._messages.empty():
                self._messages.put_nowait(None)

    async def _stop_reading(self) -> None:
        """Ask the server for nothing more: granian's close waits for a `receive` that is under way, for ever."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])

    def _require_open(self) -> None:
        if self.closed:
            raise ClientDisconnected("a WebSocket was being used that is closed")

    async def _send_event(self, event: Event) -> None:
        async with self._sending:
            try:
                await self._send(event)
            except OSError as error:  # ASGI specification, "Disconnected Client"
                self.closed = True
                raise ClientDisconnected("a message was being sent") from error

    # ------------------------------------------------------------ as a request and its response

    async def _receive_http(self) -> Event:
        if not self._body_told:
            self._body_told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.shield(self._gone)
        return {"type": "http.disconnect"}

    async def _send_http(self, event: Event) -> None:
        """Send the application's response in place of the handshake; drop one that comes after it."""
        starts = event["type"] == "http.response.start"
        if starts and self._relay is not None:
            await self._relay.finish()  # a handshake may still be on its way through the socket
        if self.accepted:
            if starts:
                self._failed = event["status"] >= FIRST_SERVER_ERROR
        elif starts and not self.closed:
            if "websocket.http.response" not in (self._scope.get("extensions") or {}):
                await self.close(NORMAL)
                return
            self.closed = self._denies = True
            await self._stop_reading()
        if self._denies:
            await self._send_event({**event, "type": event["type"].replace("http", "websocket.http", 1)})


def _cost(event: Event) -> int:
    return MESSAGE_COST + len(event.get("text") or event.get("bytes") or "")
