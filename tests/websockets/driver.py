"""Opens a WebSocket to an ASGI application as a server would, in process, and judges what it sends.

async with WebSocketCall(app, "/chat").running() as client:
    assert (await client.sent())["type"] == "websocket.accept"
    client.say("hello")
    assert await client.sent() == {"type": "websocket.send", "text": "hello"}
    client.leave(1001)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

__all__ = ["LIMIT", "WebSocketCall", "websocket_scope"]

LIMIT = 20.0  # seconds; a limit, never a pause

# What may follow what (ASGI specification, WebSocket "Send" events).
_LEGAL = {
    "connecting": {
        "websocket.accept": "open",
        "websocket.close": "closed",
        "websocket.http.response.start": "denied",
    },
    "open": {"websocket.send": "open", "websocket.close": "closed"},
    "denied": {"websocket.http.response.body": "denied"},
    "closed": {},
}


def websocket_scope(path: str = "/", **changes: Any) -> dict[str, Any]:
    """Return a scope such as uvicorn's, changed."""
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"example.test"),
            (b"connection", b"Upgrade"),
            (b"upgrade", b"websocket"),
            (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
            (b"sec-websocket-version", b"13"),
            (b"sec-websocket-extensions", b"permessage-deflate"),
        ],
        "client": ("203.0.113.7", 4711),
        "server": ("example.test", 80),
        "subprotocols": [],
        **changes,
    }


class WebSocketCall:
    """One connection; `failing` has `send` raise OSError, as servers do when the client has gone."""

    def __init__(self, app: Any, path: str = "/", **changes: Any) -> None:
        self._app = app
        self._scope = websocket_scope(path, **changes)
        self.state = "connecting"
        self._illegal: list[str] = []
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.failing = False
        self.read = 0  # messages that the application's side has taken
        self.task: asyncio.Task[None] | None = None
        self._to_app.put_nowait({"type": "websocket.connect"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[WebSocketCall]:
        """Run the application; at the end it must return by itself."""
        self.task = asyncio.create_task(self._app(self._scope, self._receive, self._send))
        try:
            yield self
            await self.ended()
        finally:
            self.task.cancel()
            await asyncio.wait([self.task])

    async def ended(self) -> None:
        """Wait until the application has returned; raise what it raised."""
        assert self.task is not None
        await asyncio.wait([self.task], timeout=LIMIT)
        assert self._illegal == []
        assert self.task.done(), "the application has not returned"
        await self.task

    def say(self, message: str | bytes) -> None:
        kind = "text" if isinstance(message, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", kind: message})

    def leave(self, code: int = 1001, reason: str = "") -> None:
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    def break_receive(self, error: Exception) -> None:
        self._to_app.put_nowait({"type": "error", "error": error})

    async def sent(self) -> dict[str, Any]:
        """Return the application's next event."""
        return await asyncio.wait_for(self._sent.get(), LIMIT)

    def nothing_sent(self) -> bool:
        return self._sent.empty()

    async def _receive(self) -> dict[str, Any]:
        event = await self._to_app.get()
        if event["type"] == "error":
            raise event["error"]
        self.read += event["type"] == "websocket.receive"
        return event

    async def _send(self, event: dict[str, Any]) -> None:
        if self.failing:
            raise OSError("the client has gone")
        followers = _LEGAL[self.state]
        if event["type"] not in followers:
            self._illegal.append(f"{event} is illegal in the state {self.state!r}")
            raise AssertionError(self._illegal[-1])  # which the application may swallow
        self.state = followers[event["type"]]
        if event["type"] == "websocket.http.response.body" and not event.get("more_body"):
            self.state = "closed"
        self._sent.put_nowait(event)
        if event["type"] == "websocket.close":
            self._to_app.put_nowait({"type": "websocket.disconnect", "code": event.get("code", 1000)})
        await asyncio.sleep(0)
