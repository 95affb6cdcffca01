"""A store in one SQLite file, for the workers of one machine.

WAL mode: readers are not held up by a writer, and a process that is killed leaves a whole file. The file
can hold pieces of your users' pages, so only its owner may read it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.store.base import (
    DIFFERENCES_KEPT,
    HISTORY_KEPT,
    Batch,
    Change,
    Counters,
    Difference,
    Settings,
    Store,
)

__all__ = ["SqliteStore"]

BATCH_KEPT = 24 * 60 * 60.0  # seconds: longer than a worker waits between two attempts to send one
BUSY_TIMEOUT = 2.0  # seconds that a writer waits for another one; a batch takes milliseconds
WAL_RETRY = 0.005  # seconds; the switch to WAL takes less

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (route TEXT PRIMARY KEY, setting TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (
    revision INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, route TEXT NOT NULL,
    before TEXT, after TEXT, by TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS counters (
    route TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (route, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS differences (
    id INTEGER PRIMARY KEY AUTOINCREMENT, route TEXT NOT NULL, difference TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS batches (writer TEXT PRIMARY KEY, number INTEGER NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS differences_by_route ON differences (route, id);
"""
_ADD = (
    "INSERT INTO counters VALUES (?, ?, ?) "
    "ON CONFLICT (route, name) DO UPDATE SET number = number + excluded.number"
)
_TRIM = (
    "DELETE FROM differences WHERE route = ? AND id <= "
    "(SELECT id FROM differences WHERE route = ? ORDER BY id DESC LIMIT 1 OFFSET ?)"
)


class SqliteStore(Store):
    """`path` is made if it is not there; its folder must be."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()  # the application may change the working folder
        self.url = f"sqlite:///{self.path}"
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._file: tuple[int, int] | None = None
        self._inherited: list[sqlite3.Connection] = []

    # ------------------------------------------------------------ the connection

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """Run the block in a transaction. After an error the next one begins with a new connection."""
        with self._lock:
            try:
                connection = self._connect()
                # IMMEDIATE: a reader that turns writer would get "busy" without having waited.
                connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                try:
                    yield connection
                except BaseException:
                    with suppress(sqlite3.Error):  # a full disk has rolled back already
                        connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            except (sqlite3.Error, OSError) as error:
                self._drop()
                raise StoreUnavailable(self.url, error) from error

    def _connect(self) -> sqlite3.Connection:
        if self._connection is not None and self._process != os.getpid():
            self._inherited.append(self._connection)  # the parent's: must not be used here, nor closed
            self._connection = None
        if self._connection is not None:
            if self._file == self._identity():
                return self._connection
            self._drop()  # the file was removed: what is written to the old one is lost
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        try:
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")  # with WAL: safe but for the last moments
            connection.executescript(_SCHEMA)
        except sqlite3.Error:  # no database, or a full disk
            connection.close()
            raise
        self._connection, self._process, self._file = connection, os.getpid(), self._identity()
        return connection

    def _identity(self) -> tuple[int, int] | None:
        """Return what tells the file from another one of its name; None where there is none."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and self._process == os.getpid():
            connection.close()

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        with self._lock:
            self._drop()

    # ------------------------------------------------------------ settings

    def revision(self) -> int:
        """Return the number of the last change."""
        with self._transaction() as connection:
            return _revision(connection)

    def settings(self) -> Settings:
        """Return all settings as they are now."""
        with self._transaction() as connection:
            return _settings(connection)

    def change(
        self,
        routes: Mapping[str, str | None],
        *,
        by: str,
        reason: str = "",
        expected: Mapping[str, str | None] | None = None,
    ) -> Settings | None:
        """Change these routes in one transaction, if `expected` is how they are."""
        with self._transaction(write=True) as connection:
            before = _settings(connection).stored
            if any(before.get(route) != setting for route, setting in (expected or {}).items()):
                return None
            for route, after in routes.items():
                _set(connection, route, after)
                connection.execute(
                    "INSERT INTO history (at, route, before, after, by, reason) VALUES (?, ?, ?, ?, ?, ?)",
                    (time.time(), route, before.get(route), after, by, reason),
                )
            last = _revision(connection)
            connection.execute("DELETE FROM history WHERE revision <= ?", (last - HISTORY_KEPT,))
            return _settings(connection)

    def history(self, limit: int = HISTORY_KEPT) -> list[Change]:
        """Return the last changes, the newest first."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT revision, at, route, before, after, by, reason FROM history "
                "ORDER BY revision DESC LIMIT ?",
                (limit,),
            )
            return [Change.of(*row) for row in rows]

    # ------------------------------------------------------------ counters and differences

    def add(
        self, increments: Counters, differences: Sequence[Difference] = (), *, batch: Batch | None = None
    ) -> None:
        """Add to the counters and keep differences in one transaction, a batch once."""
        with self._transaction(write=True) as connection:
            if batch is not None and not _is_new(connection, batch):
                return
            connection.executemany(
                _ADD,
                [
                    (route, name, number)
                    for route, counters in increments.items()
                    for name, number in counters.items()
                ],
            )
            _keep(connection, differences)

    def counters(self) -> dict[str, dict[str, int]]:
        """Return every counter."""
        found: dict[str, dict[str, int]] = {}
        with self._transaction() as connection:
            for route, name, number in connection.execute("SELECT route, name, number FROM counters"):
                found.setdefault(route, {})[name] = number
        return found

    def differences(self, route: str, limit: int = DIFFERENCES_KEPT) -> list[Difference]:
        """Return what is kept of a route, the newest first."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT difference FROM differences WHERE route = ? ORDER BY id DESC LIMIT ?", (route, limit)
            )
            return [Difference.from_json(text) for (text,) in rows]

    def forget(self, route: str) -> None:
        """Drop a route's counters and differences."""
        with self._transaction(write=True) as connection:
            connection.execute("DELETE FROM counters WHERE route = ?", (route,))
            connection.execute("DELETE FROM differences WHERE route = ?", (route,))


def _is_new(connection: sqlite3.Connection, batch: Batch) -> bool:
    """Remember a batch as its writer's last; False if it is that already."""
    row = connection.execute("SELECT number FROM batches WHERE writer = ?", (batch.writer,)).fetchone()
    if row == (batch.number,):
        return False
    now = time.time()
    connection.execute("INSERT OR REPLACE INTO batches VALUES (?, ?, ?)", (*batch, now))
    connection.execute("DELETE FROM batches WHERE at < ?", (now - BATCH_KEPT,))
    return True


def _keep(connection: sqlite3.Connection, differences: Sequence[Difference]) -> None:
    connection.executemany(
        "INSERT INTO differences (route, difference) VALUES (?, ?)",
        [(each.route, each.to_json()) for each in differences],
    )
    for route in {each.route for each in differences}:
        connection.execute(_TRIM, (route, route, DIFFERENCES_KEPT))


def _revision(connection: sqlite3.Connection) -> int:
    (number,) = connection.execute("SELECT coalesce(max(revision), 0) FROM history").fetchone()
    return int(number)


def _settings(connection: sqlite3.Connection) -> Settings:
    rows = connection.execute("SELECT route, setting FROM settings").fetchall()
    return Settings.of(_revision(connection), dict(rows))


def _set(connection: sqlite3.Connection, route: str, setting: str | None) -> None:
    if setting is None:
        connection.execute("DELETE FROM settings WHERE route = ?", (route,))
    else:
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (route, setting))


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to WAL mode; several processes may do so at the same time, for the first time.

    SQLite waits for the others by its busy timeout everywhere but here (it says "busy" where both would wait).
    """
    deadline = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(WAL_RETRY)
        else:
            return
