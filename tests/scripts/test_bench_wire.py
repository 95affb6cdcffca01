from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from scripts.benchmarks.load.wire import body_of, request, response_end

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"


@pytest.mark.parametrize("response", [SIZED, CHUNKED], ids=["sized", "chunked"])
def test_a_response_ends_where_it_says_and_not_before(response: bytes) -> None:
    assert [response_end(response[:cut]) for cut in range(len(response))] == [None] * len(response)
    assert response_end(response) == response_end(response + b"HTTP/1.1 ") == len(response)


@pytest.mark.parametrize("response", [SIZED, CHUNKED, UNTIL_CLOSE], ids=["sized", "chunked", "until-close"])
def test_the_body_of_a_response(response: bytes) -> None:
    assert body_of(response) == b"hello"


@pytest.mark.parametrize("response", [SIZED, CHUNKED], ids=["sized", "chunked"])
def test_a_response_cut_short_has_no_body(response: bytes) -> None:
    with pytest.raises(ValueError, match="cut short"):
        body_of(response[:-1])


def test_a_response_without_an_end_cannot_share_a_connection() -> None:
    with pytest.raises(ValueError, match="neither Content-Length nor chunks"):
        response_end(UNTIL_CLOSE)


@given(st.lists(st.binary(min_size=1, max_size=50)))
def test_any_chunking_gives_the_same_body(pieces: list[bytes]) -> None:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert body_of(head + framed + b"0\r\n\r\n") == b"".join(pieces)


def test_a_request_names_what_follows() -> None:
    assert request("/x") == b"GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert request("/", method="POST", length=3, close=True) == (
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
    )
