from __future__ import annotations

import gzip

import pytest

from scripts.compare_servers.difference import Comparison, compare
from scripts.compare_servers.exchange import Answer

PAGE = Answer(
    200, (("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), b"<p>hello</p>"
)


def answer(
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = PAGE.headers,
    body: bytes = PAGE.body,
    broken: str = "",
) -> Answer:
    return Answer(status, headers, body, broken)


def whats(comparison: Comparison) -> list[str]:
    return [difference.what for difference in comparison.differences]


def test_equal_answers_have_no_difference() -> None:
    assert compare(PAGE, PAGE, PAGE) == Comparison()


@pytest.mark.parametrize("name", ["Date", "Server", "Connection", "Transfer-Encoding", "Via"])
def test_headers_of_the_server_itself_do_not_count(name: str) -> None:
    assert compare(PAGE, answer(headers=(*PAGE.headers, (name, "x"))), PAGE) == Comparison()


def test_of_a_header_that_measures_time_only_the_names_count() -> None:
    first, other = (
        answer(headers=(("Server-Timing", f"db;dur={took}, app;dur={took}"),)) for took in ("1.9", "21")
    )
    assert compare(first, other, first) == Comparison()
    assert whats(compare(first, answer(headers=(("Server-Timing", "db;dur=1.9"),)), first)) == [
        "server-timing"
    ]


def test_case_and_order_of_header_names_and_space_around_values_do_not_count() -> None:
    same = (("set-cookie", "a=1 "), ("set-cookie", "b=2"), ("content-type", " text/html"))
    assert compare(PAGE, answer(headers=same), PAGE) == Comparison()


@pytest.mark.parametrize(
    ("bridge", "what"),
    [
        (answer(status=404), "status"),
        (answer(broken="broken off"), "broken"),
        (answer(body=b"<p>hallo</p>"), "body at 4"),
        (answer(headers=PAGE.headers[:2]), "set-cookie"),
        (answer(headers=(PAGE.headers[0], PAGE.headers[2], PAGE.headers[1])), "set-cookie"),
        (answer(headers=(*PAGE.headers, ("X-More", "1"))), "x-more"),
    ],
    ids=["status", "broken", "body", "cookie-missing", "cookie-order", "header-added"],
)
def test_a_difference_is_named(bridge: Answer, what: str) -> None:
    assert whats(compare(PAGE, bridge, PAGE)) == [what]


def test_an_ignored_header_does_not_count() -> None:
    other = answer(headers=(*PAGE.headers, ("X-Took", "3 ms")))
    assert whats(compare(PAGE, other, PAGE, ignored={"x-took"})) == []


def test_what_waitress_does_not_repeat_is_noise() -> None:
    first, other, again = (
        answer(headers=(("Set-Cookie", f"session={token}; HttpOnly"),), body=b"token: " + token.encode())
        for token in ("abc", "def", "ghi")
    )
    assert compare(first, other, again) == Comparison(noisy=True)


def test_noise_in_a_cookie_does_not_hide_a_missing_attribute() -> None:
    first, again = (
        answer(headers=(("Set-Cookie", f"session={token}; HttpOnly"),)) for token in ("abc", "ghi")
    )
    other = answer(headers=(("Set-Cookie", "session=def"),))
    assert whats(compare(first, other, again)) == ["set-cookie"]


def test_two_statuses_of_waitress_decide_nothing() -> None:
    assert compare(PAGE, PAGE, answer(status=503)) == Comparison(undecided=True)


def test_gzip_is_compared_unwrapped() -> None:
    """Its header has the time of compression."""
    zipped = [
        answer(headers=(("Content-Encoding", "gzip"),), body=gzip.compress(b"hello", mtime=time))
        for time in (1, 2)
    ]
    assert compare(zipped[0], zipped[1], zipped[0]) == Comparison()


def test_what_only_says_it_is_gzip_is_compared_as_it_is() -> None:
    false = answer(headers=(("Content-Encoding", "gzip"),), body=b"no gzip")
    assert compare(false, false, false) == Comparison()


def test_each_server_has_its_own_page_for_an_application_that_raised() -> None:
    waitress = answer(
        500, (), b"Internal Server Error\r\n\r\nThe server encountered an unexpected internal server error"
    )
    assert compare(waitress, answer(500, (), b"Internal Server Error"), waitress) == Comparison()
    assert whats(compare(waitress, answer(500, (), b"another page"), waitress)) == ["body at 0"]
