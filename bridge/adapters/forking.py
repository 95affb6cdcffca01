"""Tells objects that the process they live in is a forked child.

Only the thread that called `fork` exists in a child. Event loop threads are gone, and a lock that
another thread held stays locked for ever, so whoever owns either begins anew (`after_fork`).
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol

__all__ = ["ForkAware", "tell_after_fork"]


class ForkAware(Protocol):
    """Has state that a forked child must not share with its parent."""

    def after_fork(self) -> None:
        """Forget it, without touching what still belongs to the parent."""


_aware: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def tell_after_fork(aware: ForkAware) -> None:
    """Have `aware.after_fork()` called in every child forked from now on, as long as it lives."""
    _aware.add(aware)


def _in_child() -> None:
    for aware in list(_aware):
        aware.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_in_child)
