"""What only HTTP/1.1 on a real connection can show: framing, keep-alive, pipelining, 100-continue."""

from __future__ import annotations

import json

import pytest

from tests.conformance.apps import input as rows, start_response as responses
from tests.conformance.apps.environ import dump
from tests.conformance.rows import Row
from tests.servers.socket_peer import SocketPeer
from tests.servers.wire import Wire, chunk, request_bytes


def head(row: Row, *headers: tuple[bytes, bytes], method: str = "GET", target: bytes = b"/") -> bytes:
    return request_bytes(method, target, [(b"x-row", row.__name__.encode()), *headers])


def connect(peer: SocketPeer) -> Wire:
    return Wire(peer.address, limit=peer.read_limit)


# ------------------------------------------------------------ keep-alive

ANSWERS: dict[str, tuple[str, Row, bytes, bytes]] = {
    "HEAD": ("HEAD", responses.body_of_unknown_length, b"/", b""),
    "HEAD-with-length": ("HEAD", responses.too_long, b"/", b""),
    "204": ("GET", responses.body_anyway, b"/?204", b""),
    "304": ("GET", responses.body_anyway, b"/?304", b""),
    "clamped": ("GET", responses.too_long, b"/", b"12345678"),
    "empty": ("GET", responses.empty_generator, b"/", b""),
    "unknown-length": ("GET", responses.written, b"/", b"123456"),
    "handled-error": ("GET", responses.handled_error, b"/", b"replaced"),
    "error": ("GET", responses.fails_at_once, b"/", b"Internal Server Error"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_next_request_on_a_connection_is_answered_right(http1: SocketPeer, name: str) -> None:
    method, row, target, body = ANSWERS[name]
    with connect(http1) as wire:
        for _ in range(2):
            wire.send(head(row, method=method, target=target))
            reply = wire.reply(method)
            assert (reply.body, reply.complete) == (body, True)
        wire.send(head(dump, target=b"/next"))
        assert wire.reply().json()["PATH_INFO"] == "/next"


def test_pipelined_requests_are_answered_in_order(http1: SocketPeer) -> None:
    with connect(http1) as wire:
        wire.send(b"".join(head(dump, target=b"/%d" % number) for number in range(5)))
        paths = [wire.reply().json()["PATH_INFO"] for _ in range(5)]
    assert paths == ["/0", "/1", "/2", "/3", "/4"]


def test_reading_never_goes_past_the_body_into_the_next_request(http1: SocketPeer) -> None:
    script = json.dumps([("read", [])]).encode()
    first = head(rows.script, (b"x-script", script), (b"content-length", b"4"), method="POST")
    with connect(http1) as wire:
        wire.send(first + b"body" + head(dump, target=b"/next"))
        assert wire.reply().json() == [["body"], "4"]
        assert wire.reply().json()["PATH_INFO"] == "/next"


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_body_that_was_not_read_does_not_become_the_next_request(http1: SocketPeer, size: int) -> None:
    """The server reads it away, or closes the connection: both are right."""
    evil = head(dump, target=b"/smuggled")
    body = (evil * (size // len(evil) + 1))[:size]
    with connect(http1) as wire:
        wire.send(head(rows.reads_nothing, (b"content-length", b"%d" % size), method="POST"))
        wire.send(body)
        assert wire.reply().body == b"unread"
        wire.send(head(dump, target=b"/next"))
        reply = wire.reply()
        assert reply.status == 0 or reply.json()["PATH_INFO"] == "/next"


def test_connection_close_is_obeyed(http1: SocketPeer) -> None:
    with connect(http1) as wire:
        wire.send(head(dump, (b"connection", b"close")))
        assert wire.reply().status == 200
        assert wire.rest() == b""


def test_a_client_of_HTTP_1_0_gets_no_chunks(http1: SocketPeer) -> None:
    with connect(http1) as wire:
        wire.send(head(responses.written).replace(b"HTTP/1.1", b"HTTP/1.0"))
        reply = wire.reply()
        assert (reply.status, reply.body) == (200, b"123456")
        assert reply.header(b"transfer-encoding") is None
        assert wire.rest() == b""


# ------------------------------------------------------------ request bodies


def test_chunk_extensions_and_trailers_are_no_part_of_the_body(http1: SocketPeer) -> None:
    with connect(http1) as wire:
        wire.send(head(rows.digest, (b"transfer-encoding", b"chunked"), method="POST"))
        wire.send(b"4;name=value\r\nbody\r\n0\r\nX-Trailer: yes\r\n\r\n")
        assert wire.reply().json()["size"] == 4
        wire.send(head(dump, target=b"/next"))
        assert wire.reply().json()["PATH_INFO"] == "/next"


def test_a_broken_chunk_is_not_the_end_of_the_body(http1: SocketPeer, token: str) -> None:
    with connect(http1) as wire:
        headers = [(b"transfer-encoding", b"chunked"), (b"x-token", token.encode())]
        wire.send(head(rows.reads_to_the_end, *headers, method="POST"))
        wire.send(chunk(b"x" * 10) + b"no number\r\nxxx\r\n")
        reply = wire.reply()
    assert reply.status == 0 or reply.status >= 400
    assert not [note for note in http1.notes(token) if note.endswith("bytes")]


def test_contradicting_lengths_are_refused(http1: SocketPeer) -> None:
    with connect(http1) as wire:
        wire.send(head(rows.echo, (b"content-length", b"4"), (b"content-length", b"5"), method="POST"))
        wire.send(b"12345")
        assert wire.reply().status in (0, 400)


def test_100_continue_comes_when_the_app_reads(http1: SocketPeer, token: str) -> None:
    with connect(http1) as wire:
        headers = [(b"expect", b"100-continue"), (b"content-length", b"4"), (b"x-token", token.encode())]
        wire.send(head(rows.reads_when_told, *headers, method="POST"))
        assert "waiting" in http1.notes(token, until="waiting")
        http1.tell(token, "go")
        assert wire.head()[0] == 100
        wire.send(b"body")
        reply = wire.reply()
    assert (reply.status, reply.body, reply.interim) == (200, b"4", [])


def test_no_100_continue_comes_while_the_app_has_not_read(http1: SocketPeer, token: str) -> None:
    with connect(http1) as wire:
        headers = [(b"expect", b"100-continue"), (b"content-length", b"4"), (b"x-token", token.encode())]
        wire.send(head(rows.reads_when_told, *headers, method="POST"))
        assert "waiting" in http1.notes(token, until="waiting")
        assert wire.silent()
        http1.tell(token, "go")
        assert wire.head()[0] == 100
        wire.send(b"body")
        assert wire.reply().status == 200


def test_no_100_continue_comes_if_the_app_answers_without_reading(http1: SocketPeer) -> None:
    with connect(http1) as wire:
        headers = [(b"expect", b"100-continue"), (b"content-length", b"4")]
        wire.send(head(rows.reads_nothing, *headers, method="POST"))
        reply = wire.reply()
    assert (reply.status, reply.body, reply.interim) == (200, b"unread", [])


# ------------------------------------------------------------ websocket


def test_a_websocket_handshake_is_refused_with_403(http1: SocketPeer) -> None:
    headers = [
        (b"connection", b"Upgrade"),
        (b"upgrade", b"websocket"),
        (b"sec-websocket-version", b"13"),
        (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    ]
    with connect(http1) as wire:
        wire.send(head(dump, *headers))
        assert wire.reply().status == 403
