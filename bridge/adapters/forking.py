"""Tells objects that the process they live in is a forked child.

Only the thread that called `fork` exists in a child. Event loop threads are gone, and a lock that
another thread held stays locked for ever, so whoever owns either begins anew (`after_fork`).

What it lets go of there must not be finalised either: to free a task is to throw GeneratorExit into
it, and its `finally` would close, in the child, a connection that the parent is using. Nor may a
loop be closed, which would take its wake-up socket out of the epoll set that both share. `abandon`
keeps such things for ever.
"""

from __future__ import annotations

import os
import weakref
from typing import Any, Protocol

__all__ = ["ForkAware", "abandon", "tell_after_fork"]


class ForkAware(Protocol):
    """Has state that a forked child must not share with its parent."""

    def after_fork(self) -> None:
        """Forget it, without touching what still belongs to the parent."""


_aware: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def tell_after_fork(aware: ForkAware) -> None:
    """Have `aware.after_fork()` called in every child forked from now on, as long as it lives."""
    _aware.add(aware)


def abandon(*objects: Any) -> None:
    """Keep objects of the parent process from ever being finalised in this one, even at its exit.

    A list in a module would not do: modules are emptied at exit. A reference that nobody owns does.
    """
    _abandoned.append(objects)
    try:
        import ctypes
    except ImportError:  # a Python built without it
        return
    if hasattr(ctypes, "pythonapi"):  # CPython
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(objects))


_abandoned: list[tuple[Any, ...]] = []


def _in_child() -> None:
    for aware in list(_aware):
        aware.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_in_child)
