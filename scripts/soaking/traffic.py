"""Clients that make requests of every kind, whole and aborted, and check each answer to the byte."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from tests.faults.applications import BLOCK

__all__ = ["KINDS", "Traffic", "WrongAnswerError"]

PATIENCE = 20.0  # seconds without an answer, after which a request counts as lost
LARGEST_UPLOAD = 300_000  # bytes: several times the window of 64 KiB
MOST_BLOCKS = 100  # of 4 KiB: beyond the high-water mark


class WrongAnswerError(Exception):
    """An answer that is not what was asked for."""


class Connection:
    """One connection, reading responses as strictly as they are framed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, line: str, *headers: str, body: bytes = b"") -> None:
        """Send a request, or the beginning of one."""
        self._writer.write("\r\n".join([f"{line} HTTP/1.1", "Host: soak", *headers, "", ""]).encode() + body)
        await self._writer.drain()

    async def send_more(self, block: bytes) -> None:
        """Send more of a body."""
        self._writer.write(block)
        await self._writer.drain()

    async def read_some(self) -> None:
        """Wait for the first bytes of a response."""
        if not await self._reader.read(1024):
            raise WrongAnswerError("the connection ended before the response began")

    async def answer(self) -> tuple[int, bytes]:
        """Read one response; raises IncompleteReadError where it is cut short."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lines = head.lower().split(b"\r\n")
        fields = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
        if b"content-length" in fields:
            return status, await self._reader.readexactly(int(fields[b"content-length"]))
        return status, await self._chunks()

    async def _chunks(self) -> bytes:
        blocks = []
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            blocks.append((await self._reader.readexactly(size + 2))[:-2])
        await self._reader.readuntil(b"\r\n")
        return b"".join(blocks)

    def reset(self) -> None:
        """Close it with an RST."""
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close it."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


# ---------------------------------------------------------------- the kinds of requests

Kind = Callable[[Connection, random.Random], Awaitable[int]]


def _expect(condition: object, what: str) -> None:
    if not condition:
        raise WrongAnswerError(what)


async def several_lists(connection: Connection, chance: random.Random) -> int:
    """Make a number of small requests on one connection; return how many."""
    count = chance.randint(1, 20)
    for _ in range(count):
        await connection.send("GET /hello")
        status, body = await connection.answer()
        _expect(status == 200 and body.startswith(b"hello from "), f"list: {status} {body!r}")
    return count


async def stream(connection: Connection, chance: random.Random) -> int:
    """Read a stream to its end."""
    blocks = chance.randint(1, MOST_BLOCKS)
    await connection.send(f"GET /stream?blocks={blocks}")
    status, body = await connection.answer()
    _expect(status == 200 and body == BLOCK * blocks, f"stream of {blocks}: {status}, {len(body)} bytes")
    return 1


async def upload(connection: Connection, chance: random.Random) -> int:
    """Upload a body of known length."""
    body = chance.randbytes(chance.randint(0, LARGEST_UPLOAD))
    await connection.send("POST /upload", f"Content-Length: {len(body)}", body=body)
    _expect_hash(body, *await connection.answer())
    return 1


async def chunked_upload(connection: Connection, chance: random.Random) -> int:
    """Upload a body of unknown length."""
    body = chance.randbytes(chance.randint(0, LARGEST_UPLOAD))
    await connection.send("POST /upload", "Transfer-Encoding: chunked")
    for start in range(0, len(body), 40_000):
        block = body[start : start + 40_000]
        await connection.send_more(b"%x\r\n%b\r\n" % (len(block), block))
    await connection.send_more(b"0\r\n\r\n")
    _expect_hash(body, *await connection.answer())
    return 1


def _expect_hash(body: bytes, status: int, answer: bytes) -> None:
    expected = b"%d %s" % (len(body), hashlib.sha256(body).hexdigest().encode())
    _expect((status, answer) == (200, expected), f"upload of {len(body)}: {status} {answer[:50]!r}")


async def async_upload(connection: Connection, chance: random.Random) -> int:
    """Upload to a coroutine."""
    size = chance.randint(0, LARGEST_UPLOAD)
    await connection.send("POST /async-upload", f"Content-Length: {size}", body=bytes(size))
    status, body = await connection.answer()
    _expect((status, body) == (200, b"%d" % size), f"async upload of {size}: {status} {body!r}")
    return 1


async def error(connection: Connection, chance: random.Random) -> int:
    """Have the application fail before its headers."""
    await connection.send("GET /fail")
    status, _ = await connection.answer()
    _expect(status == 500, f"error: {status}")
    return 1


async def late_error(connection: Connection, chance: random.Random) -> int:
    """Have the application fail after its headers: the response must be cut short."""
    await connection.send("GET /fail-late")
    try:
        status, _ = await connection.answer()
    except (asyncio.IncompleteReadError, ConnectionError):
        return 1
    raise WrongAnswerError(f"late error: {status}, and the response looks complete")


async def aborted_stream(connection: Connection, chance: random.Random) -> int:
    """Leave in the middle of a stream that never ends."""
    await connection.send("GET /endless")
    await connection.read_some()
    connection.reset()
    return 1


async def aborted_upload(connection: Connection, chance: random.Random) -> int:
    """Leave in the middle of an upload."""
    await connection.send("POST /upload", "Content-Length: 1000000", body=bytes(chance.randint(0, 200_000)))
    if chance.random() < 0.5:
        connection.reset()
    return 1


async def aborted_wait(connection: Connection, chance: random.Random) -> int:
    """Leave before the answer."""
    await connection.send("GET /slow?seconds=0.005")
    if chance.random() < 0.5:
        connection.reset()
    return 1


async def slow(connection: Connection, chance: random.Random) -> int:
    """Wait for an application that waits."""
    await connection.send("GET /slow?seconds=0.005")
    _expect((await connection.answer())[0] == 200, "slow")
    return 1


KINDS: dict[Kind, int] = {  # and how often each is taken, out of the sum
    several_lists: 40,
    stream: 12,
    upload: 10,
    chunked_upload: 6,
    async_upload: 4,
    error: 5,
    late_error: 3,
    aborted_stream: 8,
    aborted_upload: 5,
    aborted_wait: 4,
    slow: 3,
}


class Traffic:
    """`clients` clients that make requests until told to stop; counts them by kind, and what went wrong."""

    def __init__(self, address: tuple[str, int], *, clients: int, seed: int) -> None:
        self._address = address
        self._clients = clients
        self._seed = seed
        self.requests: Counter[str] = Counter()
        self.wrong: list[str] = []

    async def run(self, seconds: float, requests: float = math.inf) -> None:
        """Make requests for that long, or until there were so many."""
        deadline = time.monotonic() + seconds
        chances = [random.Random(self._seed + number) for number in range(self._clients)]  # noqa: S311 - no secrets
        await asyncio.gather(*(self._client(chance, deadline, requests) for chance in chances))

    async def _client(self, chance: random.Random, deadline: float, requests: float) -> None:
        while time.monotonic() < deadline and self.requests.total() < requests:
            kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
            name = getattr(kind, "__name__", "")
            try:
                made = await asyncio.wait_for(self._once(kind, chance), PATIENCE)
            except (WrongAnswerError, OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
                self.wrong.append(f"{name}: {type(error).__name__}: {error}")
            else:
                self.requests[name] += made

    async def _once(self, kind: Kind, chance: random.Random) -> int:
        connection = Connection(*await asyncio.open_connection(*self._address))
        try:
            return await kind(connection, chance)
        finally:
            await connection.close()
