"""Changes that people make, by command or by click: what would change nothing is not made, and not in the history."""

from __future__ import annotations

from bridge.incremental.store.base import IGNORED, Store, ignored_field

__all__ = ["compare_again", "ignore"]


def ignore(store: Store, route: str, field: str, *, by: str, reason: str) -> bool:
    """Have a field of a route not compared by any worker; False: it was ignored already, and nothing is changed."""
    name = ignored_field(route, field)
    return store.change({name: IGNORED}, by=by, reason=reason, expected={name: None}) is not None


def compare_again(store: Store, route: str, field: str, *, by: str, reason: str) -> bool:
    """Take `ignore()` back; False: the field was not ignored, and nothing is changed."""
    name = ignored_field(route, field)
    return store.change({name: None}, by=by, reason=reason, expected={name: IGNORED}) is not None
