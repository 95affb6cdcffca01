"""Header names and values on their way between ASGI and WSGI."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bridge.errors import InvalidHeader
from bridge.protocol.headers import (
    HOP_BY_HOP,
    EnvironKeys,
    _encoded_headers,
    encode_headers,
    headers_within,
)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (b"host", "HTTP_HOST"),
        (b"content-type", "CONTENT_TYPE"),
        (b"content-length", "CONTENT_LENGTH"),
        (b"x-forwarded-for", "HTTP_X_FORWARDED_FOR"),
        (b"transfer-encoding", None),
        (b"x_forwarded_for", None),
        # No tokens: upper() would make HTTP_X_ACCESS and CONTENT_LENGTH of the next two.
        (b"x-acce\xdf", None),
        (b"content-length ", None),
        (b"\xff", None),
        (b":authority", None),
        (b"", None),
    ],
)
def test_environ_key_of_a_header_name(name: bytes, key: str | None) -> None:
    keys = EnvironKeys()
    assert keys[name] == key
    assert keys[name] == key  # remembered, and the same


def test_underscores_are_kept_where_asked_for() -> None:
    assert EnvironKeys(keep_underscores=True)[b"x_real_ip"] == "HTTP_X_REAL_IP"


def test_the_table_of_names_does_not_grow_for_ever() -> None:
    keys = EnvironKeys()
    for number in range(5000):
        assert keys[b"x-%d" % number] == f"HTTP_X_{number}"
    assert len(keys) <= 2048


def test_names_that_a_client_makes_long_are_not_kept() -> None:
    keys = EnvironKeys()
    assert keys[b"x-%s" % (b"a" * 60_000)] == f"HTTP_X_{'A' * 60_000}"
    assert not keys


def test_values_that_a_client_makes_long_are_not_kept() -> None:
    """Applications send the client's Origin back."""
    for number in range(10):
        origin = f"https://{number}{'-' * 60_000}"
        header = ("Access-Control-Allow-Origin", origin)
        assert encode_headers([header]) == [(b"access-control-allow-origin", origin.encode())]
        assert header not in _encoded_headers
    short = ("Access-Control-Allow-Origin", "https://a.test")
    encode_headers([short])
    assert short in _encoded_headers


def test_headers_within_counts_lines_and_bytes() -> None:
    headers = [(b"aa", b"bbb")] * 4
    assert headers_within(headers, 4, 20)
    assert not headers_within(headers, 3, 20)
    assert not headers_within(headers, 4, 19)


def test_repeated_headers_stay_separate_and_in_order() -> None:
    given_ = [("Set-Cookie", "a=1"), ("X", "y"), ("Set-Cookie", "b=2")]
    assert encode_headers(given_) == [(b"set-cookie", b"a=1"), (b"x", b"y"), (b"set-cookie", b"b=2")]


@pytest.mark.parametrize("name", sorted(HOP_BY_HOP))
def test_hop_by_hop_headers_are_dropped(name: str) -> None:
    assert encode_headers([(name.title(), "x"), ("Age", "1")]) == [(b"age", b"1")]


def test_latin_1_values_are_sent_as_they_are() -> None:
    assert encode_headers([("X-Name", " J\xfcrgen\t")]) == [(b"x-name", b"J\xfcrgen")]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        (("X", "a\r\nSet-Cookie: b"), "split the response"),
        (("X", "a\nb"), "split the response"),
        (("X", "a\0b"), "split the response"),
        (("X\r\nY", "a"), "header name"),
        (("X Y", "a"), "header name"),
        (("X:", "a"), "header name"),
        (("", "a"), "header name"),
        ((b"X", "a"), "native strings"),
        (("X", b"a"), "native strings"),
        (("X", 1), "native strings"),
        (("X", "\u20ac"), "latin-1"),
        (("X", "\u20ac\r\n"), "split the response"),
        (("X", "\ud800"), "latin-1"),
        (("X",), "tuple"),
        ("X: y", "tuple"),
        (None, "tuple"),
    ],
    ids=repr,
)
def test_an_illegal_header_is_refused_with_its_reason(header: object, problem: str) -> None:
    with pytest.raises(InvalidHeader, match=problem) as caught:
        encode_headers([("Good", "1"), header])  # type: ignore[list-item]
    assert caught.value.header == header


def test_lists_in_the_place_of_tuples_are_taken_as_gunicorn_and_waitress_do() -> None:
    headers = [["X-Colour", "Blue"], ("X-Shape", "round")]
    assert encode_headers(headers) == [(b"x-colour", b"Blue"), (b"x-shape", b"round")]  # type: ignore[arg-type]


@pytest.mark.parametrize("header", [["X"], ["X", b"bytes"], "X: y", None], ids=repr)
def test_lists_do_not_make_other_faults_pass(header: object) -> None:
    with pytest.raises(InvalidHeader):
        encode_headers([["X-Colour", "Blue"], header])  # type: ignore[list-item]


def test_headers_that_are_no_list_are_refused() -> None:
    with pytest.raises(InvalidHeader, match="list of"):
        encode_headers(None)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=5))
def test_what_is_encoded_can_never_split_a_response(headers: list[tuple[str, str]]) -> None:
    try:
        encoded = encode_headers(headers)
    except InvalidHeader:
        return
    for name, value in encoded:
        assert name
        assert name == name.lower()
        assert not set(name + value) & set(b"\r\n\0")
        assert b":" not in name
        assert b" " not in name
