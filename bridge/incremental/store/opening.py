"""From `store="sqlite:///migration.sqlite3"` to the store."""

from __future__ import annotations

from bridge.errors import InvalidOption
from bridge.incremental.store.base import Store
from bridge.incremental.store.memory import MemoryStore
from bridge.incremental.store.sqlite import SqliteStore

__all__ = ["DEFAULT_STORE", "open_store"]

DEFAULT_STORE = "sqlite:///migration.sqlite3"  # in the working folder
_SQLITE = "sqlite:///"
_FORMS = "'sqlite:///migration.sqlite3', 'redis://localhost:6379/0?name=shop', 'memory:', or a Store"


def open_store(store: str | Store) -> Store:
    """Return the store that a URL names; nothing is connected to yet.

    `sqlite:///file` is below the working folder, `sqlite:////var/lib/file` is not.
    Raises `InvalidOption` for another URL and `MissingExtra` where a package is missing.
    """
    if isinstance(store, Store):
        return store
    if isinstance(store, str):
        if store.startswith(_SQLITE) and len(store) > len(_SQLITE):
            return SqliteStore(store.removeprefix(_SQLITE))
        if store.startswith(("redis://", "rediss://", "unix://")):
            from bridge.incremental.store.redis import RedisStore

            return RedisStore(store)
        if store == MemoryStore.url:
            return MemoryStore()
    raise InvalidOption("store", store, _FORMS)
