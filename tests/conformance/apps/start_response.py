"""Rows about `start_response` and the response."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextvars import ContextVar

from tests.conformance.journal import journal
from tests.conformance.rows import Environ, StartResponse, row, token_of

__all__ = [
    "Closing",
    "Sized",
]

PLAIN = [("Content-Type", "text/plain")]
BREAKS = "breaks the rules on purpose, and the linters would be the ones to notice"
COUNTS = "LintMiddleware counts the bytes and complains at close()"
HIDES = "the linters' wrapper would hide the type of the iterable"

# ------------------------------------------------------------ when headers go out


@row
def replaced_after_empty_blocks(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [*PLAIN, ("X-Which", "first")])
    yield b""
    yield b""
    yield from _replaced(start_response)


@row
def replaced_at_the_end(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [*PLAIN, ("X-Which", "first")])
    yield b""
    _ = list(_replaced(start_response))
    yield b""


def _replaced(start_response: StartResponse) -> Iterator[bytes]:
    try:
        raise LookupError("on the way")
    except LookupError:
        start_response("503 Later", [*PLAIN, ("X-Which", "second")], sys.exc_info())
    yield b"replaced"


@row(bare=BREAKS)
def started_twice(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    start_response("200 OK", PLAIN)
    return [b"never"]


@row(bare=BREAKS)
def started_twice_and_went_on(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("201 Created", PLAIN)
    try:
        start_response("200 OK", PLAIN)
    except Exception as error:
        journal.note(token_of(environ), type(error).__name__)
    return [b"first"]


@row
def restarted_too_late(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", PLAIN)
    yield b"out"
    try:
        raise LookupError("too late")
    except LookupError as error:
        try:
            start_response("500 Oops", PLAIN, sys.exc_info())
        except LookupError as again:
            journal.note(token_of(environ), "same" if again is error else "another")
            raise


@row
def handled_error(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return _replaced(start_response)


# ------------------------------------------------------------ what is missing


class Closing:
    """An iterable of blocks that notes its end: thread, context, and how often it was closed."""

    def __init__(self, environ: Environ, blocks: Iterable[bytes]) -> None:
        self._token = token_of(environ)
        self._blocks = iter(blocks)
        self._thread = threading.get_ident()
        _in_context.set(self._token)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._blocks)

    def close(self) -> None:
        same_thread = threading.get_ident() == self._thread
        same_context = _in_context.get("") == self._token
        journal.note(self._token, "thread" if same_thread else "another thread")
        journal.note(self._token, "context" if same_context else "another context")
        journal.note(self._token, "closed")


_in_context: ContextVar[str] = ContextVar("in_context")


@row(bare=BREAKS)
def not_started(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    return Closing(environ, [b"body without a start"])


@row(bare=BREAKS)
def not_started_and_empty(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    return Closing(environ, [])


@row
def closing(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return Closing(environ, [b"one ", b"two"])


@row
def closing_after_failure(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return Closing(environ, _failing([]))


@row
def closing_after_late_failure(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return Closing(environ, _failing([b"out"]))


@row
def close_fails(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    class FailingClose(Closing):
        def close(self) -> None:
            super().close()
            raise LookupError("in close")

    start_response("200 OK", PLAIN)
    return FailingClose(environ, [b"whole"])


def _failing(blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield from blocks
    raise LookupError("while iterating")


# ------------------------------------------------------------ the body


@row
def written(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    write = start_response("200 OK", PLAIN)
    write(b"1")
    yield b"2"
    write(b"3")
    write(b"4")
    yield b"5"
    write(b"6")


@row
def only_written(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    write = start_response("200 OK", PLAIN)
    write(b"one ")
    write(b"two")
    return []


@row(bare=HIDES)
def empty_list(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("202 Accepted", [*PLAIN, ("X-Started", "yes")])
    return []


@row
def empty_generator(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("202 Accepted", [*PLAIN, ("X-Started", "yes")])
    yield from ()


@row(bare=HIDES)
def one_in_a_list(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return [b"one block"]


@row(bare=HIDES)
def one_in_a_tuple(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return (b"one block",)


class Sized:
    """One block in an iterable that is neither list nor tuple, but sized."""

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[bytes]:
        yield b"one block"


@row(bare=HIDES)
def one_in_a_sized_iterable(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return Sized()


@row
def too_long(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", "8")])
    yield b"12345"
    yield b"678 and more"
    yield b"and more"


@row(bare=HIDES)
def too_long_list(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", "8")])
    return [b"12345", b"678 and more", b"and more"]


@row(bare=COUNTS)
def too_short(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", "100")])
    return Closing(environ, [b"12345", b"678"])


@row(bare=COUNTS)
def too_short_list(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", "100")])
    return [b"12345678"]


@row(bare="a body after 204 and 304 breaks the rules on purpose")
def body_anyway(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    """Send a body whether the status allows one or not; the status is the query."""
    headers = [] if environ["QUERY_STRING"] == "204" else [("Content-Length", "4")]
    start_response(f"{environ['QUERY_STRING']} Chosen", headers)
    yield b"body"


@row(bare="the body of an answer to HEAD breaks the rules on purpose")
def body_of_unknown_length(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", PLAIN)
    yield b"bo"
    yield b"dy"


@row(bare="str blocks break the rules on purpose")
def text_block(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return ["text"]  # type: ignore[list-item]  # what is tested


@row(bare="str blocks break the rules on purpose")
def text_block_later(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", PLAIN)
    yield b"bytes"
    yield "text"  # type: ignore[misc]  # what is tested


# ------------------------------------------------------------ status and headers


@row(bare="wsgiref.validate forbids hop-by-hop headers, as PEP 3333 does")
def hop_by_hop(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response(
        "200 OK",
        [
            *PLAIN,
            ("Connection", "X-Private"),
            ("Keep-Alive", "timeout=77"),
            ("Proxy-Authenticate", "Basic"),
            ("Proxy-Authorization", "Basic secret"),
            ("TE", "gzip"),
            ("Transfer-Encoding", "gzip"),
            ("Upgrade", "h2c"),
            ("X-Kept", "yes"),
        ],
    )
    return [b"body"]


@row
def latin_1(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [*PLAIN, ("X-Name", "caf\xe9 \xff")])
    return [b"body"]


@row(bare=BREAKS)
def splitting(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Put one of the three forbidden characters into a name, a value or the status, as the query says."""
    where, _, what = environ["QUERY_STRING"].partition("-")
    bad = f"x{SPLITTERS[what]}Injected: yes"
    start_response(
        f"200 {bad}" if where == "status" else "200 OK",
        [*PLAIN, ("X-" + bad if where == "name" else "X-A", bad if where == "value" else "a")],
    )
    return [b"body"]


