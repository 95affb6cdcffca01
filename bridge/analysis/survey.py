"""What each route reaches, and each async function that no route leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bridge.analysis.async_functions import async_roots
from bridge.analysis.callgraph import calls_by_scope
from bridge.analysis.effects import Effects, Reached
from bridge.analysis.effects.evaluations import FETCHING, LISTED
from bridge.analysis.effects.kept import KEPT
from bridge.analysis.effects.saved_sessions import saves_of, session_saver
from bridge.analysis.findings import Sighting
from bridge.analysis.model import Confidence, Discovery, Middleware, Root, Witness
from bridge.analysis.names import is_test_file
from bridge.analysis.solving.state import State

__all__ = ["Survey", "survey"]


@dataclass(frozen=True, slots=True)
class Survey:
    """Answers about a project's routes. `reached` is by route id, `elsewhere` what async functions off routes reach."""

    state: State
    discovery: Discovery
    effects: Effects
    reached: Mapping[str, Reached]
    elsewhere: Reached

    def sightings(self) -> Iterator[Sighting]:
        """Yield every blocking call under every route, then those of async functions that are on none.

        What leads through a test's own code is left out: tests put their functions in the place of the application's.
        """
        kept: dict[
            str, set[str]
        ] = {}  # route id -> what the framework has asked before, and keeps for the request
        for route in self.discovery.routes:
            yield from (
                Sighting(each, route.id)
                for each in route.extra
                if each.role != LISTED or not self._fetches_in_a_template(route.id)
            )
            kept.setdefault(route.id, set()).update(each.sink for each in route.extra if each.sink in KEPT)
        saver = session_saver(self.discovery)
        for route_id, reached in self.reached.items():
            told = (*reached.witnesses, *saves_of(reached.session_write, saver))
            for each in told:
                if each.sink not in kept.get(route_id, ()) and not _is_a_test_s(each):
                    yield Sighting(each, route_id)
        yield from (Sighting(each, "") for each in self.elsewhere.witnesses)

    def _fetches_in_a_template(self, route_id: str) -> bool:
        return any(
            each.sink in FETCHING and each.confidence is not Confidence.LOW and not each.file.endswith(".py")
            for each in self.reached[route_id].witnesses
        )

    def routes_of_scopes(self) -> Mapping[int, tuple[str, ...]]:
        """Return scope -> ids of the routes that may run it; where some surely lead to it, of those alone."""
        sure: dict[int, list[str]] = {}
        doubtful: dict[int, list[str]] = {}
        for route, reached in self.reached.items():
            for scope in reached.scopes:
                table = doubtful if scope in reached.doubtful else sure
                table.setdefault(scope, []).append(route)
        return {scope: tuple(routes) for scope, routes in {**doubtful, **sure}.items()}

    def doubtful_scopes(self) -> frozenset[int]:
        """Return the scopes that every route leads to through calls which nobody can tell apart."""
        doubtful = frozenset().union(*(each.doubtful for each in self.reached.values()))
        return doubtful.difference(*(each.scopes - each.doubtful for each in self.reached.values()))

    def resolved(self) -> Mapping[str, float]:
        """Return route id -> the share of its calls that lead to something known."""
        return {route: reached.resolved_share for route, reached in self.reached.items()}

    def resolved_overall(self) -> float:
        """Return that share for the whole project."""
        counts = calls_by_scope(self.state).values()
        calls = sum(calls for calls, _ in counts)
        return sum(resolved for _, resolved in counts) / calls if calls else 1.0

    def places_in(self, middleware: Middleware) -> frozenset[tuple[str, str, int]]:
        """Return (sink, file, line) of each blocking call that a middleware's own code reaches."""
        witnesses = self.effects.of(*middleware.roots).witnesses if middleware.roots else ()
        return frozenset((each.sink, each.file, each.line) for each in witnesses)

    def entries(self) -> Mapping[str, tuple[str, ...]]:
        """Return route id -> the functions that the framework calls for it."""
        table: dict[str, tuple[str, ...]] = {}
        for route in self.discovery.routes:
            table[route.id] = (*table.get(route.id, ()), *(root.symbol for root in route.roots))
        return table


def _is_a_test_s(witness: Witness) -> bool:
    return any(is_test_file(step.file) for step in witness.chain)


def survey(state: State, discovery: Discovery, effects: Effects) -> Survey:
    """Return the survey of a solved state."""
    roots: dict[str, list[Root]] = {}
    for route in discovery.routes:  # two applications may have a route of the same name
        roots.setdefault(route.id, []).extend(route.roots)
    reached = {route_id: effects.of(*dict.fromkeys(each)) for route_id, each in roots.items()}
    known: set[int] = set().union(*(each.scopes for each in reached.values()))
    for entry in discovery.entry_points:
        known |= effects.of(*entry.roots).scopes
    return Survey(state, discovery, effects, reached, effects.of(*async_roots(state, without=known)))
