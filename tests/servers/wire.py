"""HTTP/1.1 on a raw socket, as a client that notices everything: missing bytes, surplus bytes, interim answers."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.conformance.peers import Headers, Reply

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from 3.11 on

__all__ = ["READ_LIMIT", "Address", "Incomplete", "Wire", "chunk", "connected", "request_bytes"]

Address = tuple[str, int] | str  # host and port, or the path of a unix socket
READ_LIMIT = 15.0  # seconds that the client waits for the next byte
MOMENT = 0.1  # seconds in which a server would have sent what it should not
_NO_BODY = (204, 304)


class Incomplete(Exception):
    """The connection ended where more was promised; `body` is what had come."""

    def __init__(self, body: bytes = b"") -> None:
        super().__init__(body)
        self.body = body


def request_bytes(method: str, target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return a request's head; Host is added."""
    lines = [method.encode() + b" " + target + b" HTTP/1.1", b"Host: testserver"]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join([*lines, b"", b""])


def chunk(block: bytes) -> bytes:
    """Return one chunk of chunked coding; an empty block is its end (RFC 9112 section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(block), block)


def connected(
    address: Address,
    *,
    limit: float,
    receive_buffer: int | None = None,
    tls: ssl.SSLContext | None = None,
) -> socket.socket:
    """Return a connection; `limit` in seconds for each of its steps, `receive_buffer` in bytes."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(limit)
        connection.connect(address)
        return connection if tls is None else tls.wrap_socket(connection, server_hostname="localhost")
    except BaseException:  # not to leak the socket; raised again
        connection.close()
        raise


class Wire:
    """One connection. Replies are read one by one; bytes that follow one wait for the next."""

    def __init__(
        self,
        address: Address,
        *,
        limit: float = READ_LIMIT,
        receive_buffer: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.socket = connected(address, limit=limit, receive_buffer=receive_buffer, tls=tls)
        self._buffer = b""
        self._was_reset = False

    def send(self, data: bytes) -> None:
        """Send it all; a server that has closed already may still have an answer to read."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def reset(self) -> None:
        """Close it without waiting for anything: the server gets an RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # ------------------------------------------------------------ reading

    def reply(self, method: str = "GET") -> Reply:
        """Read one response; status 0 if the connection ended instead."""
        interim: list[tuple[int, Headers]] = []
        try:
            status, headers = self.head()
            while 100 <= status < 200 and status != 101:
                interim.append((status, headers))
                status, headers = self.head()
        except Incomplete:
            return Reply(0, [], b"", complete=False, interim=interim)
        try:
            body, trailers = self._body(method, status, headers)
        except Incomplete as broken:
            return Reply(status, headers, broken.body, complete=False, interim=interim)
        return Reply(status, headers, body, complete=True, interim=interim, trailers=trailers)

    def head(self) -> tuple[int, Headers]:
        """Read a status line and headers. Raises `Incomplete` where the connection ends in them."""
        line = self._line()
        assert line.startswith(b"HTTP/1."), f"not a status line: {line!r}"
        return int(line[9:12]), self._headers()

    def await_body(self, size: int) -> None:
        """Wait until a head and `size` bytes after it have come, and leave them for `reply`."""
        while len(self._buffer.partition(b"\r\n\r\n")[2]) < size:
            if not self._fill():
                raise Incomplete(self._buffer)

    def silent(self) -> bool:
        """Tell whether nothing has come by now, nor comes within a moment."""
        readable, _, _ = select.select([self.socket], [], [], MOMENT)
        return not readable and not self._buffer

    def rest(self) -> bytes:
        """Return all that comes until the server closes the connection."""
        while self._fill():
            pass
        data, self._buffer = self._buffer, b""
        return data

    def _headers(self) -> Headers:
        headers = []
        while line := self._line():
            name, _, value = line.partition(b":")
            headers.append((name.lower(), value.strip(b" \t")))
        return headers

    def _body(self, method: str, status: int, headers: Headers) -> tuple[bytes, Headers]:
        named = dict(headers)
        if method == "HEAD" or status in _NO_BODY:
            return b"", []
        if named.get(b"transfer-encoding", b"").lower() == b"chunked":
            return self._chunks()
        if b"content-length" in named:
            return self._exactly(int(named[b"content-length"])), []
        return self._to_the_end(), []

    def _chunks(self) -> tuple[bytes, Headers]:
        blocks: list[bytes] = []
        try:
            while size := int(self._line().partition(b";")[0], 16):
                blocks.append(self._exactly(size))
                assert self._line() == b"", "a chunk ends with CRLF"
            return b"".join(blocks), self._headers()
        except Incomplete as broken:
            raise Incomplete(b"".join([*blocks, broken.body])) from broken

    def _to_the_end(self) -> bytes:
        body = self.rest()
        if self._was_reset:
            raise Incomplete(body)
        return body

    def _exactly(self, size: int) -> bytes:
        parts = [self._buffer]
        missing = size - len(self._buffer)
        while missing > 0:
            self._buffer = b""
            if not self._fill():
                raise Incomplete(b"".join(parts))
            parts.append(self._buffer)
            missing -= len(self._buffer)
        data = b"".join(parts)
        self._buffer = data[size:]
        return data[:size]

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            if not self._fill():
                raise Incomplete
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _fill(self) -> bool:
        """Receive something; False at the end of the connection."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            self._was_reset = True
            data = b""
        self._buffer += data
        return bool(data)
