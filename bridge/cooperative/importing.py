"""Import statements in greenlets: a module that waits while it is imported keeps others out until it is done.

importlib has a lock for each module that is being imported, owned by a thread: another import by the same thread is
taken for a circular one and gets the module as far as it has come. Two requests are in one thread, but not
circular. So the owner is the greenlet, where there is one, and the lock is a cooperative one.

These locks live as long as an import, so it makes no difference what was imported before the installation.
"""

from __future__ import annotations

import _thread
import importlib._bootstrap
from collections.abc import Iterator
from types import SimpleNamespace

from bridge.cooperative.locks import Lock, RLock, identity
from bridge.cooperative.patching import Patch

__all__ = ["patches"]


def patches() -> Iterator[Patch]:
    """Yield what makes the locks of import statements cooperative."""
    threads = SimpleNamespace(**{**vars(_thread), "get_ident": _owner, "allocate_lock": Lock, "RLock": RLock})
    yield Patch(importlib._bootstrap, "_thread", threads)  # noqa: SLF001 - importlib has no hook for it


def _owner() -> int:
    who = identity()
    return who if isinstance(who, int) else id(who)
