"""Annotations: they count where nothing else is known."""

from __future__ import annotations

from functools import partial

from bridge.analysis.solving.state import UNKNOWN_KEY, State
from bridge.analysis.solving.values import CLASS, CONTAINER, EXTERNAL, INSTANCE, MEMBERS

__all__ = ["expect"]

KNOWN_TYPES = frozenset(f"<builtin>.{name}" for name in MEMBERS if name != "object")

UNINFORMATIVE = ("typing.", "typing_extensions.", "collections.abc.", "<builtin>.")


def expect(state: State, node: int, annotation: int, form: str) -> None:
    """Let `node` hold what the annotation says if nothing else has reached it."""
    if not state.flow.holds[node]:
        target = node if form in {"", "type"} else _container(state, node, form)
        state.flow.watch(annotation, partial(_take_hint, state, target, is_class=form == "type"))


def _container(state: State, node: int, kind: str) -> int:
    """Put a container into `node` and return the node of its elements."""
    made = state.values.make(CONTAINER, kind, ("annotation", node))
    state.flow.add(node, (made,))
    return state.field(made, UNKNOWN_KEY)


def _take_hint(state: State, node: int, value: int, *, is_class: bool) -> None:
    kind = state.values.kinds[value]
    if kind == CLASS:
        state.flow.add(node, (value if is_class else state.values.make(INSTANCE, value),))
    elif kind == EXTERNAL and _is_informative(state.values.parts[value][0]):
        state.flow.add(node, (value,))


def _is_informative(name: str) -> bool:
    return name in KNOWN_TYPES or not name.startswith(UNINFORMATIVE)
