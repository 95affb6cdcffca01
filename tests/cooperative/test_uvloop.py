"""What uvloop does otherwise than asyncio."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from bridge.cooperative.switch import run_in_greenlet

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

uvloop = pytest.importorskip("uvloop", reason="uvloop is the subject; it is not made for this platform")


def test_a_socket_stays_blocking_while_a_greenlet_waits_for_it(installed: None) -> None:
    """A thread that uses the same socket (a reader beside a writer) would get EAGAIN."""
    seen: list[bool] = []

    async def main() -> None:
        one, other = socket.socketpair()
        with one, other:
            reading = asyncio.ensure_future(run_in_greenlet(lambda: one.recv(10)))
            await asyncio.sleep(0)
            seen.append(os.get_blocking(one.fileno()))
            other.sendall(b"here")
            assert await reading == b"here"
            seen.append(os.get_blocking(one.fileno()))

    loop = uvloop.new_event_loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
    assert seen == [True, True]
