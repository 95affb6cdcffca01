"""Reads the body of a WSGI request to its end, and knows where that is.

CONTENT_LENGTH n                     n bytes; fewer mean that the client has gone
wsgi.input_terminated                until the server says that it is the end
Transfer-Encoding: chunked           the same, unless the server hands the chunks on undecoded
none of them                         there is no body; reading would wait for ever (PEP 3333)
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.errors import ClientDisconnected, UndecodedBody
from bridge.protocol.environ import Environ, content_length

__all__ = ["InputReader", "body_reader"]

BLOCK_SIZE = 65536  # bytes read at a time; arbitrary, and what ASGI servers hand on at most

# Servers that pass a chunked body on as it came, framing and all, and whose input never ends: a read
# to the end would hold their (only) thread until the client leaves. This is wsgiref's, and with it
# Django's runserver.
_UNDECODED = ("WSGIServer/",)


class InputReader:
    """Reads one body block by block; `ended` tells that there is no more.

    `length` is the body's size in bytes, None for one that ends where the server says so.
    """

    __slots__ = ("_read", "_remaining", "ended")

    def __init__(self, read: Callable[[int], bytes], length: int | None) -> None:
        self._read = read
        self._remaining = length
        self.ended = False

    def read(self) -> bytes:
        """Return the next block, b"" at the end of a body without a length; may wait for the client.

        Raises `ClientDisconnected` where the body ends before its length, and what the server raises.
        """
        if self._remaining is None:
            block = self._read(BLOCK_SIZE)
            self.ended = not block
            return block
        block = self._read(min(BLOCK_SIZE, self._remaining))
        if not block:
            raise ClientDisconnected("its request body was being read")
        self._remaining -= len(block)
        self.ended = self._remaining <= 0
        return block


def body_reader(environ: Environ) -> InputReader | None:
    """Return a reader for the request's body; None if it has none.

    Raises ValueError for a CONTENT_LENGTH that is not a number, `UndecodedBody` (a ValueError too)
    for a body whose end can't be found.
    """
    source = environ.get("wsgi.input")
    if source is None:
        return None
    # read1 returns what is there; read(n) would hold a slow upload back until n bytes are together.
    read = getattr(source, "read1", None) or source.read
    length = content_length(environ)
    if length is not None:
        return InputReader(read, length) if length else None
    if environ.get("wsgi.input_terminated"):
        return InputReader(read, None)
    if "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    server = str(environ.get("SERVER_SOFTWARE", ""))
    if server.startswith(_UNDECODED):
        raise UndecodedBody(server)
    return InputReader(read, None)
