"""The two ends of a spooled request body: reading it for the first time, and once more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from bridge.incremental.spool import BodySpool
from bridge.protocol.asgi_types import Event, Receive, Scope

__all__ = ["ReplayReceive", "TeeReceive", "announces_body"]


def announces_body(scope: Scope) -> bool:
    """Tell whether the headers announce a body: a length that is not 0, or a transfer coding."""
    for name, value in scope["headers"]:
        if name == b"transfer-encoding" or (name == b"content-length" and value.strip() not in {b"0", b""}):
            return True
    return False


class TeeReceive:
    """A `receive` that puts what it hands on into a spool.

    `careful` waits for the spool to have room before the next piece is asked for. After `end()` the
    application is told that its client has gone, and nothing more is taken from the server.
    """

    __slots__ = ("_careful", "_ended", "_receive", "_spool", "disconnected")

    def __init__(self, receive: Receive, spool: BodySpool, *, careful: bool) -> None:
        self._receive = receive
        self._spool = spool
        self._careful = careful
        self._ended = False
        self.disconnected = False

    def end(self) -> None:
        """Give the application no more events of the server's."""
        self._ended = True

    async def __call__(self) -> Event:
        """Return the server's next event."""
        if self._ended:
            return {"type": "http.disconnect"}
        if self._careful:
            await self._spool.room()
        event = await self._receive()
        if event["type"] == "http.request":
            self._spool.put(event.get("body", b""))
            self._spool.ended = not event.get("more_body", False)
        elif event["type"] == "http.disconnect":
            self.disconnected = True
        return event


class ReplayReceive:
    """A `receive` that hands out what a spool holds, and then what `live` says.

    `live` None: the body ends where the spool ends, and the client stays until `end()`.
    """

    __slots__ = ("_body_over", "_live", "_over", "_pieces", "_spool")

    def __init__(self, spool: BodySpool, live: Receive | None = None) -> None:
        self._spool = spool
        self._live = live
        self._pieces: AsyncIterator[bytes] | None = spool.replay()
        self._body_over = False
        self._over = asyncio.Event()

    def end(self) -> None:
        """Let the client go."""
        self._over.set()

    async def __call__(self) -> Event:
        """Return the next event."""
        if self._pieces is not None:
            async for piece in self._pieces:
                return {"type": "http.request", "body": piece, "more_body": True}
            self._pieces = None
        if not self._body_over:
            self._body_over = True
            if self._spool.ended or self._live is None:
                return {"type": "http.request", "body": b"", "more_body": False}
        if self._live is not None:
            return await self._live()
        await self._over.wait()
        return {"type": "http.disconnect"}
