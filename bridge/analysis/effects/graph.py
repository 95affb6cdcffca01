"""The solved state as a graph: functions in their contexts, what they call, which sinks they call.

An edge is *offloading* if the call happens in a thread that the application starts. A function that external code
was given counts as called from where it was handed over, with less confidence, if the external code is one that
calls (`re.sub(pattern, f, text)`, `cache.get_or_set(key, f)`); what a decorator was given is called by who calls the
decorated function, and not from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bridge.analysis.effects.evaluations import (
    FETCHING,
    Evaluated,
    Origin,
    asked,
    evaluated_in,
    is_asked_again,
)
from bridge.analysis.effects.once import Once
from bridge.analysis.effects.reads import first_reads, is_assigned_before
from bridge.analysis.effects.rounds import given, is_kept, parameter_of
from bridge.analysis.knowledge.rows import Condition
from bridge.analysis.model import Step
from bridge.analysis.solving.calling import enter
from bridge.analysis.solving.engine import callbacks
from bridge.analysis.solving.library import public_name
from bridge.analysis.solving.loads import Load
from bridge.analysis.solving.offloading import is_offloader
from bridge.analysis.solving.state import NO_ARGUMENTS, Site, State
from bridge.analysis.solving.values import BOUND, CONSTANT, DECORATED, FUNCTION

__all__ = ["Call", "Graph", "Sinks", "graph_of"]


class Sinks(Protocol):
    """What is asked of the knowledge base; names are as written, builtins under `builtins.`."""

    def sink_name(self, name: str) -> str | None:
        """Return the name of the row about `name`, None if there is none."""

    def conditions(self, name: str) -> Sequence[Condition]:
        """Return the arguments with which a call of `name` does not block."""


LAZY = ".__get__"  # what the sink of a lazy attribute ends with
MANY_CALLEES = 5  # arbitrary: a call that leads to more functions was not told apart well

# External callables, by the last part of their names, that call the function they are given before they or the request
# end. Most others only look at it or keep it: url_for, delete_memoized, connect, listen, setopt.
CALLING = frozenset(
    {
        "sub",
        "subn",
        "groupby",
        "takewhile",
        "dropwhile",
        "filterfalse",
        "starmap",
        "accumulate",
        "nlargest",
        "nsmallest",
    }
    | {
        "on_commit",
        "get_or_set",
        "after_this_request",
        "call_on_close",
        "ClosingIterator",
        "callback",
        "run",
        "call",
    }
    | {
        "run_until_complete",
        "retry_call",
        "SimpleLazyObject",
        "lazy",
        "dumps",
        "dump",
        "loads",
        "load",
        "walk",
        "copytree",
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    """One way from a function: to another one (`target` an instance), or to a sink (`sink` its row's name)."""

    site: Site
    target: int = -1
    sink: str = ""
    written: str = ""
    offloads: bool = False
    is_sure: bool = True
    in_loop: bool = False
    attributes: tuple[str, ...] = ()  # "Book.author", for a sink that reading attributes is
    templates: tuple[str, ...] = ()  # those that read them
    is_wide: bool = False  # it leads to so many functions that nobody can tell which
    is_open: bool = False  # it may have been loaded before, in this request or in the process
    parameter: Origin | None = None  # the query set whose rows are asked for, if it was handed in


@dataclass(slots=True)
class Graph:
    """Calls by the instance that makes them, in source order. `offloaders` are instances of the user's own."""

    state: State
    calls: dict[int, list[Call]] = field(default_factory=dict)
    sinks: dict[int, list[Call]] = field(default_factory=dict)
    evaluated: dict[tuple[int, Origin], int] = field(default_factory=dict)
    _steps: dict[tuple[int, int], Step] = field(default_factory=dict)  # (scope, line): chains share them
    _variants: list[int] = field(default_factory=list)  # what each is a variant of

    def add_variant(self, instance: int) -> int:
        """Return a new instance of the same function: one without some of its calls, see switches.py."""
        self._variants.append(instance)
        return len(self.state.instances) + len(self._variants) - 1

    def scope(self, instance: int) -> int:
        """Return the scope of an instance, or of the one that it is a variant of."""
        plain = instance - len(self.state.instances)
        return self.state.instances[instance if plain < 0 else self._variants[plain]].scope

    def scopes(self) -> list[int]:
        """Return the scope of every instance, variants included."""
        plain = [each.scope for each in self.state.instances]
        return [*plain, *(self.state.instances[each].scope for each in self._variants)]

    def symbol(self, instance: int) -> str:
        """Return the qualified name of an instance's function."""
        return self.state.program.qualified(self.scope(instance))

    def file(self, instance: int) -> str:
        """Return the file of an instance's function."""
        program = self.state.program
        return program.modules[program.module_of[self.scope(instance)]].file

    def step(self, caller: int, call: Call) -> Step:
        """Return the call as a link of a chain."""
        place = self.scope(caller), call.site.line
        known = self._steps.get(place)
        if known is None:
            known = self._steps[place] = Step(self.symbol(caller), self.file(caller), call.site.line)
        return known


def graph_of(state: State, knowledge: Sinks, offloaders: Collection[str]) -> Graph:
    """Return the graph. `offloaders`: qualified names of the project's own functions that start threads."""
    graph = Graph(state)
    once = Once(state)
    _add_sinks(graph, knowledge, once)
    _add_calls(graph, frozenset(offloaders), once)
    _note_asked_by_callees(graph)
    _add_callbacks(graph)
    for calls in (*graph.calls.values(), *graph.sinks.values()):
        calls.sort(key=lambda call: (call.site.line, call.target, call.sink))
    return graph


def _add_sinks(graph: Graph, knowledge: Sinks, once: Once) -> None:
    state = graph.state
    rows: dict[int, tuple[str, str] | None] = {}
    for owner, targets in state.edges.items():
        evaluated = evaluated_in(
            state,
            (
                (str(state.values.parts[~target][0]), lines.values())
                for target, lines in targets.items()
                if target < 0
            ),
        )
        graph.evaluated.update(evaluated)
        for target, lines in targets.items():
            if target >= 0:
                continue
            if target not in rows:
                rows[target] = _row(state.values.parts[~target][0], knowledge)
            found = rows[target]
            if found is not None:
                graph.sinks.setdefault(owner, []).extend(
                    replace(each, is_open=True) if once.fills(each.site) else each
                    for each in _sink_calls(state, knowledge, lines, evaluated, found)
                )


def _row(name: str, knowledge: Sinks) -> tuple[str, str] | None:
    """Return (row, as written) of what an external name calls: a class's __init__ is the class."""
    written = public_name(name)
    for each in (written, written.removesuffix(".__init__"), written.removesuffix(".__call__")):
        row = knowledge.sink_name(each)
        if row is not None:
            return row, each
    return None


def _sink_calls(
    state: State,
    knowledge: Sinks,
    lines: Mapping[int, Site],
    evaluated: Evaluated,
    row: tuple[str, str],
) -> Iterator[Call]:
    sink, written = row
    conditions = knowledge.conditions(sink)
    is_lazy = sink.endswith(LAZY)
    unknown = Load.OPEN if is_lazy else Load.ASKS
    for site in first_reads(state, lines.values()) if is_lazy else lines.values():
        place = (state.instances[site.instance].owner, site.line, sink)
        load = state.loads.of(place, unknown=unknown)
        if load is not Load.LOADED and not any(_holds(state, site, condition) for condition in conditions):
            kept, parameter = _outside(state, site, sink)
            yield Call(
                site,
                sink=sink,
                written=written,
                offloads=site.offloads,
                in_loop=state.in_loop(site) and not kept,
                parameter=parameter,
                attributes=state.loads.names(place),
                templates=state.loads.templates(place),
                is_open=load is Load.OPEN
                or is_asked_again(state, site, sink, evaluated)
                or (is_lazy and is_assigned_before(state, site)),
            )


def _outside(state: State, site: Site, sink: str) -> tuple[bool, Origin | None]:
    """Return whether the query set that is asked was there before the loop, and what it is if it was handed in."""
    origin = asked(state, site) if sink in FETCHING else None
    if origin is None:
        return False, None
    assert isinstance(site.key, int)
    scope = state.program.scopes[state.instances[site.instance].scope]
    is_own = state.instances[site.instance].owner == site.instance  # not of a lambda in the function
    is_handed = is_own and parameter_of(scope, origin) is not None
    return is_kept(scope, site.key, origin), origin if is_handed else None


def _holds(state: State, site: Site, condition: Condition) -> bool:
    """Return whether the argument that a condition is about has its value, and no other, at this call."""
    _, arguments = state.handed_out.get(site, (None, NO_ARGUMENTS))
    node = dict(arguments.keywords).get(condition.keyword)
    if node is None and condition.position is not None and condition.position < len(arguments.positional):
        node = arguments.positional[condition.position]
    held = () if node is None else state.flow.holds[node]
    wanted = (type(condition.value).__name__, condition.value)
    return bool(held) and all(
        state.values.kinds[value] == CONSTANT and state.values.parts[value] == wanted for value in held
    )


def _add_calls(graph: Graph, offloaders: frozenset[str], once: Once) -> None:
    state = graph.state
    widths = _widths(state)
    for owner, targets in state.edges.items():
        calls = graph.calls.setdefault(owner, [])
        for target, lines in targets.items():
            if target < 0:
                continue
            cut = graph.symbol(target) in offloaders
            is_kept = once.is_remembered(target)
            for site in lines.values():
                call = Call(
                    site,
                    target,
                    offloads=cut or site.offloads,
                    is_wide=widths[site.instance, site.key] > MANY_CALLEES,
                    is_open=is_kept or once.fills(site),
                    in_loop=state.in_loop(site),
                )
                calls.append(call)


def _note_asked_by_callees(graph: Graph) -> None:
    """Note the query sets that a function hands to one which asks for their rows: they are there afterwards."""
    scopes = graph.state.program.scopes
    asking = {
        instance: {each.parameter for each in sinks if each.parameter is not None}
        for instance, sinks in graph.sinks.items()
    }
    for calls in graph.calls.values():
        for call in calls:
            for origin in () if call.offloads else asking.get(call.target, ()):
                own = given(graph.state, call.site, scopes[graph.scope(call.target)], origin)
                if own is not None:
                    assert isinstance(call.site.key, int), "it is a call: something was given"
                    place, key = (call.site.instance, own), call.site.key
                    graph.evaluated[place] = min(key, graph.evaluated.get(place, key))


def _widths(state: State) -> Counter[tuple[int, object]]:
    """Count the functions that each call leads to; contexts of one function count once."""
    seen = {
        (site.instance, site.key, state.instances[target].scope)
        for targets in state.edges.values()
        for target, lines in targets.items()
        if target >= 0
        for site in lines.values()
    }
    return Counter((instance, key) for instance, key, _ in seen)


def _add_callbacks(graph: Graph) -> None:
    state = graph.state
    for site, value in callbacks(state):
        if site.decorates or not _may_call(state, site):
            continue
        function = _plain(state, value)
        if function is not None:
            owner = state.instances[site.instance].owner
            call = Call(site, enter(state, function), is_sure=False, in_loop=state.in_loop(site))
            graph.calls.setdefault(owner, []).append(call)


def _may_call(state: State, site: Site) -> bool:
    names = [state.values.parts[value][0] for value in state.handed_out[site][0]]
    return any(name.rpartition(".")[2] in CALLING and not is_offloader(state.library, name) for name in names)


def _plain(state: State, value: int) -> int | None:
    while state.values.kinds[value] in {BOUND, DECORATED}:
        value = state.values.parts[value][0]
    return value if state.values.kinds[value] == FUNCTION else None
