"""From one root: the shortest chain to every sink, first without threads, then through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bridge.analysis.effects.evaluations import Origin
from bridge.analysis.effects.graph import Call, Graph
from bridge.analysis.effects.kept import KEPT
from bridge.analysis.effects.reach import ReachableScopes
from bridge.analysis.effects.rounds import given, is_asked_before, is_kept
from bridge.analysis.model import Confidence, Context, Step, Witness

__all__ = ["Search"]

Came = dict[int, tuple[int, Call] | None]  # instance -> how the search came to it


class _Way(NamedTuple):
    """The calls that lead to an instance, as far as a witness tells of them."""

    steps: tuple[Step, ...] = ()
    in_loop: bool = False
    is_wide: bool = False
    is_sure: bool = True

    def onward(self, step: Step, call: Call) -> _Way:
        """Return the way that goes on with `call`."""
        return _Way(
            (*self.steps, step),
            self.in_loop or call.in_loop,
            self.is_wide or call.is_wide or call.is_open,
            self.is_sure and call.is_sure,
        )


class Search:
    """Searches of one graph. `relevant` are the instances that reach a sink at all: chains go through no others."""

    def __init__(self, graph: Graph, relevant: set[int]) -> None:
        self._graph = graph
        self._onward = {caller: _first_ways(calls, relevant) for caller, calls in graph.calls.items()}
        calls, scopes = graph.calls.items(), graph.scopes()
        self._every = ReachableScopes(
            {caller: {call.target: None for call in made} for caller, made in calls}, scopes
        )
        self._told_apart = ReachableScopes(
            {caller: {call.target: None for call in made if not call.is_wide} for caller, made in calls},
            scopes,
        )

    def scopes(self, start: int) -> tuple[frozenset[int], frozenset[int]]:
        """Return the scopes that `start` leads to, its own among them, threads included; and those that only calls which are not told apart lead to."""
        every = self._every.of(start)
        return every, every - self._told_apart.of(start)

    def witnesses(self, start: int, role: str) -> tuple[Witness, ...]:
        """Return a witness for each (sink, place) that the instance `start` reaches, the shortest chain first.

        `role` is what the start is for. A sink is `OFFLOADED` where every way to it goes through a thread; else its
        chain is the shortest that does not.
        """
        here: Came = {start: None}
        handed: list[tuple[int, Call]] = []
        one = _Collected(self._graph, role, {start: _Way()})
        sinks = self._graph.sinks
        for instance in self._spread(here, [start], handed):
            if instance in sinks:
                one.collect(instance, here, Context.REQUEST)
        elsewhere = _behind(here, handed)
        targets = [call.target for _, call in handed if call.target not in here]
        for instance in self._spread(elsewhere, targets, None):
            if instance in sinks:
                one.collect(instance, elsewhere, Context.OFFLOADED)
        return tuple(one.found.values())

    def _spread(
        self, came: Came, start: Iterable[int], handed: list[tuple[int, Call]] | None
    ) -> Iterator[int]:
        """Yield instances, the nearest first; last those that only what a process does once leads to.

        `handed` takes the hand-overs to threads; None: they are passed.
        """
        queue = list(dict.fromkeys(start))
        later: list[tuple[int, Call]] = []
        while queue:
            for instance in queue:  # it grows meanwhile
                yield instance
                for call in self._onward.get(instance, ()):
                    if call.offloads and handed is not None:
                        handed.append((instance, call))
                    elif call.target not in came and call.is_open:
                        later.append((instance, call))
                    elif call.target not in came:
                        came[call.target] = (instance, call)
                        queue.append(call.target)
            queue = []
            for instance, call in later:
                if call.target not in came:
                    came[call.target] = (instance, call)
                    queue.append(call.target)
            later = []


def _first_ways(calls: Iterable[Call], relevant: set[int]) -> tuple[Call, ...]:
    """Return one call for each relevant target, and one more if some hand it to a thread: others lead nowhere new.

    Of several the first that happens more than once in a process.
    """
    ways: dict[tuple[int, bool], Call] = {}
    for call in calls:
        key = call.target, call.offloads
        if call.target in relevant and (key not in ways or (ways[key].is_open and not call.is_open)):
            ways[key] = call
    return tuple(ways.values())


def _behind(here: Came, handed: list[tuple[int, Call]]) -> Came:
    """Return where the search in other threads starts: from the way that led to the hand-over."""
    came: Came = dict(here)
    for caller, call in handed:
        if call.target not in here:
            came.setdefault(call.target, (caller, call))
    return came


class _Collected:
    """What one search has found, by sink and place; `ways` are the calls that led to each instance with sinks."""

    def __init__(self, graph: Graph, role: str, ways: dict[int, _Way]) -> None:
        self.found: dict[tuple[str, str, int], Witness] = {}
        self._graph, self._role, self._ways = graph, role, ways

    def collect(self, instance: int, came: Came, context: Context) -> None:
        """Add the sinks of an instance that the search has come to."""
        symbol = self._graph.symbol(instance)
        way = self._way(instance, came)
        for call in self._graph.sinks[instance]:
            where = Context.OFFLOADED if call.offloads else context
            key = (call.sink, symbol, call.site.line)
            known = self.found.get(key)
            if known is None or (known.context is Context.OFFLOADED and where is not Context.OFFLOADED):
                in_loop, is_open = way.in_loop, False
                if call.parameter is not None:
                    in_loop, is_open = self._handed(instance, call.parameter, came)
                self.found[key] = self._witness(
                    instance, call, way._replace(in_loop=in_loop, is_wide=way.is_wide or is_open), where
                )

    def _handed(self, instance: int, origin: Origin, came: Came) -> tuple[bool, bool]:
        """Return of a query set that was handed in whether each round of a loop brings one, and whether it has its rows."""
        graph, state, in_loop = self._graph, self._graph.state, False
        while (arrival := came[instance]) is not None:
            caller, call = arrival
            scopes = state.program.scopes
            own = given(state, call.site, scopes[graph.scope(instance)], origin)
            if own is None:
                return in_loop or self._way(instance, came).in_loop, False
            assert isinstance(call.site.key, int), "it is a call: something was given"
            outer = state.instances[call.site.instance].scope
            in_loop = in_loop or (call.in_loop and not is_kept(scopes[outer], call.site.key, own))
            if is_asked_before(state, call.site, own, graph.evaluated):
                return in_loop, True
            if outer != graph.scope(caller):
                return in_loop or self._way(caller, came).in_loop, False
            origin, instance = own, caller
        return in_loop, False

    def _way(self, instance: int, came: Came) -> _Way:
        missing: list[tuple[int, int, Call]] = []
        while instance not in self._ways:
            arrival = came[instance]
            assert arrival is not None, "the start is known from the beginning"
            missing.append((instance, *arrival))
            instance = arrival[0]
        way = self._ways[instance]
        for each, caller, call in reversed(missing):
            way = self._ways[each] = way.onward(self._graph.step(caller, call), call)
        return way

    def _witness(self, instance: int, call: Call, way: _Way, context: Context) -> Witness:
        graph = self._graph
        return Witness(
            sink=call.sink,
            written=call.written,
            symbol=graph.symbol(instance),
            file=graph.file(instance),
            line=call.site.line,
            column=graph.state.column(call.site),
            chain=(*way.steps, graph.step(instance, call)),
            in_loop=(call.in_loop or way.in_loop) and call.sink not in KEPT,
            context=context,
            confidence=_confidence(way, call),
            role=self._role,
            attributes=call.attributes,
            templates=call.templates,
        )


def _confidence(way: _Way, call: Call) -> Confidence:
    if call.is_open or way.is_wide:
        return Confidence.LOW
    return Confidence.HIGH if way.is_sure else Confidence.MEDIUM
