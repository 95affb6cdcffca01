"""What all workers of a migration share: settings, their history, counters, a sample of differences."""

from __future__ import annotations

from bridge.incremental.store.base import (
    IGNORED,
    Change,
    Difference,
    FieldValues,
    Settings,
    Store,
    ignored_field,
)
from bridge.incremental.store.opening import DEFAULT_STORE, open_store

__all__ = [
    "DEFAULT_STORE",
    "IGNORED",
    "Change",
    "Difference",
    "FieldValues",
    "Settings",
    "Store",
    "ignored_field",
    "open_store",
]
