"""HTTP/2 with prior knowledge (RFC 9113 section 3.3), or chosen by TLS, on top of the h2 package."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Sequence

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from tests.conformance.peers import Headers, Reply
from tests.servers.wire import READ_LIMIT, Address, connected

__all__ = ["Http2Wire"]


class Http2Wire:
    """One connection with one request on it."""

    def __init__(
        self, address: Address, *, limit: float = READ_LIMIT, tls: ssl.SSLContext | None = None
    ) -> None:
        self.socket = connected(address, limit=limit, tls=tls)
        self._connection = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=True, header_encoding=None, validate_outbound_headers=False)
        )
        self._connection.initiate_connection()
        self._flush()
        self.stream = 0
        self.interim: list[tuple[int, Headers]] = []
        self.status = 0
        self.headers: Headers = []
        self.trailers: Headers = []
        self.body = b""
        self.ended = False  # the response is whole
        self.broken = False  # the stream was reset, or the connection ended

    def request(
        self, method: str, target: bytes, headers: Sequence[tuple[bytes, bytes]], *, end: bool
    ) -> None:
        """Send a request's headers; `end` says that no body follows."""
        self.stream = self._connection.get_next_available_stream_id()
        pseudo = [
            (b":method", method.encode()),
            (b":scheme", b"https" if isinstance(self.socket, ssl.SSLSocket) else b"http"),
            (b":authority", b"testserver"),
            (b":path", target),
        ]
        self._connection.send_headers(self.stream, [*pseudo, *headers], end_stream=end)
        self._flush()

    def send(self, block: bytes) -> None:
        """Send a part of the body, as the server's window allows."""
        while block and not (self.ended or self.broken):
            room = min(
                self._connection.local_flow_control_window(self.stream),
                self._connection.max_outbound_frame_size,
            )
            if room <= 0:
                self.step()
                continue
            self._connection.send_data(self.stream, block[:room])
            self._flush()
            block = block[room:]

    def end(self) -> None:
        """End the body."""
        if not self.broken:
            with contextlib.suppress(h2.exceptions.ProtocolError):  # the server has closed the stream
                self._connection.end_stream(self.stream)
            self._flush()

    def reset(self) -> None:
        """Cancel the stream and close the connection."""
        with contextlib.suppress(h2.exceptions.ProtocolError):
            self._connection.reset_stream(self.stream, 0x8)
        self._flush()
        self.socket.close()

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def step(self) -> None:
        """Wait for something from the server, and take it in."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.broken = not self.ended
            return
        for event in self._connection.receive_data(data):
            self._accept(event)
        self._flush()

    def reply(self) -> Reply:
        """Wait for the end of the response."""
        while not self.ended and not self.broken:
            self.step()
        return Reply(self.status, self.headers, self.body, self.ended, self.interim, self.trailers)

    def _accept(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.InformationalResponseReceived):
            self.interim.append(_status_and_headers(event.headers))
        elif isinstance(event, h2.events.ResponseReceived):
            self.status, self.headers = _status_and_headers(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            self.body += event.data or b""
            self._connection.acknowledge_received_data(event.flow_controlled_length or 0, self.stream)
        elif isinstance(event, h2.events.TrailersReceived):
            self.trailers = [(bytes(name), bytes(value)) for name, value in event.headers or ()]
        elif isinstance(event, h2.events.StreamEnded):
            self.ended = True
        elif isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
            self.broken = not self.ended

    def _flush(self) -> None:
        with contextlib.suppress(OSError):  # the server has gone; reading tells
            self.socket.sendall(self._connection.data_to_send())


def _status_and_headers(received: object) -> tuple[int, Headers]:
    assert isinstance(received, list)
    pairs = [(bytes(name), bytes(value)) for name, value in received]
    return int(dict(pairs)[b":status"]), [pair for pair in pairs if not pair[0].startswith(b":")]
