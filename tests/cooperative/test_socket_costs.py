"""What a wait on a socket costs, and what it need not cost."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from typing import Any

import pytest

from bridge.cooperative.names import is_address
from bridge.cooperative.switch import begin, run_in_greenlet

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")


@pytest.mark.skipif(sys.platform != "linux", reason="only there is connect() asked twice")
async def test_connecting_to_this_machine_costs_no_turn_of_the_loop(installed: None) -> None:
    connected: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as sock:

        def connect() -> None:
            sock.connect(listener.getsockname())
            sock.sendall(b"hello")
            connected.append(sock.getpeername())

        assert begin(connect) is None  # it has ended, and never waited
        assert connected == [listener.getsockname()]


async def test_a_waiting_read_keeps_no_error_in_memory(installed: None) -> None:
    one, other = socket.socketpair()
    with one, other:
        before = _errors()
        suspended = begin(lambda: one.recv(1))
        assert suspended is not None
        assert _errors() <= before
        other.sendall(b"x")
        await suspended.finish()


@pytest.mark.parametrize("size", [5, 5_000_000])
async def test_all_is_sent_whether_or_not_it_leaves_in_one_go(installed: None, size: int) -> None:
    one, other = socket.socketpair()
    data = bytes(range(256)) * (size // 256) + b"last."
    received = bytearray()

    def read() -> None:
        while len(received) < len(data):
            received.extend(other.recv(1 << 16))

    with one, other:
        await asyncio.gather(run_in_greenlet(read), run_in_greenlet(one.sendall, data))
    assert received == data


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), (b"::1", True), ("fe80::1%lo", True), ("localhost", False)]
)
def test_an_address_is_told_from_a_name(host: str | bytes, expected: bool) -> None:
    assert is_address(host) is expected
    assert is_address(bytearray(host if isinstance(host, bytes) else host.encode())) is expected


def _errors() -> int:
    return sum(
        type(each) is BlockingIOError for each in gc.get_objects()
    )  # isinstance would load lazy objects
