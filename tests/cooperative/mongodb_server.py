"""A small server that speaks MongoDB's wire protocol, as no MongoDB can be had from Debian or PyPI.

https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/: the handshake by OP_QUERY, everything else by
OP_MSG, over real sockets, one thread a connection. It keeps documents, finds them by equality, and takes its time
with a `find` whose `comment` is "slow". It proves how PyMongo waits, not what MongoDB answers.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import bson

__all__ = ["MongoServer"]

_HEADER = struct.Struct("<iiii")  # length, request id, the id that it answers, operation
_REPLY, _QUERY, _MESSAGE = 1, 2004, 2013
_HELLO = {
    "ok": 1.0,
    "helloOk": True,
    "isWritablePrimary": True,
    "ismaster": True,
    "minWireVersion": 0,
    "maxWireVersion": 21,  # MongoDB 7.0
    "maxBsonObjectSize": 16 * 1024**2,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "logicalSessionTimeoutMinutes": 30,
    "readOnly": False,
}


class MongoServer(socketserver.ThreadingTCPServer):
    """On a free port of loopback; inside a `find` that is slow, it is `busy` and calls `pause`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, busy: AbstractContextManager[None], pause: Callable[[], object]) -> None:
        self.busy, self.pause = busy, pause
        self.collections: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.commands: list[str] = []  # the names of those that were answered
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Connection)

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """Carry a command out and return its reply."""
        name = next(iter(command))
        with self.lock:
            self.commands.append(name)
        if name in {"hello", "ismaster", "isMaster"}:
            return _HELLO
        if name == "insert":
            with self.lock:
                self.collections[command["insert"]] += command["documents"]
            return {"ok": 1.0, "n": len(command["documents"])}
        if name == "find":
            return self._find(command)
        if name in {"ping", "endSessions", "killCursors"}:
            return {"ok": 1.0}
        return {"ok": 0.0, "code": 59, "codeName": "CommandNotFound", "errmsg": f"no such command: {name!r}"}

    def _find(self, command: dict[str, Any]) -> dict[str, Any]:
        if command.get("comment") == "slow":
            with self.busy:
                self.pause()
        wanted = command.get("filter", {}).items()
        with self.lock:
            found = [each for each in self.collections[command["find"]] if wanted <= each.items()]
        cursor = {"id": 0, "ns": f"{command['$db']}.{command['find']}", "firstBatch": found}
        return {"ok": 1.0, "cursor": cursor}


class _Connection(socketserver.StreamRequestHandler):
    server: MongoServer

    def handle(self) -> None:
        while header := self.rfile.read(_HEADER.size):
            length, number, _, operation = _HEADER.unpack(header)
            body = self.rfile.read(length - _HEADER.size)
            if operation == _QUERY:
                name_ends = body.index(b"\0", 4)
                reply = bson.encode(self.server.answer(bson.decode(body[name_ends + 9 :])))
                # No flags, no cursor, from the first, one document.
                self._send(number, _REPLY, struct.pack("<iqii", 0, 0, 0, 1) + reply)
            elif operation == _MESSAGE:
                reply = bson.encode(self.server.answer(_command(body[4:])))
                self._send(number, _MESSAGE, struct.pack("<ib", 0, 0) + reply)
            else:
                return

    def _send(self, number: int, operation: int, body: bytes) -> None:
        self.wfile.write(_HEADER.pack(_HEADER.size + len(body), 0, number, operation) + body)


def _command(sections: bytes) -> dict[str, Any]:
    """Return the command of an OP_MSG: its body (kind 0), and its sequences of documents (kind 1) by their names."""
    command: dict[str, Any] = {}
    sequences: dict[str, Any] = {}
    while sections:
        (size,) = struct.unpack_from("<i", sections, 1)
        content, kind, sections = sections[1 : 1 + size], sections[0], sections[1 + size :]
        if kind == 0:
            command = bson.decode(content)
        else:
            name, _, documents = content[4:].partition(b"\0")
            sequences[name.decode()] = bson.decode_all(documents)
    return command | sequences
