"""The ASGI specification's rules for what an application may send, as state tables.

Stricter than most servers, so that what passes here passes on all of them.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

__all__ = ["HttpRules", "IllegalEvent", "LifespanRules"]

Event = MutableMapping[str, Any]

START = "http.response.start"
BODY = "http.response.body"
TRAILERS = "http.response.trailers"
PATHSEND = "http.response.pathsend"
ZEROCOPYSEND = "http.response.zerocopysend"
EARLY_HINT = "http.response.early_hint"
PUSH = "http.response.push"
DEBUG = "http.response.debug"

# Which events may come in which state (ASGI HTTP specification and its extensions).
LEGAL = {
    "before": {START, EARLY_HINT, PUSH, DEBUG},
    "started": {BODY, PATHSEND, ZEROCOPYSEND, PUSH},
    "body": {BODY, ZEROCOPYSEND, PUSH},
    "trailers": {TRAILERS},
    "done": set[str](),
}
CORE = {START, BODY}  # the rest are extensions, legal only where the scope offers them
FORBIDDEN_IN_HEADERS = (b"\r", b"\n", b"\0")
# RFC 9110 5.6.2 (token), in lower case as ASGI wants names.
NAME_CHARACTERS = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
HOP_BY_HOP = {b"connection", b"keep-alive", b"te", b"upgrade", b"proxy-connection"}


class IllegalEvent(AssertionError):
    """The application sent what the ASGI specification forbids at this point."""


class HttpRules:
    """Judges the events of one HTTP response; `complete` once it has ended as it should."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self.complete = False
        self._scope = scope
        self._state = "before"
        self._status = 0
        self._trailers = False
        self._expected: int | None = None  # bytes that Content-Length promised
        self._got = 0  # bytes of body

    def judge(self, event: Event) -> None:
        """Raise IllegalEvent, or note the event and go on."""
        kind = event.get("type")
        _require(isinstance(kind, str), f"an event needs a str type, got {event!r}")
        assert isinstance(kind, str)
        offered = kind in CORE or kind in (self._scope.get("extensions") or {})
        _require(offered, f"{kind} was sent but the scope's extensions don't offer it")
        _require(kind in LEGAL[self._state], f"{kind} is not legal in state {self._state!r}: {_short(event)}")
        handler = {START: self._start, BODY: self._body, PATHSEND: self._path, TRAILERS: self._trailer}.get(
            kind
        )
        if handler is not None:
            handler(event)

    def _start(self, event: Event) -> None:
        self._status = event.get("status", 0)
        _require(type(self._status) is int, f"status must be an int, got {self._status!r}")
        _require(200 <= self._status <= 999, f"a final status is 200 to 999, got {self._status}")
        self._trailers = event.get("trailers", False)
        offered = TRAILERS in (self._scope.get("extensions") or {})
        _require(offered or not self._trailers, "trailers announced but the scope doesn't offer them")
        given = event.get("headers", ())
        if self._is_framed_twice():  # the one case in which the application has to say it
            given = [pair for pair in given if tuple(pair) != (b"connection", b"close")]
        headers = _checked_headers(given)
        lengths = [value for name, value in headers if name == b"content-length"]
        _require(len(lengths) <= 1, f"several Content-Length: {lengths}")
        if lengths:
            _require(lengths[0].isdigit(), f"Content-Length is not a number: {lengths[0]!r}")
            self._expected = int(lengths[0])
        chunked = any(name == b"transfer-encoding" for name, _ in headers)
        _require(not chunked, "Transfer-Encoding is the server's to decide")
        self._state = "started"

    def _is_framed_twice(self) -> bool:
        """Tell whether the connection must be closed (RFC 9112 section 6.1), which servers leave to luck."""
        names = {name.lower() for name, _ in self._scope["headers"]}
        framed = {b"content-length", b"transfer-encoding"} <= names
        return framed and str(self._scope.get("http_version") or "1.1").startswith("1")

    def _body(self, event: Event) -> None:
        body = event.get("body", b"")
        more = event.get("more_body", False)
        _require(type(body) is bytes, f"body must be bytes, got {type(body).__name__}")
        _require(type(more) is bool, f"more_body must be a bool, got {more!r}")
        self._got += len(body)
        _require(not (body and self._status in {204, 304}), f"a body with status {self._status}")
        if self._expected is not None:
            _require(
                self._got <= self._expected, f"{self._got} bytes of body, Content-Length {self._expected}"
            )
        self._state = "body"
        if not more:
            self._end_of_body()

    def _path(self, event: Event) -> None:
        path = event.get("path")
        _require(
            isinstance(path, str) and Path(path).is_absolute(),
            f"pathsend needs an absolute path, got {path!r}",
        )
        if self._expected is not None:
            self._got = self._expected
        self._end_of_body()

    def _end_of_body(self) -> None:
        bodyless = self._scope["method"] == "HEAD" or self._status in {204, 304}
        if self._expected is not None and not bodyless:
            _require(
                self._got == self._expected, f"ended at {self._got} bytes, Content-Length {self._expected}"
            )
        self._state = "trailers" if self._trailers else "done"
        self.complete = not self._trailers

    def _trailer(self, event: Event) -> None:
        _checked_headers(event.get("headers", ()))
        if not event.get("more_trailers", False):
            self._state = "done"
            self.complete = True


class LifespanRules:
    """Judges the events of one lifespan: one answer to startup, then one to shutdown."""

    def __init__(self) -> None:
        self._phase = "startup"

    def judge(self, event: Event) -> None:
        """Raise IllegalEvent, or note the event and go on."""
        kind = event.get("type")
        legal = {f"lifespan.{self._phase}.complete", f"lifespan.{self._phase}.failed"}
        _require(kind in legal, f"{kind} where one of {sorted(legal)} was due")
        _require(isinstance(event.get("message", ""), str), "message must be a str")
        self._phase = "shutdown" if kind == "lifespan.startup.complete" else "end"


def _checked_headers(headers: Any) -> list[tuple[bytes, bytes]]:
    checked = []
    for pair in headers:
        _require(len(pair) == 2, f"a header is a pair, got {pair!r}")
        name, value = pair
        for part in (name, value):
            _require(type(part) is bytes, f"header parts are bytes, got {part!r}")
            _require(
                not any(bad in part for bad in FORBIDDEN_IN_HEADERS), f"CR, LF or NUL in header {pair!r}"
            )
        _require(bool(name) and NAME_CHARACTERS.issuperset(name), f"not a lower-case header name: {name!r}")
        _require(value == value.strip(b" \t"), f"white space around the value of {name!r}: {value!r}")
        _require(name not in HOP_BY_HOP, f"{name!r} is hop-by-hop: illegal in HTTP/2, the server's to decide")
        checked.append((name, value))
    return checked


def _require(condition: object, message: str) -> None:
    if not condition:
        raise IllegalEvent(message)


def _short(event: Event) -> str:
    return repr(dict(event))[:200]
