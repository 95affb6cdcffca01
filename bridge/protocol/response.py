"""The `start_response` state machine: what an application calls, in any order, becomes legal ASGI.

    IDLE --start--> STARTED --body--> SENT --finish--> DONE
                     |  ^                |
                     +--+ restart        +--body--> SENT
                  (exc_info only)

Headers are held back until the first non-empty block or the end (PEP 3333 "The start_response()
Callable"), so that an application that fails before its first block can still answer 500.
"""

from __future__ import annotations

from enum import Enum, auto
from types import TracebackType
from typing import Any

from bridge.errors import (
    BodyBlockTypeError,
    IncompleteResponse,
    InvalidHeader,
    InvalidStatus,
    StartResponseMissing,
    StartResponseTwice,
)
from bridge.protocol.headers import encode_headers

__all__ = ["ExcInfo", "Response", "State"]

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

_STATUS_DIGITS = 3


class State(Enum):
    """Where a response stands."""

    IDLE = auto()  # start_response has not been called
    STARTED = auto()  # it has; the headers are held back and may be replaced
    SENT = auto()  # the headers are out
    DONE = auto()  # the body has ended


class Action(Enum):
    """What an application can do to a response."""

    START = auto()  # start_response(status, headers)
    RESTART = auto()  # start_response(status, headers, exc_info)
    BODY = auto()  # a block, yielded or written
    FINISH = auto()  # the iterable is exhausted


_TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.IDLE, Action.START): State.STARTED,
    (State.IDLE, Action.RESTART): State.STARTED,
    (State.STARTED, Action.RESTART): State.STARTED,
    (State.STARTED, Action.BODY): State.SENT,
    (State.STARTED, Action.FINISH): State.DONE,
    (State.SENT, Action.BODY): State.SENT,
    (State.SENT, Action.FINISH): State.DONE,
}


class Response:
    """One response, from `start_response` to its last byte.

    Feed it the application's calls; it returns the bytes to send and keeps `status` (int) and
    `headers` (ASGI form) for the start event. `remaining` is the number of body bytes that
    Content-Length still allows; None when none was announced.
    """

    __slots__ = ("_is_head", "_state", "_surplus", "announced", "headers", "remaining", "status")

    def __init__(self, method: str) -> None:
        self._is_head = method == "HEAD"
        self._state = State.IDLE
        self._surplus = 0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.announced: int | None = None
        self.remaining: int | None = None

    @property
    def headers_sent(self) -> bool:
        """Whether the headers are out, so that nothing can replace them."""
        return self._state in (State.SENT, State.DONE)

    @property
    def bodyless(self) -> bool:
        """Whether this response must not have a body (RFC 9110 sections 6.4.1, 15)."""
        return self._is_head or _no_content(self.status)

    @property
    def body_complete(self) -> bool:
        """Whether the headers are out and no further byte may follow them."""
        return self.headers_sent and (self.remaining == 0 or self.bodyless)

    @property
    def surplus(self) -> int:
        """Bytes that the application sent beyond its Content-Length, and that were cut off."""
        return self._surplus

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None) -> None:
        """Do what `start_response(status, headers, exc_info)` asks for.

        Raises the application's own exception again when `exc_info` comes after the headers went
        out (PEP 3333), `StartResponseTwice` without exc_info, `InvalidStatus`, `InvalidHeader`.
        """
        action = Action.START if exc_info is None else Action.RESTART
        state = _TRANSITIONS.get((self._state, action))
        if state is None:
            if exc_info is None:
                raise StartResponseTwice(status)
            raise exc_info[1].with_traceback(exc_info[2])
        self.status = _status_code(status)
        self.headers = encode_headers(headers)
        self.announced = self.remaining = _announced(self.headers)
        if self.announced is not None and _no_content(self.status):
            self._forget_length()
        self._state = state

    def body(self, block: bytes) -> bytes:
        """Return what of `block` is to be sent, and let the headers go if there is anything in it.

        Raises `StartResponseMissing`, or `BodyBlockTypeError` (a `TypeError`) for what is not bytes.
        """
        if not isinstance(block, bytes):
            raise BodyBlockTypeError(block)
        state = _TRANSITIONS.get((self._state, Action.BODY))
        if state is None:
            raise StartResponseMissing
        if not block:
            return block  # headers wait for the first non-empty block
        self._state = state
        return b"" if self.bodyless else self._within_length(block)

    def finish(self) -> None:
        """End the body.

        Raises `StartResponseMissing`, or `IncompleteResponse` when Content-Length promised more.
        """
        state = _TRANSITIONS.get((self._state, Action.FINISH))
        if state is None:
            raise StartResponseMissing
        self._state = state
        if self.remaining and self.announced is not None and not self.bodyless:
            raise IncompleteResponse(self.announced, self.announced - self.remaining)

    def set_length(self, length: int) -> None:
        """Announce a Content-Length in bytes, if the application has not and may have one.

        PEP 3333 "Handling the Content-Length Header": an iterable of one block lets the server
        work it out. Not for HEAD, where the length would be that of the missing body.
        """
        if self.announced is None and self._state is State.STARTED and not self.bodyless:
            self.headers.append((b"content-length", b"%d" % length))
            self.announced = self.remaining = length

    def start_event(self, *, trailers: bool = False) -> dict[str, Any]:
        """Return the `http.response.start` event (ASGI HTTP specification, "Response Start")."""
        event = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        if trailers:
            event["trailers"] = True
        return event

    def _within_length(self, block: bytes) -> bytes:
        """Cut a block at Content-Length: more would start the next response (request smuggling)."""
        if self.remaining is None:
            return block
        if len(block) > self.remaining:
            self._surplus += len(block) - self.remaining
            block = block[: self.remaining]
        self.remaining -= len(block)
        return block

    def _forget_length(self) -> None:
        """Drop Content-Length where RFC 9110 section 8.6 forbids it (1xx, 204).

        With 304 it is allowed, but uvicorn then waits for the bytes and breaks the connection.
        """
        self.headers = [header for header in self.headers if header[0] != b"content-length"]
        self.announced = self.remaining = None


def _no_content(status: int) -> bool:
    return status in (204, 304) or 100 <= status < 200


def _status_code(status: object) -> int:
    """Return the number in "404 Not Found"; the reason may be missing ("404", "404 ")."""
    if not isinstance(status, str):
        raise InvalidStatus(status)
    digits, _, reason = status.partition(" ")
    if len(digits) != _STATUS_DIGITS or not digits.isascii() or not digits.isdecimal():
        raise InvalidStatus(status)
    if digits[0] == "0" or "\r" in reason or "\n" in reason or "\0" in reason:
        raise InvalidStatus(status)
    return int(digits)


def _announced(headers: list[tuple[bytes, bytes]]) -> int | None:
    """Return the Content-Length in bytes, None without one; differing repetitions are an error."""
    lengths = {value for name, value in headers if name == b"content-length"}
    if not lengths:
        return None
    text = lengths.pop()
    if lengths or not text.isdigit():
        raise InvalidHeader(("Content-Length", text.decode("latin-1")), "expected one number")
    return int(text)
