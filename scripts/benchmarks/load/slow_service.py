"""A service that answers every request late: what the applications under load call, and wait for.

One process with an event loop, so that it holds any number of requests at once: whoever calls it is the bottleneck.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, cast

from scripts.benchmarks.apps.content import HELLO

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["slow_service"]

BACKLOG = 65_535  # the kernel takes its own limit, 4,096 as a rule
LISTENERS = (
    4  # on one port, so that all callers may come at once: who finds no room tries again after 1, 3, 7 s
)
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(HELLO), HELLO)
_HEAD_END = b"\r\n\r\n"


@contextmanager
def slow_service(seconds: float) -> Iterator[int]:
    """A running service that answers after `seconds`; yields its port."""
    with ExitStack() as listeners:
        port, descriptors = 0, list[int]()
        for _ in range(LISTENERS):
            listener = socket.create_server(("127.0.0.1", port), backlog=BACKLOG, reuse_port=True)
            listeners.enter_context(listener)
            port = listener.getsockname()[1]
            descriptors.append(listener.fileno())
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(seconds), *map(str, descriptors)],
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield port
    finally:
        process.kill()
        process.wait()


class _Late(asyncio.Protocol):
    """One connection: each request on it is answered when its time has come."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass of it

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(_HEAD_END):
            self._received = b""
            asyncio.get_running_loop().call_later(self._seconds, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(_ANSWER)


async def _serve(listeners: list[socket.socket], seconds: float) -> None:
    loop = asyncio.get_running_loop()
    for listener in listeners:
        await loop.create_server(lambda: _Late(seconds), sock=listener, backlog=BACKLOG)
    await loop.create_future()  # until it is killed


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", type=float)
    parser.add_argument("descriptors", type=int, nargs="+")
    options = parser.parse_args()
    with suppress(ImportError):  # faster where it is installed
        import uvloop

        uvloop.install()
    asyncio.run(_serve([socket.socket(fileno=each) for each in options.descriptors], options.seconds))


if __name__ == "__main__":
    _main()
