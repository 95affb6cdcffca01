"""Rows about clients that go away, and about long responses."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.conformance.apps.start_response import Closing
from tests.conformance.journal import WAIT_LIMIT, journal
from tests.conformance.rows import Environ, StartResponse, row, token_of

__all__ = ["ENDLESS_BLOCK"]

PLAIN = [("Content-Type", "text/plain")]
ENDLESS_BLOCK = b"x" * 65536
PAUSE = 0.005  # seconds between two looks or blocks; keeps an endless stream from taking the whole core


@row
def endless(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Stream without an end; note each block before it goes out, and close()."""
    start_response("200 OK", PLAIN)
    return Closing(environ, _endless(token_of(environ)))


def _endless(token: str) -> Iterator[bytes]:
    while True:
        journal.note(token, "block")
        yield ENDLESS_BLOCK
        time.sleep(PAUSE)


@row
def endless_when_told(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Wait for "go", then stream without an end."""
    token = token_of(environ)
    journal.note(token, "waiting")
    assert "go" in journal.wait(token, "go")
    start_response("200 OK", PLAIN)
    return Closing(environ, _endless(token))


@row
def large(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    """Stream as many MiB as the query says, and note the number of each."""
    start_response("200 OK", PLAIN)
    for number in range(int(environ["QUERY_STRING"])):
        journal.note(token_of(environ), f"MiB {number}")
        yield bytes([number % 251]) * (1024 * 1024)


@row
def two_blocks(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    """Send a block, wait for "go", send another."""
    start_response("200 OK", PLAIN)
    yield b"first "
    assert "go" in journal.wait(token_of(environ), "go")
    yield b"second"


@row
def two_blocks_and_a_file(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    """Send a block, wait for the file that the query names, send another: for a server that takes no requests."""
    start_response("200 OK", PLAIN)
    yield b"first "
    deadline = time.monotonic() + WAIT_LIMIT
    while not Path(environ["QUERY_STRING"]).exists():
        assert time.monotonic() < deadline
        time.sleep(PAUSE)
    yield b"second"


@row
def waits_for_disconnect(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Ask `bridge.disconnected` until it is true, and note how it was at first and at last."""
    token, disconnected = token_of(environ), environ["bridge.disconnected"]
    journal.note(token, f"first {disconnected()}")
    deadline = time.monotonic() + WAIT_LIMIT
    while not disconnected() and time.monotonic() < deadline:
        time.sleep(PAUSE)
    journal.note(token, f"last {disconnected()}")
    journal.note(token, "ended")
    start_response("200 OK", PLAIN)
    return [b"nobody reads this"]
