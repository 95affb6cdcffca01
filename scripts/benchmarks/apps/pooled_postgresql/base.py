"""The backend where Django looks for it."""

from __future__ import annotations

import queue
from typing import Any

from django.db.backends.postgresql import base

from scripts.benchmarks.apps.content import POOL

__all__ = ["DatabaseWrapper"]

_places: queue.LifoQueue[Any] = queue.LifoQueue()
for _ in range(POOL):
    _places.put(None)  # a place for a connection that has not been opened yet


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]  # Django is untyped
    """PostgreSQL, whose connections come from a pool and return there."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Wait for a connection of the pool; open it when it is the first time."""
        found = _places.get()
        try:
            return super().get_new_connection(conn_params) if found is None else found
        except BaseException:  # a cancellation, too, must give the place back
            _places.put(None)
            raise

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.rollback()
            _places.put(self.connection)
