"""Values -> roots: what a framework calls is entered in the state, as the framework would call it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.analysis.model import Root
from bridge.analysis.solving.binding import bind
from bridge.analysis.solving.calling import enter
from bridge.analysis.solving.passing import pass_positional
from bridge.analysis.solving.resolution import find
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import (
    BOUND,
    CLASS,
    CLASSWIDE,
    DECORATED,
    FUNCTION,
    INSTANCE,
    PARTIAL,
    STATIC,
)

__all__ = ["enter_root", "enter_roots", "functions_of", "members_of", "place_of"]


def enter_roots(state: State, values: Iterable[int], role: str) -> tuple[Root, ...]:
    """Return a root for each function among `values`, entered; call `settle` before edges are read."""
    functions = dict.fromkeys(each for value in values for each in functions_of(state, value))
    return tuple(enter_root(state, each, role) for each in functions)


def enter_root(state: State, function: int, role: str, *, site: Site | None = None) -> Root:
    """Enter `function`, a FUNCTION or BOUND value, from outside; a plain function gets no arguments.

    `site` tells apart who enters it, if it is one that is kept apart by call site.
    """
    inner, receiver = _taken_apart(state, function)
    instance = enter(state, inner, receiver=receiver, site=site)
    if receiver is not None:
        pass_positional(state, instance, 0, state.holding(receiver))
    symbol, file, line = place_of(state, inner)
    return Root(function, instance, symbol, role, file, line)


def _taken_apart(state: State, function: int) -> tuple[int, int | None]:
    if state.values.kinds[function] == BOUND:
        inner, receiver = state.values.parts[function]
        return inner, receiver
    return function, None


def functions_of(state: State, value: int) -> Iterator[int]:
    """Yield the FUNCTION and BOUND values that run when `value` is called."""
    kind, parts = state.values.kinds[value], state.values.parts[value]
    if kind == FUNCTION:
        yield value
    elif kind == BOUND:
        yield from _bound_functions(state, *parts)
    elif kind in {DECORATED, STATIC, CLASSWIDE}:
        yield from functions_of(state, parts[0])
    elif kind == PARTIAL:
        for each in sorted(state.flow.holds[state.partials[value][0]]):
            yield from functions_of(state, each)
    elif kind == INSTANCE:
        yield from members_of(state, value, "__call__")
    elif kind == CLASS:
        yield from members_of(state, state.values.make(INSTANCE, value), "__init__")


def _bound_functions(state: State, inner: int, receiver: int) -> Iterator[int]:
    for each in functions_of(state, inner):
        if state.values.kinds[each] == FUNCTION:
            yield state.values.make(BOUND, each, receiver)
        else:
            yield each


def members_of(state: State, receiver: int, name: str) -> Iterator[int]:
    """Yield the FUNCTION and BOUND values of the method `name` of an instance (or class) of the project."""
    owner = state.class_of(receiver)
    if owner is None:
        return
    for node in find(state, owner, name)[0]:
        for value in sorted(state.flow.holds[node]):
            yield from _read_through(state, value, receiver)


def _read_through(state: State, value: int, receiver: int) -> Iterator[int]:
    read = state.flow.node()
    bind(state, Site(0, ("root", value), 0), value, receiver, read)
    state.flow.solve()
    for each in sorted(state.flow.holds[read]):
        yield from functions_of(state, each)


def place_of(state: State, value: int) -> tuple[str, str, int]:
    """Return the symbol, file and line of a FUNCTION, BOUND or CLASS value."""
    if state.values.kinds[value] == BOUND:
        value = state.values.parts[value][0]
    scope = int(state.values.parts[value][0])
    program = state.program
    return (
        program.qualified(scope),
        program.modules[program.module_of[scope]].file,
        program.scopes[scope].line,
    )
