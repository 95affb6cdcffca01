"""Which route may have been meant: the nearest by spelling, whatever its parameters are called."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

__all__ = ["nearest_routes", "shape"]

_PARAMETER = re.compile(r"<[^<>]*>|\{[^{}]*\}")


def shape(route: str) -> str:
    """Return a route without the names and kinds of its parameters."""
    return _PARAMETER.sub("<>", route)


def nearest_routes(name: str, routes: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of `routes` that look like `name`, the nearest first."""
    spelled = {shape(route): route for route in routes}
    wanted = shape(name)
    wanted = wanted if " " in wanted else f"GET {wanted}"
    return tuple(spelled[near] for near in difflib.get_close_matches(wanted, spelled, n=3))
