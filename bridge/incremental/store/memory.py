"""A store in the memory of one process: for tests, for one worker, and for trying things out."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence

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

__all__ = ["MemoryStore"]


class MemoryStore(Store):
    """Forgets everything with its process, and is seen by no other."""

    url = "memory:"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._revision = 0
        self._settings: dict[str, str] = {}
        self._history: deque[Change] = deque(maxlen=HISTORY_KEPT)
        self._counters: dict[str, dict[str, int]] = {}
        self._added: dict[str, int] = {}  # writer -> the number of its last batch
        self._differences: dict[str, deque[Difference]] = {}

    def revision(self) -> int:
        """Return the number of the last change."""
        return self._revision

    def settings(self) -> Settings:
        """Return all settings as they are now."""
        with self._lock:
            return Settings.of(self._revision, self._settings)

    def change(
        self,
        routes: Mapping[str, str | None],
        *,
        by: str,
        reason: str = "",
        expected: Mapping[str, str | None] | None = None,
    ) -> Settings | None:
        """Change these routes at once, if `expected` is how they are."""
        with self._lock:
            if any(self._settings.get(route) != setting for route, setting in (expected or {}).items()):
                return None
            for route, after in routes.items():
                self._change(route, after, by, reason)
            return Settings.of(self._revision, self._settings)

    def _change(self, route: str, after: str | None, by: str, reason: str) -> None:
        self._revision += 1
        before = self._settings.pop(route, None)
        if after is not None:
            self._settings[route] = after
        self._history.appendleft(Change.of(self._revision, time.time(), route, before, after, by, reason))

    def history(self, limit: int = HISTORY_KEPT) -> list[Change]:
        """Return the last changes, the newest first."""
        with self._lock:
            return list(self._history)[:limit]

    def add(
        self, increments: Counters, differences: Sequence[Difference] = (), *, batch: Batch | None = None
    ) -> None:
        """Add to the counters and keep differences, a batch once."""
        with self._lock:
            if batch is not None:
                if self._added.get(batch.writer) == batch.number:
                    return
                self._added[batch.writer] = batch.number
            for route, counters in increments.items():
                kept = self._counters.setdefault(route, {})
                for name, number in counters.items():
                    kept[name] = kept.get(name, 0) + number
            for each in differences:
                newest = self._differences.setdefault(each.route, deque(maxlen=DIFFERENCES_KEPT))
                newest.appendleft(each)

    def counters(self) -> dict[str, dict[str, int]]:
        """Return a copy of every counter."""
        with self._lock:
            return {route: dict(counters) for route, counters in self._counters.items()}

    def differences(self, route: str, limit: int = DIFFERENCES_KEPT) -> list[Difference]:
        """Return what is kept of a route, the newest first."""
        with self._lock:
            return list(self._differences.get(route, ()))[:limit]

    def forget(self, route: str) -> None:
        """Drop a route's counters and differences."""
        with self._lock:
            self._counters.pop(route, None)
            self._differences.pop(route, None)

    def close(self) -> None:
        """Do nothing: there is no connection."""
