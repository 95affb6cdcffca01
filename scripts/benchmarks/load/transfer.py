"""Single transfers over a raw socket: a download, an upload, and stamped blocks; each within a time limit.

The connection is closed after each (`Connection: close`), so the end of the data is the end of the response and
nothing has to be parsed while the clock runs.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts.benchmarks.errors import TimedOutError, WrongAnswerError
from scripts.benchmarks.load.wire import body_of, request

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Transfer", "block_ages", "download", "exchange", "upload"]

_RECEIVE = 1 << 18  # bytes taken from the socket at a time
_PIECE = memoryview(bytes(range(256)) * 4096)  # 1 MiB of upload, sent as often as it takes; not all alike
_STAMP = re.compile(rb"(\d{20})\n")
_HEAD_KEPT = 1 << 16  # bytes of a download that is not kept whole: its head


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer: seconds from its first byte out to its last byte in, bytes received, and what was kept of them."""

    seconds: float
    received: int
    kept: bytes

    @property
    def status(self) -> int:
        """The status code of the response."""
        return int(self.kept[9:12] or b"0")

    @property
    def body_bytes(self) -> int:
        """Bytes after the head, framing included."""
        return self.received - self.kept.find(b"\r\n\r\n") - 4


class _Deadline:
    """One limit over any number of socket calls."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._ends = time.monotonic() + limit

    def arm(self, sock: socket.socket) -> None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimedOutError(self._limit)
        sock.settimeout(left)

    @contextmanager
    def connected(self, port: int) -> Iterator[socket.socket]:
        """A connection whose broken and late ends are told apart from our own mistakes."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=self._limit) as sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                yield sock
        except TimeoutError:
            raise TimedOutError(self._limit) from None
        except ConnectionError as broken:
            raise WrongAnswerError(f"connection broken off ({type(broken).__name__})") from broken


def download(port: int, path: str, *, limit: float, keep: bool) -> Transfer:
    """GET `path`; `keep` holds the whole response for a later look, else only its head.

    Raises TimedOutError past `limit` seconds, WrongAnswerError for a broken connection.
    """
    deadline = _Deadline(limit)
    with deadline.connected(port) as sock:
        began = time.perf_counter()
        sock.sendall(request(path, close=True))
        return _received(sock, deadline, began, keep=keep)


def upload(port: int, path: str, size: int, *, limit: float) -> Transfer:
    """POST `size` bytes, a multiple of 1 MiB, with a Content-Length. Raises as `download`."""
    deadline = _Deadline(limit)
    with deadline.connected(port) as sock:
        began = time.perf_counter()
        sock.sendall(request(path, method="POST", length=size, close=True))
        for _ in range(size // len(_PIECE)):
            deadline.arm(sock)
            sock.sendall(_PIECE)
        return _received(sock, deadline, began, keep=True)


def exchange(port: int, path: str, *, limit: float) -> tuple[int, bytes]:
    """Status and body of a GET, for probing and for comparing. Raises as `download`."""
    transfer = download(port, path, limit=limit, keep=True)
    try:
        return transfer.status, body_of(transfer.kept)
    except ValueError as cut:
        raise WrongAnswerError(str(cut)) from cut


def block_ages(port: int, path: str, *, limit: float) -> list[float]:
    """The age in seconds of each stamped block at its arrival. Raises as `download`."""
    deadline, pending = _Deadline(limit), b""
    ages: list[float] = []
    with deadline.connected(port) as sock:
        sock.sendall(request(path, close=True))
        while data := _receive(sock, deadline):
            now = time.monotonic_ns()
            pending += data
            ages += [(now - int(stamp)) / 1e9 for stamp in _STAMP.findall(pending)]
            pending = _STAMP.sub(b"", pending)
    return ages


def _received(sock: socket.socket, deadline: _Deadline, began: float, *, keep: bool) -> Transfer:
    kept, total = [], 0
    while data := _receive(sock, deadline):
        if keep or total < _HEAD_KEPT:
            kept.append(data)
        total += len(data)
    return Transfer(seconds=time.perf_counter() - began, received=total, kept=b"".join(kept))


def _receive(sock: socket.socket, deadline: _Deadline) -> bytes:
    deadline.arm(sock)
    return sock.recv(_RECEIVE)
