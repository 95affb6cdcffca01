"""From a value to what the user wrote: the function behind its decorators, the class behind `as_view`."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import DECORATING, RESULT, Opcode
from bridge.analysis.frameworks.calls import places_of
from bridge.analysis.solving.state import State
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

__all__ = ["written"]

DEEPEST = 12  # decorators on one function; nobody has more, and a decorator may decorate itself


def written(state: State, value: int, depth: int = 0) -> int:
    """Return the FUNCTION (BOUND, CLASS) that was decorated until it became `value`; `value` if it was not."""
    kind, parts = state.values.kinds[value], state.values.parts[value]
    if depth > DEEPEST:
        return value
    if kind in {DECORATED, STATIC, CLASSWIDE}:
        return written(state, parts[0], depth + 1)
    if kind == PARTIAL:
        return _only(state, state.partials[value][0], value, depth)
    if kind == BOUND and state.values.kinds[parts[0]] == FUNCTION:
        inner = written(state, parts[0], depth + 1)
        return value if inner == parts[0] else inner
    if kind == INSTANCE and value in state.makings:
        return value
    return _behind_wrapper(state, value, depth) if kind == FUNCTION else value


def _only(state: State, node: int, value: int, depth: int) -> int:
    held = sorted(state.flow.holds[node])
    return written(state, held[0], depth + 1) if held else value


def _behind_wrapper(state: State, value: int, depth: int) -> int:
    """Return what stands under the decorator that `value` was defined in, found by where it decorates."""
    parent = state.values.parts[value][1]
    if not _gives_back(state, parent, value):
        return value
    for node in _decorated_nodes(state, parent):
        for each in sorted(state.flow.holds[node]):
            if each != value and state.values.kinds[each] in {FUNCTION, BOUND, DECORATED, CLASS}:
                return written(state, each, depth + 1)
    return value


def _gives_back(state: State, instance: int, value: int) -> bool:
    """Return whether the function around `value` returns it: then it is a decorator, or makes one."""
    result = state.flow.holds[state.node(instance, RESULT)]
    return value in result or any(
        state.values.kinds[each] == DECORATED and state.values.parts[each][0] == value for each in result
    )


def _decorated_nodes(state: State, instance: int) -> Iterator[int]:
    """Yield the nodes of what is decorated by the call that opened `instance`."""
    for opener, key in places_of(state.contexts[instance]):
        scope = state.program.scopes[state.instances[opener].scope]
        if isinstance(key, int) and key < len(scope.instructions):
            call = scope.instructions[key]
            if call[0] == Opcode.CALL and (call[8] & DECORATING or len(call[3]) == 1):
                yield from (state.node(opener, register) for register in call[3][:1])
