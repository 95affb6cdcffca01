"""N WebSockets, each sending its message again as soon as it is echoed: a process of its own (RFC 6455).

Python on both sides of the connection: the figure to compare is the server's CPU, not the rate.
"""

from __future__ import annotations

import asyncio

from scripts.benchmarks.load.closed_loop import Connection, Load, Record, drive, print_load

__all__ = ["MESSAGE", "Conversation"]

MESSAGE = b"thirty-two bytes of a chat line."
MASK = b"\x00\x00\x00\x00"  # leaves the text as it is; a client has to have one (section 5.3)
FRAME = bytes([0x81, 0x80 | len(MESSAGE)]) + MASK + MESSAGE
ECHO = bytes([0x81, len(MESSAGE)]) + MESSAGE


class Conversation(Connection):
    """One WebSocket: the handshake, then messages."""

    def __init__(self, path: str, record: Record) -> None:
        super().__init__(FRAME, record)
        self._path = path
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the handshake."""
        self.question = (
            f"GET {self._path} HTTP/1.1\r\nHost: benchmark\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ).encode()
        super().connection_made(transport)
        self.question = FRAME

    def data_received(self, data: bytes) -> None:
        """Sends the message again once it is back."""
        self.buffer += data
        if not self._open:
            head, blank, rest = self.buffer.partition(b"\r\n\r\n")
            if not blank:
                return
            self._open = True
            self.buffer = rest
            self.record.failures += not head.startswith(b"HTTP/1.1 101")
            self.ask()
        elif len(self.buffer) >= len(ECHO):
            self.answered(right=self.buffer.startswith(ECHO))
            del self.buffer[: len(ECHO)]
            self.ask()


async def _drive(port: int, path: str, connections: int, seconds: float) -> Load:
    record = Record()
    return await drive(port, lambda: Conversation(path, record), record, connections, seconds)


if __name__ == "__main__":
    print_load(_drive)
