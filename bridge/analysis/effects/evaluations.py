"""Query sets that one function asks twice: a variable that was iterated keeps its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bridge.analysis.facts import Opcode
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import GENERIC

__all__ = ["Evaluated", "evaluated_in", "is_asked_again"]

QUERY_SET = "django.db.models.QuerySet"
FETCHING = frozenset(f"{QUERY_SET}.{name}" for name in ("__iter__", "__len__", "__bool__"))

# Where an instruction that asks a query set has its register.
SOURCES = {Opcode.ITERATE: 2, Opcode.TEST: 1, Opcode.OPERATE: 3}

Evaluated = Mapping[
    tuple[int, int], int
]  # (instance, register) -> the first instruction that fetches its rows


def evaluated_in(state: State, sinks: Iterable[tuple[str, Iterable[Site]]]) -> Evaluated:
    """Return which registers of a function have their rows fetched, and where first."""
    found: dict[tuple[int, int], int] = {}
    for sink, sites in sinks:
        for site in sites if sink in FETCHING else ():
            register = _asked(state, site)
            if register is not None:
                assert isinstance(site.key, int)
                place = site.instance, register
                found[place] = min(site.key, found.get(place, site.key))
    return found


def is_asked_again(state: State, site: Site, sink: str, evaluated: Evaluated) -> bool:
    """Return whether a query set is asked for rows that it has: an earlier instruction has fetched them."""
    register = _asked(state, site) if sink in FETCHING else None
    if register is None:
        return False
    assert isinstance(site.key, int)
    return evaluated.get((site.instance, register), site.key) < site.key


def _asked(state: State, site: Site) -> int | None:
    """Return the register of the query set: of `for x in books`, `if books`, `len(books)`, `zip(books, prices)`."""
    if not isinstance(site.key, int):
        return None
    instruction = state.program.scopes[state.instances[site.instance].scope].instructions[site.key]
    if instruction[0] == Opcode.CALL:
        given = instruction[3]
        if len(given) > 1:
            given = [each for each in given if _holds_query_set(state, site, each)]
        return int(given[0]) if len(given) == 1 else None
    position = SOURCES.get(instruction[0])
    return None if position is None else int(instruction[position])


def _holds_query_set(state: State, site: Site, register: int) -> bool:
    values, held = state.values, state.flow.holds[state.node(site.instance, register)]
    return any(values.kinds[each] == GENERIC and values.parts[each][0] == QUERY_SET for each in held)
