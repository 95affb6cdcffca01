"""gunicorn loads the application, the application serves, and only then gunicorn forks its workers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.servers.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
REQUESTS = 400  # more than enough for each worker to get one
STOP_LIMIT = 20.0  # seconds


@pytest.mark.skipif(not hasattr(os, "fork"), reason="gunicorn forks")
def test_preload_serves_from_every_worker_after_the_master_has_served() -> None:
    with tempfile.TemporaryFile() as log, socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--preload", "--worker-class", "asgi"),
                *("--workers", str(WORKERS), "--bind", f"fd://{listener.fileno()}"),
                *("--no-control-socket", "--log-level", "warning", "tests.faults.preloaded:application"),
            ],
            cwd=ROOT,
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # so that a forced end reaches the workers and nobody else
        )
        try:
            pids = workers_that_answer(listener.getsockname())
            process.terminate()
            assert process.wait(STOP_LIMIT) == 0
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        printed = os.pread(log.fileno(), 100_000, 0).decode()
    assert len(pids) == WORKERS, printed
    assert str(process.pid) not in pids
    assert "Traceback" not in printed, printed


def workers_that_answer(address: tuple[str, int]) -> set[str]:
    """Ask until every worker has answered; return their process ids."""
    pids: set[str] = set()
    for _ in range(REQUESTS):
        # Four connections at once: the kernel wakes whichever worker is free.
        wires = [Wire(address) for _ in range(4)]
        for wire in wires:
            wire.send(b"GET /hello HTTP/1.1\r\nHost: testserver\r\nConnection: close\r\n\r\n")
        for wire in wires:
            reply = wire.reply()
            wire.close()
            assert reply.status == 200
            pids.add(reply.body.decode().removeprefix("hello from "))
        if len(pids) == WORKERS:
            break
    return pids
