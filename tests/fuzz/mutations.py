"""Raw HTTP requests, and what a careless or hostile client makes of them; the same seed makes the same ones."""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["CORPUS", "Mutator"]


def _request(line: bytes, *headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([line, b"Host: testserver", *headers, b"", b""]) + body


_CHUNKS = b"5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n"

CORPUS = [
    _request(b"GET / HTTP/1.1"),
    _request(b"GET /hello?a=1&b=%C3%A9#f HTTP/1.1", b"Cookie: a=1", b"Cookie: b=2", b"Accept: */*"),
    _request(b"HEAD /stream?blocks=3 HTTP/1.1"),
    _request(b"GET /stream?blocks=3 HTTP/1.0"),
    _request(b"GET /stream?blocks=50 HTTP/1.1", b"Connection: close"),
    _request(b"POST /upload HTTP/1.1", b"Content-Length: 11", body=b"hello world"),
    _request(b"POST /upload HTTP/1.1", b"Transfer-Encoding: chunked", body=_CHUNKS),
    _request(b"PUT /lines HTTP/1.1", b"Content-Length: 12", body=b"one\ntwo\nthre"),
    _request(b"POST /lines HTTP/1.1", b"Transfer-Encoding: chunked", b"Connection: close", body=_CHUNKS),
    _request(b"POST /ignore HTTP/1.1", b"Content-Length: 11", body=b"hello world"),
    _request(b"POST /ignore HTTP/1.1", b"Expect: 100-continue", b"Content-Length: 5", body=b"hello"),
    _request(b"POST /upload HTTP/1.1", b"Expect: 100-continue", b"Content-Length: 5", body=b"hello"),
    _request(b"POST /async-upload HTTP/1.1", b"Content-Length: 5", body=b"hello"),
    _request(b"OPTIONS * HTTP/1.1"),
    _request(b"GET http://testserver/hello HTTP/1.1"),
    _request(b"GET /a/%2e%2e/%2F/%ff/%00 HTTP/1.1", b"X_Under: 1", b"X-Latin: \xe9\xff"),
    _request(b"GET / HTTP/1.1") + _request(b"POST /upload HTTP/1.1", b"Content-Length: 3", body=b"abc"),
    _request(b"GET / HTTP/1.1", b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: a"),
]

_TOKENS = [
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b";", b",", b"%", b"\xff", b"\xc3\xa9"),
    *(
        b"Content-Length: 5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: +5\r\n",
    ),
    *(b"Content-Length: 99999999999999999999\r\n", b"Content-Length: 0x5\r\n", b"Content-Length:\r\n"),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
    ),
    *(b"Expect: 100-continue\r\n", b"Connection: close\r\n", b"Host: other\r\n", b"Range: bytes=0-1\r\n"),
    *(
        b"HTTP/1.0",
        b"HTTP/2.0",
        b"HTTP/9.9",
        b"FFFFFFFF\r\n",
        b"0\r\n\r\n",
        b"-1\r\n",
        b"%00",
        b"%ff",
        b"%",
        b"../",
    ),
    *(b"X" * 70_000, b"A: b\r\n" * 150, b" folded\r\n", b"GET / HTTP/1.1\r\n\r\n"),
]


class Mutator:
    """Makes broken requests; `random` decides everything."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def case(self) -> list[bytes]:
        """Return the next case: what to send, in the pieces to send it in."""
        data = self._random.choice(CORPUS)
        for _ in range(self._random.randint(1, 4)):
            data = self._random.choice(self._operations())(data)
        return self._split(data)

    def _operations(self) -> list[Callable[[bytes], bytes]]:
        return [self._flip, self._delete, self._repeat, self._insert, self._insert, self._cut, self._splice]

    def _flip(self, data: bytes) -> bytes:
        if not data:
            return data
        at = self._random.randrange(len(data))
        return data[:at] + bytes([data[at] ^ (1 << self._random.randrange(8))]) + data[at + 1 :]

    def _delete(self, data: bytes) -> bytes:
        start, end = self._slice(data)
        return data[:start] + data[end:]

    def _repeat(self, data: bytes) -> bytes:
        start, end = self._slice(data)
        return data[:end] + data[start:end] * self._random.randint(1, 3) + data[end:]

    def _insert(self, data: bytes) -> bytes:
        at = self._border(data)
        return data[:at] + self._random.choice(_TOKENS) + data[at:]

    def _cut(self, data: bytes) -> bytes:
        return data[: self._random.randint(0, len(data))]

    def _splice(self, data: bytes) -> bytes:
        other = self._random.choice(CORPUS)
        return data[: self._border(data)] + other[self._border(other) :]

    def _slice(self, data: bytes) -> tuple[int, int]:
        start = self._random.randint(0, len(data))
        return start, min(len(data), start + self._random.randint(0, 20))

    def _border(self, data: bytes) -> int:
        """Return a place to work at: anywhere, or where a line ends, which hits more often."""
        if self._random.random() < 0.5:
            return self._random.randint(0, len(data))
        borders = [at + 2 for at in range(len(data)) if data.startswith(b"\r\n", at)]
        return self._random.choice(borders or [0])

    def _split(self, data: bytes) -> list[bytes]:
        cuts = sorted(self._random.randint(0, len(data)) for _ in range(self._random.choice([0, 0, 1, 3])))
        return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
