"""The file behind the default store, and what can happen to it."""

from __future__ import annotations

import functools
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.ledger import Ledger
from bridge.incremental.store.sqlite import SqliteStore


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "m.sqlite3")
    store.add({"GET /x": {"a": 1}})
    assert stat.S_IMODE((tmp_path / "m.sqlite3").stat().st_mode) == 0o600
    store.close()


def test_two_processes_share_it(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite3"
    code = (
        "import sys; from bridge.incremental.store.sqlite import SqliteStore\n"
        "store = SqliteStore(sys.argv[1])\n"
        "for _ in range(50): store.add({'GET /x': {'a': 1}})\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [process.wait(50) for process in processes] == [0, 0, 0]
    store = SqliteStore(path)
    assert store.counters() == {"GET /x": {"a": 150}}
    store.close()


def test_the_switch_to_wal_is_tried_again_while_another_process_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter([True, True, False])

    class Busy(sqlite3.Connection):
        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            if "journal_mode" in sql and next(refusals):
                raise sqlite3.OperationalError("database is locked")  # at once, whatever the busy timeout
            return super().execute(sql, *arguments)

    monkeypatch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=Busy))
    store = SqliteStore(tmp_path / "m.sqlite3")
    store.add({"GET /x": {"a": 1}})
    assert next(refusals, None) is None
    store.close()


def test_what_was_counted_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite3"
    code = (
        "import os, signal, sys; from bridge.incremental.store.sqlite import SqliteStore\n"
        "store = SqliteStore(sys.argv[1]); store.add({'GET /x': {'a': 7}})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], timeout=50)
    assert done.returncode == -signal.SIGKILL
    store = SqliteStore(path)
    assert store.counters() == {"GET /x": {"a": 7}}
    store.close()


def test_a_corrupt_file_is_unavailable_until_it_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite3"
    path.write_bytes(b"this is no database" * 400)
    store = SqliteStore(path)
    with pytest.raises(StoreUnavailable, match="not a database") as caught:
        store.revision()
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)
    path.unlink()
    assert store.revision() == 0
    store.close()


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file"):
        SqliteStore(tmp_path / "none" / "m.sqlite3").settings()


def test_a_full_disk_loses_one_batch_and_no_more(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "m.sqlite3")
    store.add({"GET /x": {"a": 1}})
    connection = store._connect()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")  # "database or disk is full", as on a full disk
    with pytest.raises(StoreUnavailable, match="full"):
        store.add({"GET /x": {f"name {number}": 1 for number in range(2000)}})
    assert store.counters() == {"GET /x": {"a": 1}}
    store.add({"GET /x": {"a": 1}})
    assert store.counters() == {"GET /x": {"a": 2}}
    store.close()


FULL = """
import asyncio, logging, os, resource, signal, sys
logging.basicConfig()
from bridge.incremental import ledger
ledger.RETRY_AFTER = 0.0
from bridge import Migration
from tests.asgi_driver import AsgiCall
from tests.incremental.applications import legacy, modern

async def main():
    migration = Migration(legacy, modern, routes={"GET /x": "modern"}, store=sys.argv[1])
    ask = lambda: AsgiCall(migration, path="/x").run()
    for _ in range(5):
        await ask()
    migration.ledger.turn()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    size = max(os.path.getsize(sys.argv[1].removeprefix("sqlite:///") + end) for end in ("", "-wal"))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))  # as on a full disk: no file grows
    for _ in range(5):
        assert (await ask()).status == 200
        migration.ledger.turn()
    assert str(migration.table.rules["GET /x"].setting) == "modern"
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    migration.ledger.turn()
    print(migration.store.counters()["GET /x"]["modern.requests"])
    await migration.close()
    await migration.legacy.executor.drain()

asyncio.run(main())
"""


def test_on_a_full_disk_requests_go_on_and_their_counts_are_written_later(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, f"sqlite:///{tmp_path}/m.sqlite3"],
        capture_output=True,
        text=True,
        timeout=50,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "10\n", done.stderr
    assert done.stderr.count("last known rules") == 1, done.stderr
    assert "is back" in done.stderr


def test_a_page_that_is_damaged_stops_neither_requests_nor_rules(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite3"
    store = SqliteStore(path)
    store.change({"GET /x": "modern"}, by="ann")
    store.add({f"GET /{number}": {"a" * 100: 1} for number in range(200)})
    store.close()
    with path.open("r+b") as file:
        file.seek(4096 * 8)
        file.write(b"\xff" * (path.stat().st_size - 4096 * 8))
    ledger = Ledger(SqliteStore(path), lambda settings: told.append(settings.routes))
    told: list[object] = []
    ledger.note("GET /x", "modern", "canary", failed=False, seconds=0.1)
    ledger.turn()
    assert told == [{"GET /x": "modern"}]
    ledger.store.close()


def test_a_forked_process_has_a_connection_of_its_own(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "m.sqlite3")
    store.add({"GET /x": {"a": 1}})
    ours = store._connection
    child = os.fork()
    if child == 0:
        try:
            store.add({"GET /x": {"a": 1}})
            os._exit(0 if store._connection is not ours else 3)
        finally:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.counters() == {"GET /x": {"a": 2}}
    store.close()


def test_a_file_that_is_removed_is_made_anew(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "m.sqlite3")
    store.change({"GET /x": "modern"}, by="ann")
    for path in tmp_path.iterdir():
        path.unlink()
    assert store.settings().routes == {}
    changed, other = store.change({"GET /z": "modern"}, by="ann"), SqliteStore(store.path)
    assert changed == other.settings()
    store.close()
    other.close()
