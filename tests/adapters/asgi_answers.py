"""What an ASGI application in these tests sends and reads, in one word each."""

from __future__ import annotations

from typing import Any

__all__ = ["TEXT", "answer", "begin", "block", "read_body"]

TEXT = (b"content-type", b"text/plain")


async def begin(send: Any, *headers: tuple[bytes, bytes], status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [TEXT, *headers]})


async def block(send: Any, content: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": content, "more_body": more})


async def answer(send: Any, content: bytes = b"ok", *headers: tuple[bytes, bytes]) -> None:
    await begin(send, *headers)
    await block(send, content, more=False)


async def read_body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        event = await receive()
        assert event["type"] == "http.request", event
        body += event["body"]
        more = event["more_body"]
    return body
