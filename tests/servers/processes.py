"""A server of the matrix in a process of its own, started as a user starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conformance.application import EXECUTOR
from tests.servers.catalogue import Place, Server
from tests.servers.wire import Address

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from 3.11 on

__all__ = ["STOP_LIMIT", "ServerProcess"]

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT = 30.0  # seconds until it listens
STOP_LIMIT = 15.0  # seconds after SIGTERM
POLL = 0.02  # seconds between two looks


class ServerProcess:
    """Runs a server until the end of the block.

    `unix_socket`: a path, in place of a port; `cert`, `key`: PEM files, for TLS.
    """

    def __init__(
        self,
        server: Server,
        executor: str,
        *,
        unix_socket: str = "",
        root_path: str = "",
        cert: str = "",
        key: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._reserved = socket.socket()
        # Reserved, not listening: no other process gets the port, and the server, with SO_REUSEADDR, does.
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", 0))
        place = Place(self._reserved.getsockname()[1], unix_socket, root_path, cert, key)
        self.address: Address = unix_socket or ("127.0.0.1", place.port)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(
            [sys.executable, "-m", *server.command(place)],
            cwd=ROOT,
            env={**os.environ, EXECUTOR: executor, "PYTHONUNBUFFERED": "1", **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # so that stopping it reaches its workers and nobody else
        )

    def __enter__(self) -> Self:
        try:
            self.wait_until_it_listens()
        except BaseException:  # nothing may stay behind; raised again
            self.stop()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def wait_until_it_listens(self) -> None:
        """Return when it takes connections. Raises RuntimeError, with its log, when it does not."""
        deadline = time.monotonic() + START_LIMIT
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start: {self.log()}")
            time.sleep(POLL)

    def _listens(self) -> bool:
        family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(self.address) == 0

    def terminate(self) -> None:
        """Send SIGTERM to the server, as a supervisor does."""
        self._process.terminate()

    def has_ended(self, limit: float = STOP_LIMIT) -> bool:
        """Wait for its end; False if it still runs after `limit` seconds."""
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired:
            return False
        return True

    def log(self) -> str:
        """Return what it has printed."""
        self._log.flush()
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

    def stop(self) -> None:
        """End it and its workers, by force if it takes too long."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(STOP_LIMIT)
            except ProcessLookupError:
                self._process.wait()
            except subprocess.TimeoutExpired:
                continue
            break
        self._log.close()
        self._reserved.close()
