"""A request as bytes, with what a comparison has to know about it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.servers.wire import READ_LIMIT

__all__ = ["Request", "request"]


@dataclass(frozen=True, slots=True)
class Request:
    """`answer`: the application is told what to answer, and answers not with environ."""

    name: str
    data: bytes
    method: str = "GET"
    answer: bool = False
    patience: float = READ_LIMIT  # seconds

    @property
    def target(self) -> bytes:
        """The request target, as sent."""
        return self.data.split(b" ", 2)[1]

    @property
    def head(self) -> bytes:
        """Everything before the body."""
        return self.data.partition(b"\r\n\r\n")[0]


def request(
    name: str,
    target: bytes = b"/",
    *headers: bytes,
    method: str = "GET",
    body: bytes = b"",
    host: bytes | None = b"example.org:8080",
    version: bytes = b"HTTP/1.1",
    answer: dict[str, object] | None = None,
) -> Request:
    """Return a request with Connection: close; `headers` are whole lines."""
    lines = [method.encode() + b" " + target + b" " + version]
    if host is not None:
        lines.append(b"Host: " + host)
    lines += headers
    if answer is not None:
        lines.append(b"X-Answer: " + json.dumps(answer).encode())
    data = b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body
    return Request(name, data, method, answer is not None)
