"""Rules that change under load, in four workers of `wsgi-bridge serve`: how soon, and whether anything is lost."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.incremental.store import open_store
from scripts.benchmarks.apps.migrated import CHANGING, STORE_VARIABLE
from scripts.benchmarks.errors import BenchmarkError, ServerDiedError, TimedOutError, WrongAnswerError
from scripts.benchmarks.results import Metric
from scripts.benchmarks.scenarios.base import Figures, Scenario, Settings
from scripts.benchmarks.server import ROOT
from scripts.benchmarks.targets import Target, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.incremental.store import Store

__all__ = ["CHANGES", "STORES"]

STORES = ("SQLite", "Redis")
WORKERS = 4
TIMED = 8  # changes whose way into every worker is timed
MANY, MANY_QUICKLY = 1000, 100  # changes under load
PATIENCE = 30.0  # seconds for servers to start, and for a change that is late
STOP_LIMIT = 5.0  # seconds


def _check(row: str, settings: Settings) -> None:
    if row == "Redis" and shutil.which("redis-server") is None:
        raise BenchmarkError("there is no redis-server here")


def _measure(row: str, settings: Settings) -> Figures:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        url = f"sqlite:///{folder}/m.sqlite3" if row == "SQLite" else stack.enter_context(_redis(folder))
        store = open_store(url)
        stack.callback(store.close)
        clients = stack.enter_context(_serving(url, folder))
        slowest = max(
            _seconds_to_effect(store, clients, "modern" if n % 2 else "legacy") for n in range(TIMED)
        )
        return {"slowest_ms": 1000 * slowest, **_changes_under_load(store, clients, settings)}


def _change(store: Store, setting: str) -> None:
    store.change(dict.fromkeys(CHANGING, setting), by="bench")


def _seconds_to_effect(store: Store, clients: list[_Client], setting: str) -> float:
    """How long after a change the last worker has it."""
    began = time.monotonic()
    _change(store, setting)
    waiting = list(clients)
    while waiting:
        waiting = [client for client in waiting if client.ask()[0] != setting]
        if time.monotonic() - began > PATIENCE:
            raise TimedOutError(PATIENCE)
    return time.monotonic() - began


def _changes_under_load(store: Store, clients: list[_Client], settings: Settings) -> Figures:
    """As many changes as there can be, while every worker is asked all the time."""
    done = threading.Event()
    threads = [threading.Thread(target=client.ask_until, args=(done,)) for client in clients]
    for thread in threads:
        thread.start()
    count, began = MANY_QUICKLY if settings.quick else MANY, time.monotonic()
    try:
        for number in range(count):
            _change(store, "modern" if number % 2 else "legacy")
        seconds = time.monotonic() - began
    finally:
        done.set()
        for thread in threads:
            thread.join()
    return {
        "changes": count / seconds,
        "requests": sum(client.asked for client in clients),
        "lost": sum(client.lost for client in clients),
        "half": sum(client.half for client in clients),
    }


class _Client:
    """One connection to one worker."""

    def __init__(self, port: int) -> None:
        self.asked, self.lost, self.half = 0, 0, 0
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.pid = self.ask()[1]

    def ask(self) -> tuple[str, str]:
        """Who answered, in which process."""
        self._connection.request("GET", f"/changing/{self.asked % len(CHANGING)}")
        self.asked += 1
        response = self._connection.getresponse()
        said = response.read().decode()
        if response.status != 200:
            raise WrongAnswerError(f"{response.status} {said[:80]}")
        side, pid, whole = said.split()
        self.half += whole != "whole"
        return side, pid

    def ask_until(self, done: threading.Event) -> None:
        while not done.is_set():
            try:
                self.ask()
            except (OSError, http.client.HTTPException, BenchmarkError):
                self.lost += 1
                self.close()  # the next request opens another connection

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _serving(store: str, folder: Path) -> Iterator[list[_Client]]:
    """Clients of four workers, one of each."""
    port = _free_port()
    command = [sys.executable, "-m", "bridge", "serve", "scripts.benchmarks.apps.migrated:changing"]
    command += ["--workers", str(WORKERS), "--port", str(port)]
    log = folder / "serve.log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, STORE_VARIABLE: store},
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(server.pid, range(os.cpu_count() or 1))  # not to the load's core alone
    clients: dict[str, _Client] = {}
    try:
        _find_workers(port, clients, log)
        yield list(clients.values())
    finally:
        for client in clients.values():
            client.close()
        _stop(server)


def _find_workers(port: int, clients: dict[str, _Client], log: Path) -> None:
    """Open connections until one to each worker is among them."""
    until = time.monotonic() + PATIENCE
    while len(clients) < WORKERS:
        if time.monotonic() > until:
            raise ServerDiedError(log.read_text(errors="replace"))
        with suppress(OSError, http.client.HTTPException):
            client = _Client(port)
            if client.pid in clients:
                client.close()
            else:
                clients[client.pid] = client


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """A Redis of our own, that writes nothing to the disk."""
    port = _free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, number)
            server.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            server.wait()
        return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


CHANGES = Scenario(
    name="changes",
    title=f"Changes of {len(CHANGING)} rules at once, {WORKERS} workers under load",
    contenders=STORES,
    metrics=(
        Metric("slowest_ms", f"slowest of {TIMED} to every worker, ms"),
        Metric("changes", "changes/s", more_is_better=True),
        Metric("requests", "requests meanwhile", more_is_better=True),
        Metric("lost", "lost"),
        Metric("half", "half-applied"),
    ),
    targets=tuple(
        target
        for store in STORES
        for target in (
            Target(
                f"{store}: a change is in every worker <= 1 s", value(store, "slowest_ms"), 1000.0, unit="ms"
            ),
            Target(f"{store}: no request lost", value(store, "lost"), 0.0, unit="requests"),
            Target(f"{store}: none by a half-applied table", value(store, "half"), 0.0, unit="requests"),
        )
    ),
    check=_check,
    measure=_measure,
    max_rounds=1,
)
