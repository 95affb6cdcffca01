"""The `start_response` state machine: what an application calls, in any order, becomes legal ASGI.

    IDLE --start--> STARTED --body--> SENT --finish--> DONE
                     |  ^                |
                     +--+ restart        +--body--> SENT
                  (exc_info only)

Headers are held back until the first non-empty block or the end (PEP 3333 "The start_response()
Callable"), so that an application that fails before its first block can still answer 500.
"""

from __future__ import annotations

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

__all__ = ["ExcInfo", "Response"]

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

_STATUS_DIGITS = 3
_NO_CONTENT = (204, 304)  # RFC 9110 sections 15.3.5, 15.4.5
_MAX_REMEMBERED = 1024  # statuses; an application that invents reasons must not fill the memory

_status_codes: dict[str, int] = {}  # "200 OK" -> 200


# Where a response stands. Plain strings: hashing an Enum member runs Python code, and these are
# looked up three times a request (measured: 2 us of 6).
IDLE = "idle"  # start_response has not been called
STARTED = "started"  # it has; the headers are held back and may be replaced
SENT = "sent"  # the headers are out
DONE = "done"  # the body has ended

# What an application can do in each state, and where that leads. What is missing is an error.
_AFTER_START = {IDLE: STARTED}  # start_response(status, headers)
_AFTER_RESTART = {IDLE: STARTED, STARTED: STARTED}  # ... with exc_info
_AFTER_BODY = {STARTED: SENT, SENT: SENT}  # a non-empty block, yielded or written
_AFTER_FINISH = {STARTED: DONE, SENT: DONE}  # the iterable is exhausted


class Response:
    """One response, from `start_response` to its last byte.

    Feed it the application's calls; it returns the bytes to send and keeps `status` (int) and
    `headers` (ASGI form) for the start event. `remaining` is the number of body bytes that
    Content-Length still allows; None when none was announced.
    """

    # Defaults stand in the class: most responses change few of them.
    headers_sent = False  # the headers are out: nothing can replace them
    bodyless = False  # no body may follow them (RFC 9110 sections 6.4.1, 15)
    surplus = 0  # bytes sent beyond Content-Length, and cut off
    status = 0
    headers: list[tuple[bytes, bytes]]
    announced: int | None = None
    remaining: int | None = None
    _state = IDLE

    def __init__(self, method: str) -> None:
        self._is_head = method == "HEAD"

    @property
    def body_complete(self) -> bool:
        """Whether the headers are out and no further byte may follow them."""
        return self.headers_sent and (self.remaining == 0 or self.bodyless)

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None) -> None:
        """Do what `start_response(status, headers, exc_info)` asks for.

        Raises the application's own exception again when `exc_info` comes after the headers went
        out (PEP 3333), `StartResponseTwice` without exc_info, `InvalidStatus`, `InvalidHeader`.
        """
        state = (_AFTER_START if exc_info is None else _AFTER_RESTART).get(self._state)
        if state is None:
            if exc_info is None:
                raise StartResponseTwice(status)
            raise exc_info[1].with_traceback(exc_info[2])
        # All of it is checked before any of it counts: an application may catch the error and go on.
        code = _status_codes.get(status) or _status_code(status)
        encoded = encode_headers(headers)
        announced = _announced(encoded)
        self.status = code
        self.headers = encoded
        self.announced = self.remaining = announced
        self.bodyless = self._is_head
        if code in _NO_CONTENT:
            self.bodyless = True
            self._forget_length()
        self._state = state

    def body(self, block: bytes) -> bytes:
        """Return what of `block` is to be sent, and let the headers go if there is anything in it.

        Raises `StartResponseMissing`, or `BodyBlockTypeError` (a `TypeError`) for what is not bytes.
        """
        if not isinstance(block, bytes):
            raise BodyBlockTypeError(block)
        state = _AFTER_BODY.get(self._state)
        if state is None:
            raise StartResponseMissing
        if not block:
            return block  # headers wait for the first non-empty block
        self._state = state
        self.headers_sent = True
        if self.bodyless:
            return b""
        return block if self.remaining is None else self._within_length(block, self.remaining)

    def finish(self) -> None:
        """End the body.

        Raises `StartResponseMissing`, or `IncompleteResponse` when Content-Length promised more.
        """
        state = _AFTER_FINISH.get(self._state)
        if state is None:
            raise StartResponseMissing
        self._state = state
        self.headers_sent = True
        if self.remaining and self.announced is not None and not self.bodyless:
            raise IncompleteResponse(self.announced, self.announced - self.remaining)

    def set_length(self, length: int) -> None:
        """Announce a Content-Length in bytes, if the application has not and may have one.

        PEP 3333 "Handling the Content-Length Header": an iterable of one block lets the server
        work it out. Not for HEAD, where the length would be that of the missing body.
        """
        if self.announced is None and self._state is STARTED and not self.bodyless:
            self.headers.append((b"content-length", b"%d" % length))
            self.announced = self.remaining = length

    def start_event(self, *, trailers: bool = False) -> dict[str, Any]:
        """Return the `http.response.start` event (ASGI HTTP specification, "Response Start")."""
        event = {"type": "http.response.start", "status": self.status, "headers": self.headers}
        if trailers:
            event["trailers"] = True
        return event

    def _within_length(self, block: bytes, remaining: int) -> bytes:
        """Cut a block at Content-Length: more would start the next response (request smuggling)."""
        surplus = len(block) - remaining
        if surplus > 0:
            self.surplus += surplus
            block = block[:remaining]
        self.remaining = remaining - len(block)
        return block

    def _forget_length(self) -> None:
        """Drop Content-Length where RFC 9110 section 8.6 forbids it (204).

        With 304 it is allowed, but uvicorn then waits for the bytes and breaks the connection.
        """
        self.headers = [header for header in self.headers if header[0] != b"content-length"]
        self.announced = self.remaining = None


def _status_code(status: object) -> int:
    """Return the number in "404 Not Found"; the reason may be missing ("404", "404 ").

    A 1xx is refused: it is interim (RFC 9110 section 15.2), so its client goes on waiting, and would take the
    next response on the connection for the one that was asked for.
    """
    if not isinstance(status, str):
        raise InvalidStatus(status)
    digits, _, reason = status.partition(" ")
    if len(digits) != _STATUS_DIGITS or not digits.isascii() or not digits.isdecimal():
        raise InvalidStatus(status)
    if digits[0] in "01" or "\r" in reason or "\n" in reason or "\0" in reason:
        raise InvalidStatus(status)
    if len(_status_codes) < _MAX_REMEMBERED:
        _status_codes[status] = int(digits)
    return int(digits)


def _announced(headers: list[tuple[bytes, bytes]]) -> int | None:
    """Return the Content-Length in bytes, None without one; differing repetitions are an error.

    Equal ones are folded into one, in `headers` too: none may be sent twice (RFC 9110 section 8.6).
    """
    text = None
    surplus = 0
    for name, value in headers:
        if name == b"content-length":
            if not value.isdigit() or text not in (None, value):
                raise InvalidHeader(("Content-Length", value.decode("latin-1")), "expected one number")
            if text is not None:
                surplus += 1
            text = value
    if text is None:
        return None
    while surplus:
        headers.remove((b"content-length", text))
        surplus -= 1
    return int(text)