SPLITTERS = {"CR": "\r", "LF": "\n", "CRLF": "\r\n", "NUL": "\0"}


@row(bare="statuses that the linters refuse, some of them on purpose")
def chosen_status(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response(STATUSES[environ["QUERY_STRING"]], PLAIN)
    return []


STATUSES: dict[str, object] = {
    "no-reason": "404",
    "empty-reason": "200 ",
    "custom": "299 Custom",
    "long-reason": "418 I'm a teapot, short and stout",
    "latin-1-reason": "200 caf\xe9",
    "four-digits": "2000 Much",
    "two-digits": "20 Little",
    "word": "OK",
    "no-space": "200OK",
    "empty": "",
    "negative": "-20 Below",
    "zero": "099 Below",
    "arabic-digits": "\u0662\u0660\u0660 OK",
    "bytes": b"200 OK",
    "int": 200,
    "none": None,
}


@row
def cookies(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response(
        "200 OK",
        [("Set-Cookie", "b=2; Path=/"), *PLAIN, ("Set-Cookie", "a=1"), ("Set-Cookie", "b=3")],
    )
    return [b"body"]


# ------------------------------------------------------------ failure


@row
def fails_at_once(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    raise LookupError("at once")


@row(bare=COUNTS)
def fails_before_the_first_block(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", "4")])
    return _failing([b""])


@row
def fails_after_headers(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", PLAIN)
    return _failing([b"out"])


@row(bare=COUNTS)
def fails_after_headers_with_length(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [*PLAIN, ("Content-Length", "1000")])
    return _failing([b"out"])
