"""One contender serving one application in a process of its own: started, probed, metered, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from scripts.benchmarks import processes
from scripts.benchmarks.apps import APPS
from scripts.benchmarks.apps.content import FILES_VARIABLE
from scripts.benchmarks.errors import BenchmarkError, ServerDiedError
from scripts.benchmarks.load.transfer import exchange

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scripts.benchmarks.pinning import Pinning

__all__ = ["Meter", "Place", "Server", "serving"]

ROOT = Path(__file__).parents[2]
START_LIMIT = 30.0  # seconds until the first answer; Django and a busy machine need some
PROBE_PAUSE = 0.02  # seconds between two attempts to connect
STOP_LIMIT = 3.0  # seconds after SIGTERM; a contender whose threads hang is then killed
IDLE_WINDOW = 0.3  # seconds of watching a server that nobody asks


@dataclass(frozen=True, slots=True)
class Place:
    """Where servers run: their cores, and the folder with the files they send."""

    pinning: Pinning
    files: Path


class Meter:
    """CPU and memory of a process tree from now on, less what it uses when idle (`idle_rate`, CPU s per s)."""

    def __init__(self, pids: list[int], idle_rate: float) -> None:
        self._pids = pids
        self._idle_rate = idle_rate
        if processes.AVAILABLE:
            self._resident = processes.resident_bytes(pids)
            processes.reset_peak(pids)
            self._cpu = processes.cpu_seconds(pids)
        self._began = time.monotonic()

    def cpu_seconds(self) -> float | None:
        """CPU seconds spent on the load, None off Linux."""
        if not processes.AVAILABLE:
            return None
        spent = processes.cpu_seconds(self._pids) - self._cpu
        return spent - self._idle_rate * (time.monotonic() - self._began)

    def peak_over_idle(self) -> int | None:
        """Bytes by which resident memory rose at its peak, None off Linux."""
        if not processes.AVAILABLE:
            return None
        return processes.peak_bytes(self._pids) - self._resident


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and its processes as they were when it first answered."""

    port: int
    pids: list[int]

    def meter(self) -> Meter:
        """A meter that starts now; watches the idle server for a moment first."""
        if not processes.AVAILABLE:
            return Meter(self.pids, 0.0)
        before = processes.cpu_seconds(self.pids)
        time.sleep(IDLE_WINDOW)
        return Meter(self.pids, (processes.cpu_seconds(self.pids) - before) / IDLE_WINDOW)


@contextmanager
def serving(
    contender: str, app: str, *, threads: int, place: Place, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server that has answered its probe, stopped with all its children afterwards.

    `environment`: variables for it, beside those of this process. Raises ServerDiedError, with the end of its log, when it never answers.
    """
    with tempfile.TemporaryFile() as log:
        process, port = _start(contender, app, threads, place, log, environment=environment or {})
        try:
            _probe(process, port, APPS[app].probe, log)
            yield Server(port, processes.descendants(process.pid) if processes.AVAILABLE else [])
        finally:
            _stop(process)


def _start(
    contender: str,
    app: str,
    threads: int,
    place: Place,
    log: BinaryIO,
    *,
    environment: Mapping[str, str],
) -> tuple[subprocess.Popen[bytes], int]:
    with _listener(contender) as listener:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "scripts.benchmarks.serve", contender, app),
                *("--fd", str(listener.fileno()), "--threads", str(threads)),
            ],
            cwd=ROOT,
            env={**os.environ, FILES_VARIABLE: str(place.files), **environment},
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that stopping it reaches its children and nobody else
        )
        place.pinning.pin_server(process.pid)
        return process, listener.getsockname()[1]


def _listener(contender: str) -> socket.socket:
    """A socket on a port of its own; for granian bound only, which keeps the port and refuses who comes too early."""
    if contender != "granian":
        return socket.create_server(("127.0.0.1", 0), backlog=2048)
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


def _probe(process: subprocess.Popen[bytes], port: int, path: str, log: BinaryIO) -> None:
    """Asks until somebody listens: at once as a rule, later with granian, which opens its socket itself."""
    ends = time.monotonic() + START_LIMIT
    status = None
    while status is None:
        try:
            status, _ = exchange(port, path, limit=START_LIMIT)
        except (BenchmarkError, OSError) as failure:
            refused = isinstance(failure.__cause__, ConnectionRefusedError) and process.poll() is None
            if not refused or time.monotonic() > ends:
                raise ServerDiedError(_tail(log)) from failure
            time.sleep(PROBE_PAUSE)
    if status != 200:
        raise ServerDiedError(f"{_tail(log)}\nprobe {path} was answered with {status}")


def _tail(log: BinaryIO) -> str:
    log.seek(0)
    return log.read()[-4000:].decode(errors="replace")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            process.wait()
        return
