from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given, strategies as st

from bridge.errors import IncompleteResponse, InvalidEvent, UnexpectedEvent
from bridge.protocol.asgi_response import AsgiResponse, Block, Expects, Head, decode_headers

TEXT = (b"content-type", b"text/plain")


def start(status: Any = 200, headers: Any = (TEXT,), **more: Any) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers, **more}


def body(block: Any = b"", *, more_body: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": block, "more_body": more_body}


def fed(*events: dict[str, Any], method: str = "GET") -> list[Head | Block | None]:
    response = AsgiResponse(method)
    return [response.feed(event) for event in events]


def test_the_head_comes_with_the_first_body_event() -> None:
    assert fed(start(), body(b"a")) == [None, Head(200, [("content-type", "text/plain")], b"a", True, False)]


def test_blocks_follow_until_more_body_is_false() -> None:
    events = fed(start(), body(b"a", more_body=True), body(b"b", more_body=True), body())
    assert [item[-2:] if isinstance(item, Block) else None for item in events[2:]] == [
        (b"b", False),
        (b"", True),
    ]


def test_defaults_are_no_headers_no_body_and_no_more() -> None:
    start_event: dict[str, Any] = {"type": "http.response.start", "status": 200}
    assert fed(start_event, {"type": "http.response.body"})[1] == Head(200, [], b"", True, False)


@pytest.mark.parametrize(
    ("events", "got", "expected"),
    [
        ([body()], "http.response.body", "'http.response.start' first"),
        ([start(), start()], "http.response.start", "'http.response.body' after"),
        ([start(), body(more_body=True), start()], "http.response.start", "more_body False"),
        ([{"type": "lifespan.startup.complete"}], "lifespan.startup.complete", "'http.response.start' first"),
        (
            [start(), {"type": "http.response.pathsend", "path": "/"}],
            "http.response.pathsend",
            "'http.response.body'",
        ),
        (
            [start(), body(more_body=True), {"type": "http.response.trailers"}],
            "http.response.trailers",
            "more_body",
        ),
        ([{}], None, "'http.response.start' first"),
    ],
    ids=[
        "body first",
        "start twice",
        "start in the body",
        "another protocol",
        "pathsend",
        "trailers",
        "no type",
    ],
)
def test_an_event_out_of_order_is_refused_with_what_was_expected(
    events: list[dict[str, Any]], got: object, expected: str
) -> None:
    with pytest.raises(UnexpectedEvent, match=expected) as caught:
        fed(*events)
    assert caught.value.got == got


def test_what_comes_after_the_end_is_ignored() -> None:
    assert fed(start(), body(), body(b"late"), start(), {"type": "x"})[2:] == [None, None, None]


def test_a_refused_event_leaves_the_response_as_it_was() -> None:
    response = AsgiResponse("GET")
    with pytest.raises(UnexpectedEvent):
        response.feed(body())
    response.feed(start())
    with pytest.raises(InvalidEvent):
        response.feed(body("text"))
    assert response.feed(body(b"ok")) == Head(200, [("content-type", "text/plain")], b"ok", True, False)


@pytest.mark.parametrize("status", [200, 299, 999, HTTPStatus.NOT_FOUND])
def test_a_status_is_any_number_of_three_digits(status: int) -> None:
    head = fed(start(status), body())[1]
    assert isinstance(head, Head)
    assert head.status == status
    assert type(head.status) is int


@pytest.mark.parametrize("status", [None, "200", "200 OK", 99, 1000, 200.0, b"200"])
def test_a_status_that_is_no_such_number_is_refused(status: object) -> None:
    with pytest.raises(InvalidEvent, match="expected an int from 100 to 999"):
        fed(start(status))


@pytest.mark.parametrize(
    ("method", "status"),
    [("HEAD", 200), ("GET", 204), ("GET", 304), ("GET", 101)],
    ids=["HEAD", "204", "304", "1xx"],
)
def test_a_response_without_a_body_drops_its_blocks(method: str, status: int) -> None:
    length = (b"content-length", b"9")
    events = fed(start(status, [length]), body(b"abc", more_body=True), body(b"d"), method=method)
    assert events[1:] == [Head(status, [("content-length", "9")], b"", False, True), Block(b"", True)]


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_a_body_of_another_bytes_type_becomes_bytes(kind: Any) -> None:
    head = fed(start(), body(kind(b"abc")))[1]
    assert isinstance(head, Head)
    assert head.block == b"abc"
    assert type(head.block) is bytes


def test_a_str_body_is_refused_with_the_way_to_encode_it() -> None:
    with pytest.raises(InvalidEvent, match=r"body\.encode\('utf-8'\)"):
        fed(start(), body("text"))


@pytest.mark.parametrize("value", [None, 3, ["a"]])
def test_a_body_that_is_not_bytes_is_refused(value: object) -> None:
    with pytest.raises(InvalidEvent, match="expected bytes"):
        fed(start(), body(value))


def test_more_than_content_length_is_refused() -> None:
    with pytest.raises(InvalidEvent, match="4 bytes of body in all, but Content-Length is 3"):
        fed(start(headers=[(b"content-length", b"3")]), body(b"ab", more_body=True), body(b"cd"))


def test_less_than_content_length_is_an_incomplete_response() -> None:
    with pytest.raises(IncompleteResponse, match="announced Content-Length 3 and sent 2"):
        fed(start(headers=[(b"Content-Length", b"3")]), body(b"ab"))


@pytest.mark.parametrize("lengths", [[b"x"], [b"-1"], [b"1", b"2"], ["²".encode("latin-1")], [b""]])
def test_a_content_length_that_is_not_one_number_is_refused(lengths: list[bytes]) -> None:
    with pytest.raises(InvalidEvent, match="content-length"):
        fed(start(headers=[(b"content-length", value) for value in lengths]))


def test_headers_keep_their_order_and_repetitions() -> None:
    cookies = [(b"set-cookie", b"a=1"), (b"X-A", b" padded\t"), [b"set-cookie", b"b=\xe4"]]
    assert decode_headers(iter(cookies)) == [("set-cookie", "a=1"), ("X-A", "padded"), ("set-cookie", "b=ä")]


@pytest.mark.parametrize("name", [b"connection", b"Transfer-Encoding", b"keep-alive", b"upgrade", b"TE"])
def test_hop_by_hop_headers_are_left_out(name: bytes) -> None:
    assert decode_headers([(name, b"x"), TEXT]) == [("content-type", "text/plain")]


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ([("x-a", b"1")], "must both be bytes"),
        ([(b"x-a", "1")], "must both be bytes"),
        ([(b"x-a", 1)], "must both be bytes"),
        ([(b"x-a", b"1\r\nset-cookie: evil")], "would split the response"),
        ([(b"x-a", b"1\0")], "would split the response"),
        ([(b"x a", b"1")], "a header name consists of"),
        ([(b"x-a:", b"1")], "a header name consists of"),
        ([(b"", b"1")], "a header name consists of"),
        ([TEXT, (b"\xe4", b"1")], "a header name consists of"),
        ([(b"x-a",)], "expected a pair"),
        ([b"ab"], "expected a pair"),
        (None, "expected an iterable"),
        ({"x-a": "1"}, "expected a pair"),
    ],
    ids=str,
)
def test_a_header_that_cannot_be_sent_is_named_with_its_problem(headers: Any, problem: str) -> None:
    with pytest.raises(InvalidEvent, match=problem):
        decode_headers(headers)


events = st.sampled_from(
    [
        start(),
        start("bad"),
        body(b"a", more_body=True),
        body(b"b"),
        body("bad"),
        {"type": "http.response.trailers"},
    ]
)


@given(st.lists(events, max_size=12))
def test_no_order_of_events_gives_an_illegal_response(sent: list[dict[str, Any]]) -> None:
    """At most one head, first; blocks after it; nothing after the end."""
    response = AsgiResponse("GET")
    items: list[Head | Block] = []
    for event in sent:
        try:
            item = response.feed(event)
        except (InvalidEvent, UnexpectedEvent):
            continue
        items += [item] if item is not None else []
    assert [isinstance(item, Head) for item in items] == [True, *[False] * (len(items) - 1)][: len(items)]
    assert not any(item.ended for item in items[:-1])
    assert (response.expects is Expects.NOTHING) == bool(items and items[-1].ended)
