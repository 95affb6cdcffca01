"""A real socket for handlers that speak RFC 6455 themselves: simple-websocket, Flask-Sock, Flask-SocketIO.

    handler --- frames ---> socket pair ---> SocketRelay --- websocket.send ------> server
            <-- frames ---               <--             <-- websocket.receive ---

A pair and not an imitation: what such libraries do with it (threads, selectors, time limits) works as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import TYPE_CHECKING, Any

from bridge.errors import ClientDisconnected
from bridge.protocol.asgi_types import Event, Scope
from bridge.protocol.websocket import INTERNAL_ERROR, SocketPeer

if TYPE_CHECKING:
    from bridge.adapters.websocket_connection import Connection

__all__ = ["SocketRelay", "relay_for"]

logger = logging.getLogger("bridge.websocket")

READ_SIZE = 64 * 1024  # bytes


def relay_for(connection: Connection, scope: Scope) -> SocketRelay | None:
    """Return a relay; None without wsproto: no handler that needs the socket can be installed then."""
    try:
        peer = SocketPeer(list(scope.get("subprotocols") or ()))
    except ImportError:
        return None
    return SocketRelay(connection, peer)


class SocketRelay:
    """Carries messages between the connection and the raw socket of its handler."""

    def __init__(self, connection: Connection, peer: SocketPeer) -> None:
        self._connection = connection
        self._peer = peer
        self._loop = asyncio.get_running_loop()
        self._ours, theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._writing = asyncio.Lock()
        self._used = False
        self.key = peer.key
        self.socket = _WholeSends(theirs.family, theirs.type, theirs.proto, theirs.detach())
        self._task = connection.start(self._read())

    async def _read(self) -> None:
        """Send what the handler writes, until it closes the socket or has returned."""
        while data := await self._received():
            try:
                for event in self._peer.from_application(data):
                    await self._send(event)
                if answers := self._peer.take_answers():
                    # Beside us: a handler that does not read must not keep us from reading.
                    self._connection.start(self._write(answers))
            except ClientDisconnected:
                return
            except Exception:  # wsproto's, and what the server makes of an odd subprotocol
                logger.exception("what the application wrote to its socket could not be sent")
                await self._connection.close(INTERNAL_ERROR)
                return

    async def _received(self) -> bytes:
        """Return what the handler has written, waiting for it; b"" when it has closed, whatever it left unread."""
        try:
            return await self._loop.sock_recv(self._ours, READ_SIZE)
        except OSError:
            return b""

    async def _send(self, event: Event) -> None:
        kind = event["type"]
        if kind == "websocket.accept":
            self._used = True
            await self._connection.accept(event["subprotocol"], event["headers"])
            self._connection.start(self._pass_on())
        elif kind == "websocket.send":
            await self._connection.send(event)
        else:
            await self._connection.close(event["code"], event["reason"])

    async def _pass_on(self) -> None:
        """Write what the client sends, then how it closed."""
        connection = self._connection
        while (event := await connection.next_message()) is not None:
            await self._write(self._peer.to_application(event))
        await self._write(self._peer.closing(connection.close_code, connection.close_reason))
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_WR)

    async def _write(self, data: bytes) -> None:
        if data:
            async with self._writing:
                with contextlib.suppress(OSError):  # the handler has closed its socket: it wants no more
                    await self._loop.sock_sendall(self._ours, data)

    async def finish(self) -> None:
        """Send what the handler has written before it returned."""
        with contextlib.suppress(OSError):  # closed by the handler
            self.socket.shutdown(socket.SHUT_WR)
        await asyncio.wait([self._task])

    def close(self) -> None:
        """Let go of both ends; of the handler's only if it never used it: a thread of it may be reading."""
        self._ours.close()
        if not self._used:
            self.socket.close()


class _WholeSends(socket.socket):
    """A socket whose `send` sends all: handlers call it as if it did, and a blocking one does."""

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data, flags)
        return len(data)
