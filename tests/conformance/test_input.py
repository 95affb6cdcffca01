"""wsgi.input: every row of the list, on the strict driver and on every server."""

from __future__ import annotations

import io
import json

import pytest

from tests.conformance.apps import input as rows
from tests.conformance.peers import Peer
from tests.conformance.strict_peer import StrictPeer

BODIES = {
    "empty": b"",
    "one-line": b"one line\n",
    "no-newline-at-the-end": b"first\nsecond\r\n\nlast without",
    "only-newlines": b"\n\n\n",
    "binary": bytes(range(256)) * 3,
    "long-lines": b"x" * 70_000 + b"\n" + b"y" * 130_001 + b"\nz",
}
SCRIPTS: list[list[tuple[str, list[int | None]]]] = [
    [("read", [])],
    [("read", [-1])],
    [("read", [None])],
    [("read", [0]), ("read", [3]), ("read", [0]), ("read", [])],
    [("read", [1]), ("read", [10_000_000]), ("read", [1])],
    [("readline", [])] * 7,
    [("readline", [4])] * 7,
    [("readline", [0]), ("readline", [-1]), ("readline", [None])],
    [("readlines", [])],
    [("readlines", [7]), ("readlines", [None])],
    [("readlines", [0])],
    [("__iter__", []), ("read", [])],
    [("readline", []), ("read", [5]), ("readlines", [])],
    [("read", [100_000]), ("readline", []), ("read", [-1]), ("read", [])],
]


def split(body: bytes, how: str) -> bytes | list[bytes]:
    """Return the body whole, with its length, or in chunks without one."""
    if how == "length":
        return body
    size = {"chunks": 50_000, "small-chunks": max(1, len(body) // 40)}[how]
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize("how", ["length", "chunks", "small-chunks"])
@pytest.mark.parametrize("name", BODIES)
def test_every_way_of_reading_gives_what_a_file_would(peer: Peer, name: str, how: str) -> None:
    body = BODIES[name]
    for script in SCRIPTS:
        wanted = rows.scripted(io.BytesIO(body), script)
        headers = [(b"x-script", json.dumps(script).encode())]
        results, _ = peer.ask(rows.script, method="POST", headers=headers, body=split(body, how)).json()
        assert results == wanted, script


def test_a_request_without_a_body_reads_as_empty(peer: Peer) -> None:
    script = json.dumps([("read", []), ("readline", []), ("readlines", []), ("__iter__", [])]).encode()
    results, length = peer.ask(rows.script, headers=[(b"x-script", script)]).json()
    assert (results, length) == (["", "", [], []], None)


def test_the_linters_accept_how_a_body_is_read(peer: Peer) -> None:
    assert peer.ask(rows.echo, method="PUT", body=b"abc" * 5000).body == b"abc" * 5000


def test_a_body_that_comes_slowly_is_read_as_it_comes(peer: Peer, token: str) -> None:
    """The second part leaves the client only after the application has asked for it."""
    with peer.open(rows.reads_to_the_end, length=150_000, token=token) as conversation:
        conversation.send(b"x" * 100_000)
        assert "reading" in peer.notes(token, until="reading")
        conversation.send(b"x" * 50_000)
        conversation.end()
        assert conversation.reply().body == b"read"
    assert "150000 bytes" in peer.notes(token)


def test_a_chunked_body_that_comes_slowly_is_whole(peer: Peer) -> None:
    """Each part has arrived before the next leaves; none of them ends where a line does."""
    calls = json.dumps([("readline", []), ("read", [4]), ("readlines", [])]).encode()
    with peer.open(rows.script, headers=[(b"x-script", calls)], length=None) as conversation:
        for part in (b"fi", b"rst\nsec", b"ond\nth", b"ird"):
            conversation.send(part)
            peer.active()  # a round trip
        conversation.end()
        results, length = conversation.reply().json()
    assert (results, length) == (["first\n", "seco", ["nd\n", "third"]], "18")


def test_a_short_body_waits_off_the_thread(peer: Peer, token: str) -> None:
    """A body below the window is awaited before the application takes a thread (`body_wait`)."""
    with peer.open(rows.reads_to_the_end, length=10, token=token) as conversation:
        conversation.send(b"12345")
        assert peer.notes(token) == []
        conversation.send(b"67890")
        conversation.end()
        assert conversation.reply().body == b"read"


@pytest.mark.parametrize("length", [1_000_000, None], ids=["length", "chunked"])
def test_a_client_that_goes_mid_body_is_an_OSError(peer: Peer, token: str, length: int | None) -> None:
    """With chunks the body is spooled before the application runs, which is then never called."""
    with peer.open(rows.reads_to_the_end, b"/" + token.encode(), length=length, token=token) as conversation:
        conversation.send(b"x" * 200_000)
        if length is not None:
            assert "reading" in peer.notes(token, until="reading")
        conversation.leave()
        if length is not None:
            assert peer.notes(token, until="ended") == ["reading", "ClientDisconnected", "ended"]
    assert peer.ask(rows.echo, method="POST", body=b"next").body == b"next"
    if length is None:
        assert peer.notes(token) == []


def test_what_is_held_of_an_upload_is_bounded_by_the_window(strict: StrictPeer, token: str) -> None:
    pieces = [b"x" * 16384] * 200
    with strict.open(rows.reads_when_told, length=200 * 16384, token=token) as conversation:
        for piece in pieces:
            conversation.send(piece)
        conversation.end()
        assert "waiting" in strict.notes(token, until="waiting")
        assert strict.receives(conversation) <= 6  # 64 KiB are four pieces; one more asked for, one to spare
        strict.tell(token, "go")
        assert conversation.reply().body == b"3276800"


def test_prefetch_stops_under_expect_100_continue_until_the_app_reads(strict: StrictPeer, token: str) -> None:
    headers = [(b"expect", b"100-continue")]
    with strict.open(rows.reads_when_told, length=4, headers=headers, token=token) as conversation:
        assert "waiting" in strict.notes(token, until="waiting")
        assert strict.receives(conversation) == 0
        strict.tell(token, "go")
        conversation.send(b"body")
        conversation.end()
        assert conversation.reply().body == b"4"
