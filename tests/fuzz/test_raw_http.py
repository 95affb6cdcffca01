"""Broken HTTP against uvicorn and the bridge: no hang, no stuck worker, no traceback, and a server that goes on.

WSGI_BRIDGE_FUZZ_SEED=7 scripts/test tests/fuzz/test_raw_http.py      other cases; the same seed, the same cases
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket

import pytest

from tests.faults.uvicorn_server import PROTOCOLS, UvicornServer
from tests.fuzz.mutations import CORPUS, Mutator
from tests.fuzz.scale import FACTOR

CASES = 500 * FACTOR
SEED = int(os.environ.get("WSGI_BRIDGE_FUZZ_SEED", "20250101"))
AT_ONCE = 16
QUIET = 0.1  # seconds without a byte, after which the client says that it has no more to send
HANG = 20.0  # seconds until the server must have closed the connection then
TRACEBACK = re.compile(r"^Traceback [^\n]*\n(?:[ \t][^\n]*\n)+\S[^\n]*", re.MULTILINE)


@pytest.mark.parametrize("http", PROTOCOLS)
def test_broken_requests_neither_hang_nor_stop_the_server(http: str) -> None:
    mutator = Mutator(SEED)
    cases = [[request] for request in CORPUS] + [mutator.case() for _ in range(CASES)]
    with UvicornServer(http, max_threads=8, shutdown_timeout=10.0) as server:
        before = server.settled()
        answers = asyncio.run(send_all(server.address, cases))
        after = server.settled()
        log = server.log()
        assert server.get("/hello").startswith(b"hello")
    hung = [number for number, answer in enumerate(answers) if answer is None]
    failed = [number for number, answer in enumerate(answers) if answer and b"HTTP/1.1 5" in answer]
    assert not hung, report("no end of the connection", cases, hung)
    assert not failed, report("a server error", cases, failed) + log[-3000:]
    ours = [traceback for traceback in TRACEBACK.findall(log) if not raised_by_the_server(traceback)]
    assert not ours, f"seed {SEED}:\n" + "\n".join(ours)
    assert after.tasks <= before.tasks
    assert after.descriptors <= before.descriptors
    assert after.threads <= before.threads + 8 + 2  # the pool's, and asgiref's
    assert all(answer and answer.startswith(b"HTTP/1.1 ") for answer in answers[: len(CORPUS)])


def raised_by_the_server(traceback: str) -> bool:
    """Tell whether the innermost frame is the server's: its `send` raises when it has closed the connection.

    uvicorn does so to every ASGI application, after an invalid request has followed on the connection of
    a valid one: RuntimeError from uvloop's closed transport, LocalProtocolError from h11. The specification
    (2.4, "Disconnected Client") wants an OSError, which the bridge takes silently.
    """
    innermost = re.findall(r'^  File "([^"]+)"', traceback, re.MULTILINE)[-1]
    return bool(re.search(r"(^|/)(uvicorn|uvloop|h11)/", innermost))


def report(what: str, cases: list[list[bytes]], numbers: list[int]) -> str:
    shown = "\n".join(f"  case {number}: {cases[number]!r:.600}" for number in numbers[:3])
    return f"{what}, seed {SEED}, {len(numbers)} of {len(cases)} cases:\n{shown}\n"


async def send_all(address: tuple[str, int], cases: list[list[bytes]]) -> list[bytes | None]:
    """Send every case on a connection of its own; return what came back, None where it never ended."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(pieces: list[bytes]) -> bytes | None:
        async with turn:
            return await exchange(address, pieces)

    return await asyncio.gather(*(one(pieces) for pieces in cases))


async def exchange(address: tuple[str, int], pieces: list[bytes]) -> bytes | None:
    reader, writer = await asyncio.open_connection(*address)
    # One segment a piece: that is how a request comes in several reads.
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received = bytearray()
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await read_until_quiet(reader, received)
        writer.write_eof()
        await asyncio.wait_for(read_to_the_end(reader, received), HANG)
    except asyncio.TimeoutError:
        return None
    except OSError:
        pass  # it was reset: an end, too
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return bytes(received)


async def read_to_the_end(reader: asyncio.StreamReader, received: bytearray) -> None:
    while block := await reader.read(65536):
        received += block


async def read_until_quiet(reader: asyncio.StreamReader, received: bytearray) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        while block := await asyncio.wait_for(reader.read(65536), QUIET):
            received += block
