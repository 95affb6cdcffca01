"""What is seen of an answer on its way to the client: status and time, or all of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable
from time import perf_counter
from typing import Any

from bridge.incremental.compare.answers import Answer
from bridge.protocol.asgi_types import Event, Send

__all__ = ["Capture", "Watch"]


class Watch:
    """A `send` that notes the status and when the response began. It adds no step to the way of an event."""

    __slots__ = ("_send", "began", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.began = 0.0

    def __call__(self, event: Event) -> Awaitable[None]:
        """Hand an event on."""
        if event["type"] == "http.response.start":
            self.status = event["status"]
            self.began = perf_counter()
        return self._send(event)


class Capture:
    """A `send` that keeps a copy of the answer, its body up to `limit` bytes, and hands it on (None: to nobody).

    A larger body is known by its digest and size. `flooded` is set when more than `flood` bytes have come.
    `method` HEAD: the body, which ASGI applications may send and servers drop, is not kept.
    """

    __slots__ = ("_bodyless", "_digest", "_flood", "_limit", "_pieces", "_send", "_unseen", "began", "complete", "flooded", "headers", "size", "status")  # fmt: skip

    def __init__(self, send: Send | None, method: str, *, limit: int, flood: int | None = None) -> None:
        self._send = send
        self._bodyless = method == "HEAD"
        self._limit = limit
        self._flood = flood
        self._pieces: list[bytes] = []
        self._digest: Any = None  # made for a body above the limit
        self._unseen = False  # the server sends a file by itself
        self.status: int | None = None
        self.began = 0.0
        self.headers: tuple[tuple[bytes, bytes], ...] = ()
        self.size = 0
        self.complete = False
        self.flooded = False

    async def __call__(self, event: Event) -> None:
        """Hand an event on, and note it once the server has taken it."""
        if self._send is not None:
            await self._send(event)
        else:
            await asyncio.sleep(0)  # an application that sends without end must not keep the loop
        self._note(event)

    def _note(self, event: Event) -> None:
        kind = event["type"]
        if kind == "http.response.start":
            self.status = event["status"]
            self.began = perf_counter()
            self.headers = tuple(
                (bytes(name).lower(), bytes(value)) for name, value in event.get("headers", ())
            )
        elif kind == "http.response.body":
            if not self._bodyless:
                self._keep(event.get("body", b""))
            self.complete = not event.get("more_body", False)
        elif kind in {"http.response.pathsend", "http.response.zerocopysend"}:
            self._unseen = True
            self.complete = not event.get("more_body", False)

    def _keep(self, piece: bytes) -> None:
        self.size += len(piece)
        self._pieces.append(piece)
        if self.size > self._limit:
            self._digest = self._digest or hashlib.sha256()
            for each in self._pieces:
                self._digest.update(each)
            self._pieces.clear()
        if self._flood is not None and self.size > self._flood:
            self.flooded = True
            raise FloodError(self.size)

    def answer(self, error: str = "", seconds: float = 0.0) -> Answer:
        """Return what was seen; `error` says why it is not whole."""
        if not error and not self.complete:
            error = "broken off" if self.status is not None else "no answer"
        known = not self._unseen and self.size <= self._limit
        return Answer(
            status=self.status,
            headers=self.headers,
            body=b"".join(self._pieces) if known else None,
            digest=self._digest.hexdigest() if self._digest and not self._unseen else "",
            size=self.size,
            error=error,
            seconds=seconds,
        )


class FloodError(Exception):
    """A second answer is larger than anybody would compare; raised into the application that sends it."""

    def __init__(self, size: int) -> None:
        super().__init__(f"the answer to a shadow request was ended after {size} bytes")
        self.size = size
