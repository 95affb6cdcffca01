"""The applications as ASGI callables written by hand: the floor that a bridge is compared with."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Any

from scripts.benchmarks.apps.content import (
    BEAT_PAUSE,
    BLOCK,
    BODY_READ,
    HELLO,
    WAIT,
    beat,
    block_count,
    file_path,
    tally,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

__all__ = ["beats", "file", "hello", "stream", "upload", "wait"]

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_END = {"type": "http.response.body", "body": b"", "more_body": False}


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """13 bytes with their length."""
    await _answer(send, HELLO)


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """`?N`: N blocks of 1 KiB, no length given."""
    await _start(send, [_TEXT])
    for _ in range(block_count(scope["query_string"].decode())):
        await send({"type": "http.response.body", "body": BLOCK, "more_body": True})
    await send(_END)


async def beats(scope: Scope, receive: Receive, send: Send) -> None:
    """`?N`: N stamped blocks with a pause after each."""
    await _start(send, [_TEXT])
    for _ in range(block_count(scope["query_string"].decode())):
        await send({"type": "http.response.body", "body": beat(), "more_body": True})
        await asyncio.sleep(BEAT_PAUSE)
    await send(_END)


async def upload(scope: Scope, receive: Receive, send: Send) -> None:
    """Takes the body as it comes and answers with its size; with `?crc` its CRC-32 too."""
    total, crc, more = 0, 0, True
    checked = scope["query_string"] == b"crc"
    while more:
        message = await receive()
        block = message.get("body", b"")
        more = message.get("more_body", False)
        total += len(block)
        if checked:
            crc = zlib.crc32(block, crc)
    await _answer(send, tally(total, crc if checked else None))


async def file(scope: Scope, receive: Receive, send: Send) -> None:
    """`?small` or `?whole`: a loop of 64 KiB reads, the naive native way."""
    path = file_path(scope["query_string"].decode())
    # A page-cache read takes microseconds; a thread hop per block would only slow the floor down.
    length = (b"content-length", b"%d" % path.stat().st_size)
    await _start(send, [(b"content-type", b"application/octet-stream"), length])
    with path.open("rb") as handle:
        while block := handle.read(BODY_READ):
            await send({"type": "http.response.body", "body": block, "more_body": True})
    await send(_END)


async def wait(scope: Scope, receive: Receive, send: Send) -> None:
    """`/wait` sleeps half a second without holding anything; any other path is `hello`."""
    if scope["path"] == "/wait":
        await asyncio.sleep(WAIT)
    await _answer(send, HELLO)


async def _start(send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _answer(send: Send, body: bytes) -> None:
    await _start(send, [_TEXT, (b"content-length", b"%d" % len(body))])
    await send({"type": "http.response.body", "body": body, "more_body": False})
