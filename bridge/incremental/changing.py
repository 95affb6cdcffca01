"""Changes that people make, by command or by click: what would change nothing is not made, and not in the history."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.incremental.store.base import IGNORED, Store, ignored_field

__all__ = ["change_modes", "compare_again", "ignore"]


def change_modes(
    store: Store, wanted: Mapping[str, str | None], *, by: str, reason: str
) -> Mapping[str, str | None]:
    """Change these routes at once, but for those that are set so already; return those that were changed.

    None: back to the configuration. A mode that a route has by its configuration alone is a change: from then on
    the route keeps it, whatever the configuration says.
    """
    now = store.settings().routes
    made = {route: setting for route, setting in wanted.items() if now.get(route) != setting}
    if made:
        store.change(made, by=by, reason=reason)
    return made


def ignore(store: Store, route: str, field: str, *, by: str, reason: str) -> bool:
    """Have a field of a route not compared by any worker; False: it was ignored already, and nothing is changed."""
    name = ignored_field(route, field)
    return store.change({name: IGNORED}, by=by, reason=reason, expected={name: None}) is not None


def compare_again(store: Store, route: str, field: str, *, by: str, reason: str) -> bool:
    """Take `ignore()` back; False: the field was not ignored, and nothing is changed."""
    name = ignored_field(route, field)
    return store.change({name: None}, by=by, reason=reason, expected={name: IGNORED}) is not None
