"""start_response and the response: every row of the list, on the strict driver and on every server."""

from __future__ import annotations

import pytest

from tests.conformance.apps import start_response as rows
from tests.conformance.peers import Peer
from tests.conformance.rows import Row

# ------------------------------------------------------------ when headers go out


def test_headers_go_out_with_the_first_non_empty_block(peer: Peer) -> None:
    reply = peer.ask(rows.replaced_after_empty_blocks)
    assert (reply.status, reply.body, reply.complete) == (503, b"replaced", True)
    assert reply.headers_named(b"x-which") == [b"second"]


def test_headers_go_out_at_the_end_where_no_block_has_anything_in_it(peer: Peer) -> None:
    reply = peer.ask(rows.replaced_at_the_end)
    assert (reply.status, reply.body, reply.complete) == (503, b"", True)
    assert reply.headers_named(b"x-which") == [b"second"]


def test_a_second_start_response_without_exc_info_raises(peer: Peer, token: str) -> None:
    reply = peer.ask(rows.started_twice, b"/" + token.encode())
    assert (reply.status, reply.complete) == (500, True)
    (record,) = peer.logged(token)
    assert record["error"].startswith("StartResponseTwice")


def test_an_application_may_handle_the_error_of_a_second_start_response(peer: Peer, token: str) -> None:
    reply = peer.ask(rows.started_twice_and_went_on, token=token)
    assert (reply.status, reply.body, reply.complete) == (201, b"first", True)
    assert peer.notes(token) == ["StartResponseTwice"]


def test_exc_info_after_headers_went_out_is_raised_again_into_the_app(peer: Peer, token: str) -> None:
    reply = peer.ask(rows.restarted_too_late, token=token)
    assert (reply.status, reply.body, reply.complete) == (200, b"out", False)
    assert peer.notes(token) == ["same"]


def test_a_handled_error_is_not_raised_again_later(peer: Peer, token: str) -> None:
    reply = peer.ask(rows.handled_error, b"/" + token.encode())
    assert (reply.status, reply.body, reply.complete) == (503, b"replaced", True)
    assert not peer.logged(token)


# ------------------------------------------------------------ missing start_response, write(), close()


@pytest.mark.parametrize("row", [rows.not_started, rows.not_started_and_empty])
def test_a_body_without_start_response_is_a_500_logged_and_closed(peer: Peer, token: str, row: Row) -> None:
    reply = peer.ask(row, b"/" + token.encode(), token=token)
    assert (reply.status, reply.complete) == (500, True)
    assert "body without a start" not in reply.body.decode()
    assert peer.notes(token, until="closed").count("closed") == 1
    (record,) = peer.logged(token)
    assert record["error"].startswith("StartResponseMissing")


def test_write_comes_in_order_with_the_iterable(peer: Peer) -> None:
    reply = peer.ask(rows.written)
    assert (reply.status, reply.body, reply.complete) == (200, b"123456", True)


def test_write_works_without_a_block_in_the_iterable(peer: Peer) -> None:
    reply = peer.ask(rows.only_written)
    assert (reply.status, reply.body, reply.complete) == (200, b"one two", True)


@pytest.mark.parametrize("row", [rows.closing, rows.closing_after_failure, rows.closing_after_late_failure])
def test_close_runs_once_in_the_thread_and_context_of_the_app(peer: Peer, token: str, row: Row) -> None:
    reply = peer.ask(row, token=token)
    assert reply.complete is (row is not rows.closing_after_late_failure)
    assert peer.notes(token, until="closed") == ["thread", "context", "closed"]


def test_an_error_in_close_leaves_the_response_whole_and_is_logged(peer: Peer, token: str) -> None:
    reply = peer.ask(rows.close_fails, b"/" + token.encode(), token=token)
    assert (reply.status, reply.body, reply.complete) == (200, b"whole", True)
    assert "closed" in peer.notes(token, until="closed")
    assert peer.ask(rows.closing, token=token + "-next").body == b"one two"
    assert [record["error"] for record in peer.logged(token)] == ["LookupError: in close"]


# ------------------------------------------------------------ length


@pytest.mark.parametrize("row", [rows.empty_list, rows.empty_generator])
def test_the_start_is_sent_for_an_empty_iterable(peer: Peer, row: Row) -> None:
    reply = peer.ask(row)
    assert (reply.status, reply.body, reply.complete) == (202, b"", True)
    assert reply.header(b"x-started") == b"yes"


@pytest.mark.parametrize("row", [rows.one_in_a_list, rows.one_in_a_tuple, rows.one_in_a_sized_iterable])
def test_content_length_is_set_for_a_sized_iterable_of_one_block(peer: Peer, row: Row) -> None:
    reply = peer.ask(row)
    assert (reply.body, reply.headers_named(b"content-length")) == (b"one block", [b"9"])


@pytest.mark.parametrize("row", [rows.too_long, rows.too_long_list])
def test_the_body_is_clamped_to_content_length(peer: Peer, token: str, row: Row) -> None:
    reply = peer.ask(row, b"/" + token.encode())
    assert (reply.body, reply.headers_named(b"content-length")) == (b"12345678", [b"8"])
    assert reply.complete


def test_a_body_that_is_clamped_is_logged(peer: Peer, token: str) -> None:
    peer.ask(rows.too_long_list, b"/" + token.encode())
    (record,) = peer.logged(token)
    assert "17 bytes more than its Content-Length" in record["message"]


@pytest.mark.parametrize("row", [rows.too_short, rows.too_short_list])
def test_a_body_that_is_too_short_does_not_look_complete_and_is_logged(
    peer: Peer, token: str, row: Row
) -> None:
    reply = peer.ask(row, b"/" + token.encode(), token=token)
    assert (reply.status, reply.complete) == (200, False)
    (record,) = peer.logged(token)
    assert record["error"].startswith("IncompleteResponse")


