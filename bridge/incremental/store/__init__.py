"""What all workers of a migration share: settings, their history, counters, a sample of differences."""

from __future__ import annotations

from bridge.incremental.store.base import Change, Difference, FieldValues, Settings, Store
from bridge.incremental.store.opening import DEFAULT_STORE, open_store

__all__ = ["DEFAULT_STORE", "Change", "Difference", "FieldValues", "Settings", "Store", "open_store"]
