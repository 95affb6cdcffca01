"""Class-based views: which methods of a class serve which HTTP method, and what stands in front of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.analysis.facts import DECORATING
from bridge.analysis.frameworks.roots import members_of
from bridge.analysis.solving.engine import run_waiting
from bridge.analysis.solving.resolution import find, order
from bridge.analysis.solving.state import ANY, Arguments, Site, State
from bridge.analysis.solving.values import CLASS, CONTAINER, EXTERNAL, INSTANCE

__all__ = ["VERBS", "attribute", "decorated_by", "elements", "external_bases", "instance_of", "verbs_of"]

VERBS = ("get", "post", "put", "delete", "patch", "head", "options", "trace")


def instance_of(state: State, owner: int) -> int:
    """Return the instance of a CLASS; other values come back as they are."""
    return state.values.make(INSTANCE, owner) if state.values.kinds[owner] == CLASS else owner


def verbs_of(
    state: State, receiver: int, prefix: str = "", suffix: str = ""
) -> Iterator[tuple[str, list[int]]]:
    """Yield (HTTP method, FUNCTION and BOUND values) for each verb that an instance's class defines."""
    for verb in VERBS:
        found = list(members_of(state, receiver, f"{prefix}{verb}{suffix}"))
        if found:
            yield verb.upper(), found


def external_bases(state: State, owner: int) -> list[str]:
    """Return the dotted names of the library classes behind a class, the nearest first."""
    return [
        str(state.values.parts[each][0])
        for each in order(state, owner)
        if state.values.kinds[each] == EXTERNAL
    ]


def attribute(state: State, owner: int, name: str) -> frozenset[int]:
    """Return what the attribute `name` of a class may be: nothing where no class of the project defines it."""
    nodes, _ = find(state, owner, name)
    return frozenset().union(*(state.flow.holds[node] for node in nodes))


def decorated_by(state: State, site: Site, decorators: Iterable[int], inner: Iterable[int]) -> list[int]:
    """Return what the decorators in lists make of the values `inner`; they are applied here, at `site`."""
    made: list[int] = []
    given = state.flow.node()
    state.flow.add(given, inner)
    for index, decorator in enumerate(elements(state, decorators)):
        result = state.flow.node()
        here = Site(site.instance, ("decorators", site.key, decorator, index), site.line, DECORATING)
        state.apply(state, here, decorator, Arguments((given,)), result)
        run_waiting(state)
        made += sorted(state.flow.holds[result])
    return made


def elements(state: State, values: Iterable[int]) -> Iterator[int]:
    """Yield what stands in the lists (tuples, sets) among `values`."""
    for value in sorted(values):
        if state.values.kinds[value] == CONTAINER:
            yield from sorted(state.flow.holds[state.field(value, ANY)])