@pytest.mark.parametrize("row", [rows.body_of_unknown_length, rows.one_in_a_list])
def test_no_body_follows_HEAD(peer: Peer, row: Row) -> None:
    reply = peer.ask(row, method="HEAD")
    assert (reply.status, reply.body, reply.complete) == (200, b"", True)


def test_HEAD_keeps_the_content_length_of_the_app(peer: Peer) -> None:
    reply = peer.ask(rows.too_long, method="HEAD")
    assert (reply.status, reply.headers_named(b"content-length")) == (200, [b"8"])


@pytest.mark.parametrize("status", ["204", "304"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_body_follows_204_and_304(peer: Peer, status: str, method: str) -> None:
    reply = peer.ask(rows.body_anyway, b"/?" + status.encode(), method=method)
    assert (reply.status, reply.body, reply.complete) == (int(status), b"", True)
    assert reply.header(b"transfer-encoding") is None


# ------------------------------------------------------------ headers and status


def test_hop_by_hop_headers_of_the_app_are_dropped(peer: Peer) -> None:
    reply = peer.ask(rows.hop_by_hop)
    assert reply.body == b"body"
    assert reply.header(b"x-kept") == b"yes"
    # A server may have a Connection, Keep-Alive or Transfer-Encoding of its own.
    values = b" ".join(value for _, value in reply.headers)
    assert not [bad for bad in (b"X-Private", b"=77", b"Basic", b"secret", b"gzip", b"h2c") if bad in values]


def test_header_values_are_latin_1(peer: Peer) -> None:
    assert peer.ask(rows.latin_1).header(b"x-name") == b"caf\xe9 \xff"


@pytest.mark.parametrize("where", ["name", "value", "status"])
@pytest.mark.parametrize("what", rows.SPLITTERS)
def test_a_character_that_splits_responses_is_an_error_and_never_sent(
    peer: Peer, token: str, where: str, what: str
) -> None:
    reply = peer.ask(rows.splitting, f"/{token}?{where}-{what}".encode())
    assert (reply.status, reply.complete) == (500, True)
    assert not [name for name, value in reply.headers if b"njected" in name + value]
    (record,) = peer.logged(token)
    assert record["error"].startswith(("InvalidHeader", "InvalidStatus"))


ACCEPTED = ["no-reason", "empty-reason", "custom", "long-reason", "latin-1-reason"]


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_unusual_status_is_accepted(peer: Peer, name: str) -> None:
    reply = peer.ask(rows.chosen_status, b"/?" + name.encode())
    assert (str(reply.status), reply.complete) == (str(rows.STATUSES[name])[:3], True)


@pytest.mark.parametrize("name", [name for name in rows.STATUSES if name not in ACCEPTED])
def test_a_status_that_makes_no_sense_is_an_application_error(peer: Peer, token: str, name: str) -> None:
    reply = peer.ask(rows.chosen_status, f"/{token}?{name}".encode())
    assert (reply.status, reply.complete) == (500, True)
    (record,) = peer.logged(token)
    assert record["error"].startswith("InvalidStatus")
    assert repr(rows.STATUSES[name]) in record["error"]


def test_repeated_Set_Cookie_stay_separate_and_ordered(peer: Peer) -> None:
    reply = peer.ask(rows.cookies)
    assert reply.headers_named(b"set-cookie") == [b"b=2; Path=/", b"a=1", b"b=3"]


def test_a_str_block_raises_a_TypeError_that_says_so(peer: Peer, token: str) -> None:
    reply = peer.ask(rows.text_block, b"/" + token.encode())
    assert (reply.status, reply.complete) == (500, True)
    (record,) = peer.logged(token)
    assert record["error"].startswith("BodyBlockTypeError")
    assert "str" in record["error"]


def test_a_str_block_after_headers_breaks_the_connection(peer: Peer) -> None:
    reply = peer.ask(rows.text_block_later)
    assert (reply.status, reply.body, reply.complete) == (200, b"bytes", False)


# ------------------------------------------------------------ failure


@pytest.mark.parametrize("row", [rows.fails_at_once, rows.fails_before_the_first_block])
def test_an_error_before_headers_is_a_500_logged_once_with_method_and_path(
    peer: Peer, token: str, row: Row
) -> None:
    reply = peer.ask(row, f"/{token}/caf%C3%A9".encode(), method="PUT", body=b"")
    assert (reply.status, reply.complete) == (500, True)
    assert reply.body == b"Internal Server Error"
    (record,) = peer.logged(token)
    assert record["message"] == f"PUT /{token}/caf%C3%A9: the application failed"
    assert (record["level"], record["error"][:11]) == ("ERROR", "LookupError")


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_error_before_headers_is_answered_by_the_given_handler(peer: Peer, kind: str) -> None:
    reply = peer.ask(rows.fails_at_once, headers=[(b"x-on-error", kind.encode())])
    assert (reply.status, reply.body, reply.complete) == (503, f"{kind}: at once".encode(), True)


@pytest.mark.parametrize("row", [rows.fails_after_headers, rows.fails_after_headers_with_length])
def test_an_error_after_headers_breaks_the_connection_off(peer: Peer, token: str, row: Row) -> None:
    reply = peer.ask(row, b"/" + token.encode(), headers=[(b"x-on-error", b"sync")])
    assert (reply.status, reply.body, reply.complete) == (200, b"out", False)
    (record,) = peer.logged(token)
    assert record["error"] == "LookupError: while iterating"
