"""Just enough HTTP/1.1 to know where a response ends and what it holds: pure functions on bytes."""

from __future__ import annotations

import re

__all__ = ["body_of", "request", "response_end"]

_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


def request(path: str, *, method: str = "GET", length: int | None = None, close: bool = False) -> bytes:
    """The head of a request; `length` is that of a body that follows, None for none."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def response_end(data: bytes | bytearray) -> int | None:
    """Where the first response in `data` ends, None while it is not complete.

    Raises ValueError for a response with neither a length nor chunks: its end is the connection's.
    """
    head = data.find(_HEAD_END)
    if head < 0:
        return None
    start = head + len(_HEAD_END)
    if match := _LENGTH.search(data, 0, start):
        end = start + int(match[1])
        return end if len(data) >= end else None
    if not _CHUNKED.search(data, 0, start):
        raise ValueError(f"response with neither Content-Length nor chunks: {bytes(data[:head])!r}")
    return _chunks(data, start)[1]


def body_of(data: bytes) -> bytes:
    """The body of one whole response that ended with its connection.

    Raises ValueError when it is cut short, by its length or by its chunks.
    """
    head = data.find(_HEAD_END)
    if head >= 0 and not _LENGTH.search(data, 0, head + 4) and not _CHUNKED.search(data, 0, head + 4):
        return data[head + 4 :]
    end = response_end(data)
    if end is None:
        raise ValueError(f"response cut short after {len(data)} bytes")
    if _CHUNKED.search(data, 0, head + 4):
        return b"".join(_chunks(data, head + 4)[0])
    return data[head + 4 : end]


def _chunks(data: bytes | bytearray, start: int) -> tuple[list[bytes], int | None]:
    """The chunks from `start` on, and where the last one ends (None: more to come). Trailers are not expected."""
    chunks: list[bytes] = []
    while (line := data.find(b"\r\n", start)) >= 0:
        size = int(data[start:line].split(b";")[0], 16)
        end = line + 2 + size
        if len(data) < end + 2:
            break
        if size == 0:
            return chunks, end + 2
        chunks.append(bytes(data[line + 2 : end]))
        start = end + 2
    return chunks, None
