"""`wsgi.input` reads the same whatever the pieces it comes in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, strategies as st

from bridge.protocol.body import RequestBody

pieces = st.lists(st.binary(min_size=1, max_size=12) | st.just(b"\n") | st.just(b"a\nb\n"), max_size=8)
sizes = st.none() | st.integers(min_value=-1, max_value=30)
calls = st.lists(st.tuples(st.sampled_from(["read", "readline", "readlines", "next"]), sizes), max_size=12)


def puller(blocks: list[bytes]) -> Callable[[], bytes]:
    """Return a pull() that gives these blocks, then b"" for ever."""
    left: Iterator[bytes] = iter(blocks)
    return lambda: next(left, b"")


def perform(stream: io.BytesIO | RequestBody, method: str, size: int | None) -> object:
    if method == "next":
        return next(iter(stream), None)
    if method == "readlines" and size == -1:
        size = None
    return getattr(stream, method)(size)


@given(pieces, calls)
def test_any_chunking_reads_as_the_whole_body_would(
    blocks: list[bytes], script: list[tuple[str, int | None]]
) -> None:
    body, reference = RequestBody(puller(blocks)), io.BytesIO(b"".join(blocks))
    for method, size in script:
        assert perform(body, method, size) == perform(reference, method, size), (method, size)
    assert body.read() == reference.read()


@given(pieces, st.integers(min_value=1, max_value=20))
def test_readinto_through_a_buffered_reader_gives_the_body(blocks: list[bytes], size: int) -> None:
    reader = io.BufferedReader(RequestBody(puller(blocks)), size)  # type: ignore[type-var]  # has what the reader calls
    assert reader.read() == b"".join(blocks)


def test_read_of_zero_bytes_pulls_nothing() -> None:
    def pull() -> bytes:
        raise AssertionError("pulled")

    assert RequestBody(pull).read(0) == b""


def test_read_never_pulls_beyond_what_was_asked_for() -> None:
    pulled: list[int] = []

    def pull() -> bytes:
        pulled.append(1)
        return b"12345"

    body = RequestBody(pull)
    assert (body.read(5), len(pulled)) == (b"12345", 1)
    assert (body.read(6), len(pulled)) == (b"123451", 3)
    assert (body.read(4), len(pulled)) == (b"2345", 3)


def test_readline_ends_where_the_line_does_without_pulling_more() -> None:
    blocks = [b"one\ntwo", b"\nthree"]
    pull = puller(blocks)
    body = RequestBody(pull)
    assert body.readline() == b"one\n"
    assert body.readline() == b"two\n"
    assert pull() == b""  # "three" came in the block that ended line two; nothing was asked after it
    assert body.readline() == b"three"


def test_the_end_of_the_body_is_remembered() -> None:
    ends = iter([b"x", b""])
    body = RequestBody(lambda: next(ends))  # a third pull raises StopIteration
    assert body.read() == b"x"
    assert (body.read(), body.readline(), body.read(1), list(body)) == (b"", b"", b"", [])


def test_an_error_of_pull_reaches_the_reader() -> None:
    def pull() -> bytes:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        RequestBody(pull).read()


def test_closing_does_not_stop_reading() -> None:
    body = RequestBody(puller([b"data"]))
    body.close()
    body.flush()
    assert body.read() == b"data"
    assert (body.readable(), body.writable(), body.seekable(), body.closed) == (True, False, False, False)
