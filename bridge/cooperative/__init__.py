"""Waiting for an event loop in synchronous code: greenlets, and a standard library that yields in them.

    from bridge.cooperative import install
    install()                                 # before the application is imported

Nothing else in the package imports the greenlet library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.cooperative.installation import install, installed, uninstall

__all__ = ["install", "installed", "uninstall"]


def __getattr__(name: str) -> object:
    """Load `install` and its relatives when they are first used (PEP 562): `await_` alone needs none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from bridge.cooperative import installation

    return getattr(installation, name)
