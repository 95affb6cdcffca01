"""A server in a process of its own, on a socket that the test has bound: there is nothing to wait for."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

__all__ = ["LIMIT", "ROOT", "BrokenOff", "LiveServer"]

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 30.0  # seconds


class LiveServer:
    """A server that was started with `command`, and that gets a bound socket and `app` (`module:name`)."""

    def __init__(self, name: str, command: list[str], app: str, folder: Path, **environment: str) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.lifespans = folder / f"{name}.lifespans"
        bound = socket.create_server(("127.0.0.1", 0))
        bound.set_inheritable(True)
        self.address = bound.getsockname()
        option = {"gunicorn": "--bind=fd://{}", "uvicorn": "--fd={}"}.get(name.partition("-")[0], "{}")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, option.format(bound.fileno()), app],
                cwd=ROOT,
                env={**os.environ, "BRIDGE_TEST_LOG": str(self.lifespans), **environment},
                pass_fds=[bound.fileno()],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        bound.close()

    def connect(self) -> http.client.HTTPConnection:
        host, port = self.address
        return http.client.HTTPConnection(host, port, timeout=LIMIT)

    def ask(
        self, method: str, path: str, body: Any = None, **options: Any
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Return response and body; the body as far as it came, if it was broken off."""
        connection = self.connect()
        with contextlib.closing(connection):
            connection.request(method, path, body, **options)
            response = connection.getresponse()
            try:
                return response, response.read()
            except http.client.IncompleteRead as error:
                raise BrokenOff(error.partial) from error

    def lines(self) -> list[str]:
        """Return the lifespan's lines: `startup PID`, `shutdown PID`."""
        return self.lifespans.read_text().splitlines() if self.lifespans.exists() else []

    def stop(self) -> int:
        """End the server as a service manager does; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


class BrokenOff(Exception):
    """The response ended before it was complete."""

    def __init__(self, partial: bytes) -> None:
        super().__init__(f"broken off after {len(partial)} bytes")
        self.partial = partial
