"""Function values with their roles -> a route."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.analysis.frameworks.roots import enter_roots, functions_of, place_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.model import Root, Route
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import BOUND, FUNCTION

__all__ = ["Place", "build_route", "entered", "joined_path", "shown_methods"]

Place = tuple[str, int]  # file, line


def shown_methods(methods: Iterable[str]) -> tuple[str, ...]:
    """Return methods as a route shows them: sorted, without HEAD and OPTIONS unless they are all there is."""
    plain = sorted({each.upper() for each in methods})
    return tuple([each for each in plain if each not in {"HEAD", "OPTIONS"}] or plain)


def joined_path(prefix: str, path: str) -> str:
    """Return `path` behind `prefix`, with one slash between them and one in front."""
    whole = f"{prefix.rstrip('/')}/{path.lstrip('/')}" if prefix else path
    return whole if whole.startswith("/") else f"/{whole}"


def entered(state: State, functions: Iterable[tuple[int, str]]) -> tuple[Root, ...]:
    """Return a root for each (value, role), entered, each instance once."""
    found: dict[int, Root] = {}
    for value, role in functions:
        for root in enter_roots(state, (value,), role):
            found.setdefault(root.instance, root)
    return tuple(found.values())


def build_route(
    state: State,
    framework: str,
    methods: Iterable[str],
    path: str,
    *,
    view: Iterable[int],
    place: Place,
    name: str = "",
    before: Iterable[tuple[int, str]] = (),
    after: Iterable[tuple[int, str]] = (),
) -> Route:
    """Return the route of the function values `view`; `place` is where it is registered.

    `name` is the handler where no function of the project is.
    """
    functions = [each for value in view for each in functions_of(state, value)]
    original = written(state, functions[0]) if functions else None
    symbol, file, line = (name, *place)
    if original is not None and functions:
        named = original if state.values.kinds[original] in {FUNCTION, BOUND} else functions[0]
        symbol, file, line = place_of(state, named)
        original = named
    roots = entered(state, (*before, *((each, "handler") for each in functions), *after))
    return Route(
        framework,
        shown_methods(methods),
        path,
        symbol,
        file,
        line,
        roots,
        is_async=_is_async(state, original),
    )


def _is_async(state: State, value: int | None) -> bool:
    if value is not None and state.values.kinds[value] == BOUND:
        value = int(state.values.parts[value][0])
    if value is None or state.values.kinds[value] != FUNCTION:
        return False
    return bool(state.program.scopes[state.values.parts[value][0]].is_async)
