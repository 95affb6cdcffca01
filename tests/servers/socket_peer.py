"""The rows asked over real sockets: HTTP/1.1, or HTTP/2 where the server speaks it in clear text."""

from __future__ import annotations

import ssl

from tests.conformance.peers import Conversation, Headers, Peer, Reply, Request, pieces_of
from tests.servers.http2_wire import Http2Wire
from tests.servers.wire import READ_LIMIT, Address, Incomplete, Wire, chunk, request_bytes

__all__ = ["Http2Peer", "SocketPeer"]


class SocketPeer(Peer):
    """A connection for each request, with Connection: close."""

    def __init__(self, name: str, address: Address, *, tls: ssl.SSLContext | None = None) -> None:
        self.name = name
        self.address = address
        self.tls = tls
        self.read_limit = READ_LIMIT

    def exchange(self, request: Request) -> Reply:
        """Send it whole, and read the response."""
        with Wire(self.address, limit=self.read_limit, tls=self.tls) as wire:
            wire.send(_head(request, [(b"connection", b"close")]))
            for piece in pieces_of(request.body):
                wire.send(piece if isinstance(request.body, bytes) else chunk(piece))
            if isinstance(request.body, list):
                wire.send(chunk(b""))
            return wire.reply(request.method)

    def begin(self, request: Request) -> Conversation:
        """Send the head."""
        wire = Wire(self.address, limit=self.read_limit, tls=self.tls)
        wire.send(_head(request, [(b"connection", b"close")]))
        return _Http1Conversation(wire, request)


def _head(request: Request, more: Headers) -> bytes:
    return request_bytes(request.method, request.target, [*request.all_headers(), *_framing(request), *more])


def _framing(request: Request) -> Headers:
    if isinstance(request.body, bytes):
        return [(b"content-length", b"%d" % len(request.body))]
    if request.body is not None or request.length is None:
        return [(b"transfer-encoding", b"chunked")]
    return [(b"content-length", b"%d" % request.length)] if request.length else []


class _Http1Conversation(Conversation):
    def __init__(self, wire: Wire, request: Request) -> None:
        self._wire = wire
        self._request = request

    def send(self, block: bytes) -> None:
        self._wire.send(chunk(block) if self._request.length is None else block)

    def end(self) -> None:
        if self._request.length is None:
            self._wire.send(chunk(b""))

    def await_body(self, size: int) -> None:
        self._wire.await_body(size)

    def reply(self) -> Reply:
        return self._wire.reply(self._request.method)

    def leave(self) -> None:
        self._wire.reset()

    def __exit__(self, *exc_info: object) -> None:
        self._wire.close()


class Http2Peer(Peer):
    """A connection for each request."""

    http2 = True

    def __init__(self, name: str, address: Address, *, tls: ssl.SSLContext | None = None) -> None:
        self.name = name
        self.address = address
        self.tls = tls
        self.read_limit = READ_LIMIT

    def exchange(self, request: Request) -> Reply:
        """Send it whole, and read the response."""
        with self.begin(request) as conversation:
            for piece in pieces_of(request.body):
                conversation.send(piece)
            if request.body is not None:
                conversation.end()
            return conversation.reply()

    def begin(self, request: Request) -> Conversation:
        """Send the head."""
        wire = Http2Wire(self.address, limit=self.read_limit, tls=self.tls)
        framing = [pair for pair in _framing(request) if pair[0] != b"transfer-encoding"]
        bodyless = request.body is None and request.length == 0
        wire.request(request.method, request.target, [*request.all_headers(), *framing], end=bodyless)
        return _Http2Conversation(wire)


class _Http2Conversation(Conversation):
    def __init__(self, wire: Http2Wire) -> None:
        self._wire = wire

    def send(self, block: bytes) -> None:
        self._wire.send(block)

    def end(self) -> None:
        self._wire.end()

    def await_body(self, size: int) -> None:
        while len(self._wire.body) < size:
            self._wire.step()
            if self._wire.broken:
                raise Incomplete(self._wire.body)

    def reply(self) -> Reply:
        return self._wire.reply()

    def leave(self) -> None:
        self._wire.reset()

    def __exit__(self, *exc_info: object) -> None:
        self._wire.close()
