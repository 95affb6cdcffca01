from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bridge.errors import ClientDisconnected, UndecodedBody
from bridge.protocol.input_reader import BLOCK_SIZE, InputReader, body_reader
from tests.adapters.wsgi_driver import make_environ


class Pieces:
    """A `wsgi.input` without read1, which gives what it likes of what is asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.asked: list[int] = []

    def read(self, size: int) -> bytes:
        self.asked.append(size)
        if not self.pieces:
            return b""
        block, rest = self.pieces[0][:size], self.pieces[0][size:]
        self.pieces[:1] = [rest] if rest else []
        return block


def reader_or_error(**changes: Any) -> InputReader:
    reader = body_reader(make_environ("POST", **changes))
    assert reader is not None
    return reader


def everything(reader: InputReader) -> bytes:
    blocks = []
    while not reader.ended:
        blocks.append(reader.read())
    return b"".join(blocks)


@pytest.mark.parametrize(
    "changes",
    [{}, {"CONTENT_LENGTH": "0"}, {"CONTENT_LENGTH": ""}, {"wsgi__input": None, "CONTENT_LENGTH": "3"}],
    ids=["neither", "length 0", "empty length", "no input"],
)
def test_there_is_no_body_without_a_length_or_an_end(changes: dict[str, Any]) -> None:
    assert body_reader(make_environ("POST", **changes)) is None


@pytest.mark.parametrize(
    "changes",
    [{"wsgi__input_terminated": True}, {"HTTP_TRANSFER_ENCODING": "Chunked"}],
    ids=["input_terminated", "chunked"],
)
def test_a_body_without_a_length_is_read_to_its_end(changes: dict[str, Any]) -> None:
    source = Pieces(b"a" * 10, b"b" * BLOCK_SIZE, b"c")
    assert everything(reader_or_error(wsgi__input=source, **changes)) == b"a" * 10 + b"b" * BLOCK_SIZE + b"c"


def test_a_length_counts_even_where_the_input_ends_by_itself() -> None:
    reader = reader_or_error(wsgi__input=Pieces(b"abcdef"), CONTENT_LENGTH="3", wsgi__input_terminated=True)
    assert everything(reader) == b"abc"


def test_it_never_asks_for_more_than_the_length_nor_for_more_than_a_block() -> None:
    source = Pieces(b"x" * (BLOCK_SIZE + 10), b"next request")
    assert everything(reader_or_error(wsgi__input=source, CONTENT_LENGTH=str(BLOCK_SIZE + 10))) == b"x" * (
        BLOCK_SIZE + 10
    )
    assert source.asked == [BLOCK_SIZE, 10]
    assert source.pieces == [b"next request"]


def test_read1_is_used_where_it_is_so_that_a_slow_upload_is_not_held_back() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("would wait until all of it is there")

    assert everything(reader_or_error(wsgi__input=Slow(b"abc"), CONTENT_LENGTH="3")) == b"abc"


def test_a_body_shorter_than_its_length_is_a_client_that_has_gone() -> None:
    reader = reader_or_error(wsgi__input=Pieces(b"ab"), CONTENT_LENGTH="3")
    assert reader.read() == b"ab"
    with pytest.raises(ClientDisconnected):
        reader.read()
    assert not reader.ended


@pytest.mark.parametrize("length", ["x", "-1", "1,2", "²"])
def test_a_length_that_is_not_a_number_is_an_error(length: str) -> None:
    with pytest.raises(ValueError, match=length):
        body_reader(make_environ("POST", CONTENT_LENGTH=length))


def test_a_server_that_does_not_decode_chunks_is_not_read_for_ever() -> None:
    with pytest.raises(UndecodedBody, match=r"WSGIServer/0\.2 CPython does not decode"):
        body_reader(
            make_environ("POST", HTTP_TRANSFER_ENCODING="chunked", SERVER_SOFTWARE="WSGIServer/0.2 CPython")
        )


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=10))
def test_any_chunking_reads_the_same(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    environ = make_environ("POST", CONTENT_LENGTH=str(len(whole)), wsgi__input=Pieces(*pieces))
    reader = body_reader(environ)
    assert (everything(reader) if reader else b"") == whole
