"""The response state machine of the way back: ASGI events in, what WSGI needs out.

    START --http.response.start--> BODY --http.response.body--> MORE --http.response.body--> DONE
                                     |                            ^ |
                                     +-- more_body False --> DONE +-+ more_body True

The start is held back until the first body event, as the ASGI specification allows ("Response
Start"), so that an application that fails in between can still be answered with a 500.
Anything out of order raises into the application, with what was expected; what comes after the
end is ignored, as the specification has it ("Response Body": "any further messages on the channel
will be ignored").
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Any, NamedTuple

from bridge.errors import IncompleteResponse, InvalidEvent, UnexpectedEvent
from bridge.protocol.asgi_types import Event
from bridge.protocol.headers import HOP_BY_HOP

__all__ = ["AsgiResponse", "Block", "Expects", "Head", "WsgiHeaders", "decode_headers"]

WsgiHeaders = list[tuple[str, str]]

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2
_SPLITTING = re.compile(rb"[\r\n\0]")  # RFC 9110 section 5.5

_START = "http.response.start"
_BODY = "http.response.body"


class Expects(Enum):
    """What has to come next."""

    START = auto()
    BODY = auto()  # the first body event, with which the headers go out
    MORE = auto()
    NOTHING = auto()


# Which event may come when. What is not in here is an error, but for what comes after the end.
_LEGAL = {(Expects.START, _START), (Expects.BODY, _BODY), (Expects.MORE, _BODY)}
_EXPECTED = {
    Expects.START: f"{_START!r} first",
    Expects.BODY: f"{_BODY!r} after {_START!r}",
    Expects.MORE: f"{_BODY!r}, the last one with more_body False",
    Expects.NOTHING: "nothing more",
}


class Head(NamedTuple):
    """The start of a response together with its first block.

    `ended`: there is no other block; `bodyless`: there can't be any (HEAD, 1xx, 204, 304).
    """

    status: int
    headers: WsgiHeaders
    block: bytes
    ended: bool
    bodyless: bool


class Block(NamedTuple):
    """A block of the body; `ended`: it is the last one."""

    block: bytes
    ended: bool


class AsgiResponse:
    """One response. Feed it the events that the application sends."""

    __slots__ = ("_announced", "_headers", "_is_head", "_sent", "_status", "expects")

    def __init__(self, method: str) -> None:
        self._is_head = method == "HEAD"
        self._status = 0
        self._headers: WsgiHeaders = []
        self._announced: int | None = None  # Content-Length in bytes
        self._sent = 0  # bytes of body
        self.expects = Expects.START

    @property
    def expected(self) -> str:
        """What has to come next, in words for an error message."""
        return _EXPECTED[self.expects]

    def feed(self, event: Event) -> Head | Block | None:
        """Return what one event gives to send; None for a start, and for what comes after the end.

        Raises `UnexpectedEvent` for an event out of order or of an extension that was not offered,
        `InvalidEvent` for one that can't be sent, `IncompleteResponse` for a last block that
        leaves the body shorter than its Content-Length. The response has not changed then.
        """
        kind = event.get("type")
        if self.expects is Expects.NOTHING:
            return None
        if (self.expects, kind) not in _LEGAL:
            raise UnexpectedEvent(kind, self.expected)
        if kind == _BODY:
            return self._body(event)
        self._start(event)
        return None

    def _start(self, event: Event) -> None:
        status = _status(event.get("status"))
        self._headers = decode_headers(event.get("headers", ()))
        self._announced = _content_length(self._headers)
        self._status = status
        self.expects = Expects.BODY

    def _body(self, event: Event) -> Head | Block:
        block = _body_bytes(event.get("body", b""))
        ended = not event.get("more_body", False)
        bodyless = self._is_head or _has_no_body(self._status)
        if bodyless:
            block = b""
        else:
            self._check_length(self._sent + len(block), ended=ended)
        self._sent += len(block)
        first = self.expects is Expects.BODY
        self.expects = Expects.NOTHING if ended else Expects.MORE
        if first:
            return Head(self._status, self._headers, block, ended, bodyless)
        return Block(block, ended)

    def _check_length(self, sent: int, *, ended: bool) -> None:
        """Hold the body to its Content-Length: what is beyond it would begin the next response."""
        announced = self._announced
        if announced is None:
            return
        if sent > announced:
            raise InvalidEvent(_BODY, f"{sent} bytes of body in all, but Content-Length is {announced}")
        if ended and sent < announced:
            raise IncompleteResponse(announced, sent)


def decode_headers(headers: Any) -> WsgiHeaders:
    """Return ASGI headers as `start_response` wants them: native strings, in order, repeated ones apart.

    Hop-by-hop headers are left out (PEP 3333 "Other HTTP Features" forbids them to applications,
    and the ASGI specification says that Transfer-Encoding "must be ignored").
    Raises `InvalidEvent` for what is not bytes or would split the response.
    """
    try:
        pairs = [(name, value) for name, value in headers]
        legal = _TOKEN.fullmatch(b"".join([name or b":" for name, _ in pairs]) or b"-")
        if not legal or _SPLITTING.search(b"".join([value for _, value in pairs])):
            raise _first_fault(headers)
        decoded = [(name.decode("ascii"), value.strip(b" \t").decode("latin-1")) for name, value in pairs]
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InvalidEvent):
            raise
        raise _first_fault(headers) from error
    return [(name, value) for name, value in decoded if name.lower() not in HOP_BY_HOP]


def _first_fault(headers: Any) -> InvalidEvent:
    """Name the header that made `decode_headers` fail, and what is wrong with it."""
    try:
        faults = ((header, _problem(header)) for header in headers)
        header, problem = next((header, problem) for header, problem in faults if problem)
    except (TypeError, StopIteration):
        return InvalidEvent(_START, f"headers={headers!r}; expected an iterable of (name, value) pairs")
    return InvalidEvent(_START, f"the header {header!r}: {problem}")


def _problem(header: Any) -> str | None:
    if not isinstance(header, (tuple, list)) or len(header) != 2:
        return "expected a pair (name, value)"
    name, value = header
    if not isinstance(name, bytes) or not isinstance(value, bytes):
        return "name and value must both be bytes; encode them: name.encode('latin-1')"
    if not _TOKEN.fullmatch(name):
        return "a header name consists of letters, digits and !#$%&'*+-.^_`|~ only (RFC 9110)"
    if _SPLITTING.search(value):
        return "CR, LF and NUL in a value would split the response; remove them"
    return None


def _status(status: Any) -> int:
    if isinstance(status, int) and 100 <= status <= 999:  # HTTPStatus is an int, too
        return int(status)
    raise InvalidEvent(_START, f"status={status!r}; expected an int from 100 to 999")


def _body_bytes(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, (bytearray, memoryview)):  # Starlette sends them as they come
        return bytes(body)
    hint = "; encode it: body.encode('utf-8')" if isinstance(body, str) else ""
    raise InvalidEvent(_BODY, f"a body of type {type(body).__name__}; expected bytes{hint}")


def _content_length(headers: WsgiHeaders) -> int | None:
    """Return the announced length in bytes, None without one; differing repetitions are an error."""
    lengths = {value for name, value in headers if name.lower() == "content-length"}
    if not lengths:
        return None
    text = lengths.pop()
    if lengths or not (text.isascii() and text.isdecimal()):
        raise InvalidEvent(_START, f"the header content-length: {text!r}; expected one number of bytes")
    return int(text)


def _has_no_body(status: int) -> bool:
    """Tell whether a response with that status never has a body (RFC 9110 sections 15.2, 15.3.5, 15.4.5)."""
    return status in (204, 304) or status < 200
