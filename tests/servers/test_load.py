"""Large transfers: what is in flight between client and application is bounded, whatever their size."""

from __future__ import annotations

import hashlib
import select

import pytest

from tests.conformance.apps import disconnect, input as rows
from tests.conformance.apps.control import process
from tests.conformance.peers import Peer
from tests.servers.memory import resident_bytes
from tests.servers.socket_peer import SocketPeer
from tests.servers.wire import Wire, request_bytes

MIB = 1024 * 1024
TOTAL = 32  # MiB
IN_FLIGHT = 16  # MiB; the kernel's socket buffers alone may take ten on loopback
SMALL_BUFFER = 65536  # bytes
STALL = 0.3  # seconds without room: the server takes no more


def pid_of(peer: Peer) -> int:
    pid: int = peer.ask(process).json()
    return pid


def test_a_download_waits_for_a_client_that_does_not_read(http1: SocketPeer, token: str) -> None:
    before = resident_bytes(pid_of(http1))
    with Wire(http1.address, receive_buffer=SMALL_BUFFER) as wire:
        headers = [
            (b"x-row", disconnect.large.__name__.encode()),
            (b"x-token", token.encode()),
            (b"connection", b"close"),
        ]
        wire.send(request_bytes("GET", b"/?%d" % TOTAL, headers))
        http1.patience = STALL
        notes = http1.notes(token, until=f"MiB {IN_FLIGHT}")
        assert notes[0] == "MiB 0"
        assert len(notes) < IN_FLIGHT
        assert resident_bytes(pid_of(http1)) - before < IN_FLIGHT * MIB
        reply = wire.reply()
    assert (reply.complete, len(reply.body)) == (True, TOTAL * MIB)
    wanted = b"".join(bytes([number]) * MIB for number in range(TOTAL))
    assert hashlib.sha256(reply.body).digest() == hashlib.sha256(wanted).digest()


def test_an_upload_waits_for_an_app_that_does_not_read(http1: SocketPeer, token: str) -> None:
    before = resident_bytes(pid_of(http1))
    with Wire(http1.address) as wire:
        length = TOTAL * MIB
        headers = [
            *((b"x-row", rows.reads_when_told.__name__.encode()), (b"x-token", token.encode())),
            *((b"content-length", b"%d" % length), (b"connection", b"close")),
        ]
        wire.send(request_bytes("POST", b"/", headers))
        sent = send_until_it_stalls(wire, length)
        assert sent < IN_FLIGHT * MIB
        assert "waiting" in http1.notes(token, until="waiting")
        assert resident_bytes(pid_of(http1)) - before < IN_FLIGHT * MIB
        http1.tell(token, "go")
        wire.send(b"x" * (length - sent))
        assert wire.reply().body == b"%d" % length


def send_until_it_stalls(wire: Wire, length: int) -> int:
    """Send up to `length` bytes; return how many were taken before there was no room for a while."""
    sent, block = 0, b"x" * SMALL_BUFFER
    while sent < length and select.select([], [wire.socket], [], STALL)[1]:
        sent += wire.socket.send(block[: length - sent])
    return sent


@pytest.mark.parametrize("how", ["length", "chunks"])
def test_a_large_upload_arrives_whole(http1: SocketPeer, how: str) -> None:
    piece = bytes(range(256)) * 256
    pieces = [piece] * 160  # 10 MiB
    body = b"".join(pieces) if how == "length" else pieces
    told = http1.ask(rows.digest, method="POST", body=body).json()
    assert told["digest"] == hashlib.sha256(b"".join(pieces)).hexdigest()
