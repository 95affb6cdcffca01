"""Why a function (or a route) reaches a blocking call: the chains, asked for by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.analyse import Analysis
from bridge.analysis.model import Root, Witness
from bridge.analysis.solving.state import State
from bridge.analysis.spoken import spoken

__all__ = ["Why", "known_names", "why"]


@dataclass(frozen=True, slots=True)
class Why:
    """What `target` reaches of what was asked for. `is_route`: it is a route's id, and hooks count too."""

    target: str
    is_route: bool
    witnesses: tuple[Witness, ...]


def why(analysis: Analysis, target: str, sink: str | None) -> Why | None:
    """Return what the function or route `target` reaches; None if there is none of that name.

    `sink` is a dotted name or the beginning of one, in any spelling that the knowledge base knows, or the words for a
    call that has no name; None: every sink.
    """
    roots = _roots_of_route(analysis, target)
    is_route = bool(roots)
    roots = roots or tuple(_roots_of_function(analysis.survey.state, target))
    if not roots:
        return None
    extra = tuple(
        each for route in analysis.survey.discovery.routes if route.id == target for each in route.extra
    )
    reached = (*analysis.survey.effects.of(*roots).witnesses, *extra)
    asked = tuple(each for each in reached if sink is None or _fits(analysis, each, sink))
    return Why(target, is_route, tuple(sorted(asked, key=lambda each: (len(each.chain), each.sink))))


def known_names(analysis: Analysis) -> list[str]:
    """Return every name that can be asked about: routes, then functions."""
    program = analysis.survey.state.program
    routes = [route.id for route in analysis.survey.discovery.routes]
    functions = {
        program.qualified(number) for number, scope in enumerate(program.scopes) if scope.kind != "class"
    }
    return [*routes, *sorted(functions)]


def _roots_of_route(analysis: Analysis, target: str) -> tuple[Root, ...]:
    return tuple(
        root for route in analysis.survey.discovery.routes if route.id == target for root in route.roots
    )


def _roots_of_function(state: State, symbol: str) -> Iterator[Root]:
    program = state.program
    for number, instance in enumerate(state.instances):
        if program.qualified(instance.scope) == symbol and program.scopes[instance.scope].kind != "class":
            file = program.modules[program.module_of[instance.scope]].file
            yield Root(-1, number, symbol, "function", file, program.scopes[instance.scope].line)


def _fits(analysis: Analysis, witness: Witness, sink: str) -> bool:
    if sink == spoken(witness.sink):
        return True
    names = {sink, analysis.knowledge.canonical(sink), f"builtins.{sink}"}
    return any(
        each == name or each.startswith(f"{name}.")
        for each in (witness.sink, witness.written)
        for name in names
    )
