"""uvicorn with the bridge in a process of its own: started, watched, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.faults.vitals import SETTLE_LIMIT, Vitals
from tests.servers.wire import Wire

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from 3.11 on

__all__ = ["PROTOCOLS", "UvicornServer"]

ROOT = Path(__file__).resolve().parents[2]
STOP_LIMIT = 20.0  # seconds after SIGTERM
PROTOCOLS = {"h11": "asyncio", "httptools": "uvloop"}  # each of uvicorn's parsers, each loop once


class UvicornServer:
    """A server until the end of the block. `server` has options of `uvicorn.Config`, the rest are the bridge's."""

    def __init__(self, http: str, *, server: dict[str, Any] | None = None, **bridge: Any) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
            self.address: tuple[str, int] = listener.getsockname()
            options = {
                "descriptor": listener.fileno(),
                "http": http,
                "loop": PROTOCOLS[http],
                "bridge": bridge,
                "server": server or {},
            }
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.entry", json.dumps(options)],
                cwd=ROOT,
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
            )

    def __enter__(self) -> Self:
        try:
            self.vitals()  # answered once it is up: the socket has listened from the start
        except BaseException:  # nothing may stay behind; raised again
            self._process.kill()
            self._process.wait()
            sys.stderr.write(self.log())
            self._log.close()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def connect(self, **options: Any) -> Wire:
        """Return a new connection."""
        return Wire(self.address, **options)

    def get(self, target: str) -> bytes:
        """Return the body that `target` is answered with; asserts a whole 200."""
        with self.connect() as wire:
            wire.send(f"GET {target} HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n\r\n".encode())
            reply = wire.reply()
        assert (reply.status, reply.complete) == (200, True), f"{reply}\n{self.log()}"
        return bytes(reply.body)

    def vitals(self) -> Vitals:
        """Return its numbers as they are."""
        return Vitals(**json.loads(self.get("/-/vitals")))

    def settled(self) -> Vitals:
        """Return its numbers once nothing runs or waits; asserts that this comes."""
        with self.connect() as wire:
            wire.socket.settimeout(SETTLE_LIMIT + 10.0)
            wire.send(b"GET /-/settled HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n\r\n")
            vitals = Vitals(**json.loads(wire.reply().body))
        assert vitals.settled, f"{vitals}\n{self.log()}"
        return vitals

    def log(self) -> str:
        """Return what it has printed."""
        self._log.flush()
        return os.pread(self._log.fileno(), 10_000_000, 0).decode(errors="replace")

    def terminate(self) -> None:
        """Send SIGTERM, as a supervisor does."""
        self._process.terminate()

    def end(self) -> Vitals:
        """Wait for its end after `terminate`; return its last numbers."""
        self._process.wait(STOP_LIMIT)
        numbers = [line for line in self.log().splitlines() if line.startswith("{")]
        return Vitals(**json.loads(numbers[-1]))

    def stop(self) -> None:
        """End it, by force if it takes too long."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._process.send_signal(number)
            try:
                self._process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                continue
            break
        self._log.close()
