"""The start_response state machine."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bridge.errors import (
    ApplicationError,
    BodyBlockTypeError,
    IncompleteResponse,
    InvalidHeader,
    InvalidStatus,
    StartResponseMissing,
    StartResponseTwice,
)
from bridge.protocol.response import ExcInfo, Response


def exc_info() -> ExcInfo:
    try:
        raise KeyError("the application's own")
    except KeyError:
        return sys.exc_info()  # type: ignore[return-value]


def started(status: str = "200 OK", *headers: tuple[str, str], method: str = "GET") -> Response:
    response = Response(method)
    response.start(status, list(headers))
    return response


def test_headers_wait_for_the_first_non_empty_block() -> None:
    response = started()
    assert (response.body(b""), response.headers_sent) == (b"", False)
    assert (response.body(b"x"), response.headers_sent) == (b"x", True)


def test_headers_go_out_at_the_end_of_an_empty_body() -> None:
    response = started()
    response.finish()
    assert response.headers_sent


def test_exc_info_replaces_headers_that_have_not_been_sent() -> None:
    response = started("200 OK", ("X", "1"))
    response.body(b"")
    response.start("500 Oops", [("Y", "2")], exc_info())
    assert response.start_event() == {
        "type": "http.response.start",
        "status": 500,
        "headers": [(b"y", b"2")],
    }


def test_exc_info_after_the_headers_raises_the_applications_exception() -> None:
    response = started()
    response.body(b"x")
    with pytest.raises(KeyError, match="own"):
        response.start("500 Oops", [], exc_info())
    assert response.status == 200
    assert response.body(b"y") == b"y"  # one that handles it goes on


def test_exc_info_on_the_first_call_is_a_first_call() -> None:
    response = Response("GET")
    response.start("500 Oops", [], exc_info())
    assert response.body(b"x") == b"x"


def test_a_second_start_without_exc_info_is_refused() -> None:
    response = started()
    with pytest.raises(StartResponseTwice, match=r"sys\.exc_info"):
        response.start("200 OK", [])


@pytest.mark.parametrize("act", [lambda r: r.body(b"x"), lambda r: r.body(b""), lambda r: r.finish()])
def test_nothing_goes_before_start_response(act: Any) -> None:
    with pytest.raises(StartResponseMissing, match="without calling start_response"):
        act(Response("GET"))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("200 OK", 200),
        ("204", 204),
        ("200 ", 200),
        ("299 Custom", 299),
        ("404 Not  Found", 404),
        ("999 x", 999),
    ],
)
def test_status_is_accepted(status: str, code: int) -> None:
    assert started(status).status == code


@pytest.mark.parametrize(
    "status",
    [
        "",
        "OK",
        "20 OK",
        "2000 OK",
        "099 x",
        "100 Continue",
        "101 Switching Protocols",
        "103 Early Hints",
        "2x0 OK",
        "-20 OK",
        "200 a\r\nb: c",
        "²00 OK",
        b"200 OK",
        200,
        None,
    ],
)
def test_status_that_means_nothing_is_refused(status: Any) -> None:
    with pytest.raises(InvalidStatus, match="three digits"):
        started(status)


def test_a_refused_start_leaves_the_machine_where_it_was() -> None:
    response = Response("GET")
    with pytest.raises(InvalidStatus):
        response.start("nonsense", [])
    response.start("200 OK", [])
    assert response.body(b"x") == b"x"


def test_body_is_cut_at_content_length() -> None:
    response = started("200 OK", ("Content-Length", "3"))
    assert [response.body(b"ab"), response.body(b"cd"), response.body(b"e")] == [b"ab", b"c", b""]
    assert response.surplus == 2
    assert response.body_complete
    response.finish()


def test_a_body_that_is_too_short_is_an_error() -> None:
    response = started("200 OK", ("Content-Length", "3"))
    response.body(b"ab")
    with pytest.raises(IncompleteResponse) as caught:
        response.finish()
    assert (caught.value.announced, caught.value.sent) == (3, 2)


@pytest.mark.parametrize("value", ["x", "-1", "", "1.5"])
def test_a_content_length_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(InvalidHeader, match="one number"):
        started("200 OK", ("Content-Length", value))


def test_contradicting_content_lengths_are_refused() -> None:
    with pytest.raises(InvalidHeader, match="one number"):
        started("200 OK", ("Content-Length", "1"), ("Content-Length", "2"))


def test_an_equal_content_length_is_sent_once() -> None:
    response = started("200 OK", ("Content-Length", "3"), ("X-A", "1"), ("Content-Length", "3"))
    assert sorted(response.headers) == [(b"content-length", b"3"), (b"x-a", b"1")]
    assert response.announced == 3


@pytest.mark.parametrize("headers", [[("Content-Length", "x")], [("X", "a\nb")]], ids=["length", "splitting"])
def test_a_start_that_is_refused_changes_nothing(headers: list[tuple[str, str]]) -> None:
    """The application may catch the error and go on with what it had started before."""
    response = started("200 OK", ("Content-Length", "3"))
    with pytest.raises(InvalidHeader):
        response.start("500 Oh", headers, exc_info())
    assert (response.status, response.headers) == (200, [(b"content-length", b"3")])
    assert response.body(b"abc") == b"abc"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_no_body_and_no_length_where_there_must_be_none(status: str) -> None:
    response = started(status, ("Content-Length", "3"), ("ETag", "x"))
    assert response.body(b"abc") == b""
    response.finish()
    assert response.headers == [(b"etag", b"x")]


def test_head_has_the_length_but_no_body() -> None:
    response = started("200 OK", ("Content-Length", "3"), method="HEAD")
    assert response.body(b"abc") == b""
    assert response.body_complete
    response.finish()
    assert response.headers == [(b"content-length", b"3")]


def test_length_of_a_single_block_is_set_unless_it_was_announced() -> None:
    response = started()
    response.set_length(3)
    assert response.headers == [(b"content-length", b"3")]
    announced = started("200 OK", ("Content-Length", "5"))
    announced.set_length(3)
    assert announced.headers == [(b"content-length", b"5")]
    head = started(method="HEAD")
    head.set_length(3)
    assert head.headers == []


@pytest.mark.parametrize("block", ["text", bytearray(b"x"), 1, None])
def test_a_block_that_is_not_bytes_is_a_type_error(block: Any) -> None:
    with pytest.raises(BodyBlockTypeError, match=type(block).__name__):
        started().body(block)
    assert issubclass(BodyBlockTypeError, TypeError)


def test_str_blocks_are_told_how_to_become_bytes() -> None:
    with pytest.raises(TypeError, match=r"encode\('utf-8'\)"):
        started().body("text")  # type: ignore[arg-type]


# ---------------------------------------------------------------- any order of calls

actions = st.lists(
    st.one_of(
        st.tuples(
            st.just("start"),
            st.sampled_from(["200 OK", "204 No Content", "bad"]),
            st.sampled_from([None, "2", "9"]),
        ),
        st.tuples(st.just("restart"), st.sampled_from(["500 Oops", "bad"]), st.sampled_from([None, "1"])),
        st.tuples(st.just("body"), st.sampled_from([b"", b"x", b"abc"]), st.none()),
        st.tuples(st.just("finish"), st.none(), st.none()),
    ),
    max_size=10,
)


def act(response: Response, action: tuple[str, Any, Any]) -> bytes:
    kind, what, length = action
    headers = [] if length is None else [("Content-Length", length)]
    if kind == "start":
        response.start(what, headers)
    elif kind == "restart":
        response.start(what, headers, exc_info())
    elif kind == "body":
        return response.body(what)
    else:
        response.finish()
    return b""


@given(st.sampled_from(["GET", "HEAD"]), actions)
def test_no_order_of_calls_makes_an_illegal_response(method: str, script: list[tuple[str, Any, Any]]) -> None:
    response = Response(method)
    sent, start = b"", None
    for action in script:
        data = b""
        with contextlib.suppress(ApplicationError, KeyError):
            data = act(response, action)
        if response.headers_sent and start is None:
            start = dict(response.start_event())
        assert not data or start is not None
        sent += data
        if start is not None:
            assert response.start_event() == start, "headers changed after they went out"
    if start is not None:
        lengths = [int(value) for name, value in start["headers"] if name == b"content-length"]
        assert all(len(sent) <= length for length in lengths)
        assert not sent or (method == "GET" and start["status"] != 204)
