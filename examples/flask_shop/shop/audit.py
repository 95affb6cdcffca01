"""Who did what, and which pages are looked at: one SQLite connection for the whole process.

The connection is opened at import and shared by all threads behind a lock, because "SQLite is not
thread-safe, so we wrapped it". Every page view waits for that lock and for a commit to disk.
"""

import sqlite3
import threading
import time

from . import context, settings

_connection = sqlite3.connect(settings.AUDIT_DATABASE, timeout=10, check_same_thread=False)
_lock = threading.Lock()

with _connection:
    _connection.execute("CREATE TABLE IF NOT EXISTS visits (path TEXT PRIMARY KEY, seen INTEGER NOT NULL)")
    _connection.execute("CREATE TABLE IF NOT EXISTS actions (at REAL, who TEXT, action TEXT, detail TEXT)")


def count_visit(path):
    """Count one more look at `path`."""
    _write("INSERT INTO visits VALUES (?, 1) ON CONFLICT (path) DO UPDATE SET seen = seen + 1", (path,))


def record(action, detail=""):
    """Note that the current user (from the thread-local) did `action`."""
    _write("INSERT INTO actions VALUES (?, ?, ?, ?)", (time.time(), context.user_name(), action, detail))


def busiest_pages(limit=8):
    """The most visited paths, as `(path, seen)` rows."""
    return _read("SELECT path, seen FROM visits ORDER BY seen DESC LIMIT ?", (limit,))


def latest_actions(limit=8):
    """The newest actions, as `(at, who, action, detail)` rows."""
    return _read("SELECT at, who, action, detail FROM actions ORDER BY at DESC LIMIT ?", (limit,))


def _write(statement, values):
    with _lock, _connection:
        _connection.execute(statement, values)


def _read(statement, values):
    with _lock:
        return _connection.execute(statement, values).fetchall()
