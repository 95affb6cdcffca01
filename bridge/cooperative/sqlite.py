"""SQLite for greenlets: it waits inside C, for the disk and for locks, so its calls run in threads.

`sqlite3.connect` returns, in a bridge greenlet, a connection whose calls each run in the thread pool, one at a
time. SQLite's own check of the thread is off for it: what it guards against, two threads in one connection, can't
happen as each call is waited for.
"""

from __future__ import annotations

import _thread
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Any

from bridge.cooperative.offload import close_quietly, in_thread, in_thread_or_drop
from bridge.cooperative.patching import Patch, Patches, scoped
from bridge.cooperative.switch import maybe_current

__all__ = ["adapt_sqlite3"]

_CURSOR_CALLS = ("execute", "executemany", "executescript", "fetchone", "fetchmany", "fetchall")


def adapt_sqlite3(module: ModuleType, patches: Patches) -> None:
    """Have `sqlite3.connect` make connections that wait in a thread."""
    connect = scoped(module.connect, _connecting(module.connect))
    patches.apply([Patch(module, "connect", connect, everywhere=True)])
    dbapi2 = module.dbapi2
    patches.apply([Patch(dbapi2, "connect", connect)] if dbapi2.connect is not connect else [])


def _connecting(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(database: Any, *arguments: Any, **options: Any) -> Any:
        if len(arguments) < 3:  # the fourth parameter, check_same_thread, by position: as the caller wants
            options["check_same_thread"] = False
        if len(arguments) < 4 and "factory" not in options:
            options["factory"] = OffloadedConnection
        return in_thread_or_drop(close_quietly, original, database, *arguments, **options)

    return connect


def _offloaded(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of a connection or cursor that runs in a thread, in a bridge greenlet."""

    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        if maybe_current() is None:
            return method(self, *arguments, **options)
        return in_thread(_in_turn, self, method, arguments, options)

    call.__name__ = method.__name__
    return call


def _in_turn(used: Any, method: Callable[..., Any], arguments: Any, options: Any) -> Any:
    # A request that is cancelled leaves a call behind in its thread; the next one of the connection waits for it.
    connection = used if isinstance(used, OffloadedConnection) else used.connection
    with connection.turn:
        return method(used, *arguments, **options)


def _offloaded_next(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return `__next__` so: StopIteration can't pass through a future."""

    def row(cursor: Any) -> tuple[Any, ...]:
        try:
            return (method(cursor),)
        except StopIteration:
            return ()

    in_turn = _offloaded(row)

    def call(self: Any) -> Any:
        found = in_turn(self)
        if not found:
            raise StopIteration
        return found[0]

    return call


@lru_cache(maxsize=64)
def _offloaded_cursor(kind: type[sqlite3.Cursor]) -> type[sqlite3.Cursor]:
    """Return a subclass of a cursor class, be it Django's or another's, whose calls run in a thread."""
    calls = {name: _offloaded(getattr(kind, name)) for name in _CURSOR_CALLS}
    calls["__next__"] = _offloaded_next(kind.__next__)
    return type(kind.__name__, (kind,), calls)


class OffloadedConnection(sqlite3.Connection):
    """A connection whose calls run in a thread, in a bridge greenlet."""

    commit = _offloaded(sqlite3.Connection.commit)
    rollback = _offloaded(sqlite3.Connection.rollback)
    backup = _offloaded(sqlite3.Connection.backup)
    close = _offloaded(sqlite3.Connection.close)
    __exit__ = _offloaded(sqlite3.Connection.__exit__)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.turn = _thread.allocate_lock()  # held in the worker threads only

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        """Return a cursor of that kind; a function that makes cursors makes what it likes."""
        return super().cursor(_offloaded_cursor(factory) if isinstance(factory, type) else factory)

    def execute(self, *arguments: Any) -> Any:
        """Return a cursor that has executed a statement."""
        return self.cursor().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        """Return a cursor that has executed a statement for each set of parameters."""
        return self.cursor().executemany(*arguments)

    def executescript(self, *arguments: Any) -> Any:
        """Return a cursor that has executed several statements."""
        return self.cursor().executescript(*arguments)
