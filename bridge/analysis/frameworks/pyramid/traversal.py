"""Traversal: the root factory makes a resource, `__getitem__` of resources finds the one that a view is for.

https://docs.pylonsproject.org/projects/pyramid/en/latest/narr/traversal.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.analysis.facts import FIRST_PARAMETER, RESULT
from bridge.analysis.frameworks.calls import calls_on, making, texts_of
from bridge.analysis.frameworks.classes import instance_of
from bridge.analysis.frameworks.dotted import package_of, resolve
from bridge.analysis.frameworks.pyramid.configuration import Configuration
from bridge.analysis.frameworks.pyramid.views import View
from bridge.analysis.frameworks.roots import enter_root, functions_of, members_of
from bridge.analysis.model import Root
from bridge.analysis.solving.engine import run_waiting
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import BOUND, CLASS, INSTANCE

__all__ = ["give_context", "traversal_of"]


def traversal_of(state: State, found: Configuration, views: Iterable[View]) -> tuple[tuple[int, str], ...]:
    """Return what runs before every view that is found by traversal, as (FUNCTION or BOUND value, role)."""
    resources: dict[int, None] = {}
    functions: dict[int, None] = {}
    for value in _root_factories(state, found):
        resources.update(dict.fromkeys(_made_by(state, value)))
        functions.update(dict.fromkeys(functions_of(state, value)))
    for view in views:
        resources.update(dict.fromkeys(instance_of(state, each) for each in _contexts(state, view)))
    for each in resources:
        if state.values.kinds[each] == INSTANCE:
            functions.update(dict.fromkeys(members_of(state, each, "__getitem__")))
    return tuple((each, "factory") for each in functions)


def give_context(state: State, view: View, roots: Iterable[Root]) -> None:
    """Let what answers a view have the resource that it is for: `view(context, request)` has it first."""
    contexts = [instance_of(state, each) for each in _contexts(state, view)]
    for root in roots if contexts else ():
        names = state.program.scopes[state.instances[root.instance].scope].parameters.positional
        first = 1 if state.values.kinds[root.function] == BOUND else 0
        if root.role == "handler" and len(names) - first == 2:
            state.flow.add(state.node(root.instance, FIRST_PARAMETER + first), contexts)


def _contexts(state: State, view: View) -> Iterator[int]:
    """Yield the project's classes that a view is for."""
    values = view.keywords.get("context", view.keywords.get("for_", frozenset()))
    yield from (each for each in sorted(values) if state.values.kinds[each] == CLASS)


def _root_factories(state: State, found: Configuration) -> Iterator[int]:
    for config in found.prefixes:
        made = making(state, config)
        calls = [*([made] if made is not None else []), *calls_on(state, config, "set_root_factory")]
        for call in calls:
            position = 0 if call is not made else None
            name = "factory" if call is not made else "root_factory"
            values = set(call.values(position, name))
            for text in texts_of(state, values):
                values |= resolve(state, text, package_of(state, call.call.site))
            yield from sorted(values)


def _made_by(state: State, factory: int) -> Iterator[int]:
    """Yield the resources that a root factory, a class or a function, makes."""
    if state.values.kinds[factory] == CLASS:
        yield instance_of(state, factory)
        return
    roots = [enter_root(state, each, "factory") for each in functions_of(state, factory)]
    run_waiting(state)
    for root in roots:
        yield from sorted(state.flow.holds[state.node(root.instance, RESULT)])
