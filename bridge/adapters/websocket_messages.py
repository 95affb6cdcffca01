"""`environ["wsgi.websocket"]`: the messages of one WebSocket, for synchronous code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from bridge.errors import ClientDisconnected, InvalidOption
from bridge.executors.base import Crossing, Parker
from bridge.protocol.environ import Environ
from bridge.protocol.headers import encode_headers
from bridge.protocol.websocket import MAX_REASON, may_be_sent

if TYPE_CHECKING:
    from bridge.adapters.websocket_connection import Connection

__all__ = ["WebSocket"]


class WebSocket:
    """One WebSocket, as the handler sees it; the names are those of gevent-websocket.

    The first `receive` or `send` completes the handshake, if `accept` has not. Any thread or greenlet may use
    it, others at the same time, until the application has returned; code on the event loop may not: it raises
    `LoopWouldBlock` there. (RFC 6455; ASGI specification, WebSocket.)
    """

    def __init__(self, connection: Connection, crossing: Crossing, environ: Environ) -> None:
        self._connection = connection
        self._crossing = crossing
        self.path: str = environ["PATH_INFO"]
        self.origin: str | None = environ.get("HTTP_ORIGIN")
        offered = environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "")
        self.subprotocols = [
            name.strip() for name in offered.split(",") if name.strip()
        ]  # the client's offer

    @property
    def accepted(self) -> bool:
        """Whether the handshake is complete."""
        return self._connection.accepted

    @property
    def closed(self) -> bool:
        """Whether no message can be sent any more: either side has closed it."""
        return self._connection.closed

    def accept(self, subprotocol: str | None = None, headers: list[tuple[str, str]] | None = None) -> None:
        """Complete the handshake, with one of the `subprotocols` and headers of your own.

        Does nothing once it is complete. Raises `InvalidOption` for a subprotocol that was not offered,
        `InvalidHeader` for a header that can't be sent, `ClientDisconnected` if the client has gone.
        """
        if subprotocol is not None and subprotocol not in self.subprotocols:  # RFC 6455 section 4.2.2
            offered = f"one of those that the client offers: {self.subprotocols}"
            raise InvalidOption("subprotocol", subprotocol, offered)
        encoded = encode_headers(headers or [])
        self._wait(lambda: self._connection.accept(subprotocol, encoded))

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """Return the next message, waiting for it; None: the connection is closed.

        `timeout` is in seconds, None: no limit. Raises `TimeoutError` when it is over.
        """
        event = self._wait(lambda: self._receive(timeout))
        if event is None:
            return None
        text: str | None = event.get("text")
        return event["bytes"] if text is None else text

    def send(self, message: str | bytes, binary: bool | None = None) -> None:  # noqa: FBT001 - as gevent-websocket
        """Send a message, text for a str and binary for bytes; `binary` overrides that, as UTF-8.

        Waits while the client reads slowly. Raises `ClientDisconnected` once the connection is closed.
        """
        text = isinstance(message, str) if binary is None else not binary
        event: dict[str, Any] = {"type": "websocket.send"}
        if text:
            event["text"] = message if isinstance(message, str) else bytes(message).decode()
        else:
            event["bytes"] = message.encode() if isinstance(message, str) else bytes(message)
        self._wait(lambda: self._send(event))

    def close(self, code: int = 1000, message: str | bytes = "") -> None:
        """Close the connection; does nothing once it is closed.

        `code`: 1000 to 1003, 1007 to 1014 or 3000 to 4999 (RFC 6455 section 7.4); `message`: at most 123 bytes
        of UTF-8. Raises `InvalidOption` for others.
        """
        reason = message.decode() if isinstance(message, bytes) else message
        if not may_be_sent(code):
            raise InvalidOption("code", code, "1000 to 1003, 1007 to 1014, or 3000 to 4999")
        if len(reason.encode()) > MAX_REASON:
            raise InvalidOption("message", reason, f"at most {MAX_REASON} bytes of UTF-8")
        self._wait(lambda: self._connection.close(code, reason))

    def __iter__(self) -> Iterator[str | bytes]:
        """Iterate over the messages, until the connection is closed."""
        while (message := self.receive()) is not None:
            yield message

    # ------------------------------------------------------------ on the event loop

    async def _receive(self, timeout: float | None) -> Any:
        await self._accept()
        return await asyncio.wait_for(self._connection.next_message(), timeout)

    async def _send(self, event: dict[str, Any]) -> None:
        await self._accept()
        await self._connection.send(event)

    async def _accept(self) -> None:
        if not self._connection.closed:
            await self._connection.accept(None, [])

    def _wait(self, begin: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run a coroutine on the connection's loop; return or raise what it does."""
        call = _Call(self._crossing.parker())
        self._crossing.post(lambda: call.watch(self._connection.start(begin())))
        try:
            return call.result()
        except BaseException:  # the request was cancelled while it waited: nobody wants the message any more
            self._crossing.post(call.cancel)
            raise


class _Call:
    """A coroutine that other code waits for."""

    def __init__(self, parker: Parker) -> None:
        self._parker = parker
        self._task: asyncio.Task[Any] | None = None

    def watch(self, task: asyncio.Task[Any]) -> None:
        """Let `result` return when the task ends."""
        self._task = task
        task.add_done_callback(self._done)

    def cancel(self) -> None:
        """End the coroutine, if it has not ended."""
        if self._task is not None:
            self._task.cancel()

    def _done(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            task.exception()  # else asyncio complains where the caller was cancelled and never asks for it
        self._parker.unpark()

    def result(self) -> Any:
        """Wait for the end; raise `ClientDisconnected` if the connection was over before."""
        self._parker.park()
        assert self._task is not None
        if self._task.cancelled():
            raise ClientDisconnected("a WebSocket was being used whose handler has returned")
        try:
            return self._task.result()
        except asyncio.TimeoutError as error:  # another class before Python 3.11
            raise TimeoutError("no message came in time") from error
