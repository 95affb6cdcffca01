"""For all functions at once: which sinks they reach, and what they call; hand-overs to threads left out."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bridge.analysis.effects.graph import Graph

__all__ = ["ReachableScopes", "calls_by_symbol", "relevant_instances", "sinks_by_symbol"]


def relevant_instances(graph: Graph) -> set[int]:
    """Return the instances that reach a sink, in their own thread or another."""
    callers: dict[int, list[int]] = defaultdict(list)
    for caller, calls in graph.calls.items():
        for call in calls:
            callers[call.target].append(caller)
    found = set(graph.sinks)
    pending = list(found)
    while pending:
        fresh = [each for each in callers[pending.pop()] if each not in found]
        found.update(fresh)
        pending.extend(fresh)
    return found


class ReachableScopes:
    """The scopes that each instance leads to, its own among them. `targets`: instance -> those that it calls.

    What calls each other in a circle leads to the same, so it is found once (Tarjan's strongly connected components);
    sets are bits, as tens of thousands of instances lead to hundreds of scopes each.
    """

    def __init__(self, targets: Mapping[int, Iterable[int]], scopes: Sequence[int]) -> None:
        self._targets, self._scopes = targets, scopes
        self._bits: dict[int, int] = {}  # scope -> its bit, in the order in which they are come to
        self._numbered: list[int] = []
        self._reached: dict[int, int] = {}

    def of(self, start: int) -> frozenset[int]:
        """Return the scopes that `start` leads to."""
        if start not in self._reached:
            self._search(start)
        bits, found = self._reached[start], []
        while bits:
            lowest = bits & -bits
            found.append(self._numbered[lowest.bit_length() - 1])
            bits ^= lowest
        return frozenset(found)

    def _bit(self, instance: int) -> int:
        scope = self._scopes[instance]
        bit = self._bits.get(scope)
        if bit is None:
            bit = self._bits[scope] = 1 << len(self._numbered)
            self._numbered.append(scope)
        return bit

    def _search(self, start: int) -> None:
        reached = self._reached
        order: dict[int, int] = {}  # instance -> when it was come to
        lowest: dict[int, int] = {}  # instance -> the first in its circle, as far as it is known
        bits: dict[int, int] = {}
        circle: list[int] = []
        path: list[tuple[int, Iterator[int]]] = [(start, iter(()))]
        while path:
            instance, onward = path[-1]
            if instance not in order:
                order[instance] = lowest[instance] = len(order)
                bits[instance] = 0
                circle.append(instance)
                onward = iter(self._targets.get(instance, ()))
                path[-1] = instance, onward
            for each in onward:
                if each in reached:
                    bits[instance] |= reached[each]
                elif each not in order:
                    path.append((each, iter(())))
                    break
                else:
                    lowest[instance] = min(lowest[instance], order[each])
            else:
                path.pop()
                mine = bits[instance] = bits[instance] | self._bit(instance)
                if lowest[instance] == order[instance]:
                    while (each := circle.pop()) != instance:
                        reached[each] = mine
                    reached[instance] = mine
                if path:
                    above = path[-1][0]
                    bits[above] |= mine
                    lowest[above] = min(lowest[above], lowest[instance])


def calls_by_symbol(graph: Graph) -> dict[str, frozenset[str]]:
    """Return function -> the project's functions that it calls."""
    return _frozen(
        (graph.symbol(caller), graph.symbol(call.target))
        for caller, calls in graph.calls.items()
        for call in calls
        if not call.offloads
    )


def sinks_by_symbol(graph: Graph) -> dict[str, frozenset[str]]:
    """Return function -> the sinks that it reaches, itself or through what it calls."""
    callers: dict[int, set[int]] = defaultdict(set)
    for caller, calls in graph.calls.items():
        for call in calls:
            if not call.offloads:
                callers[call.target].add(caller)
    # Sets of sinks as bits: tens of thousands of instances reach hundreds of sinks each.
    names: dict[str, int] = {}
    reached: dict[int, int] = {}
    for instance, sinks in graph.sinks.items():
        reached[instance] = 0
        for call in sinks:
            if not call.offloads:
                reached[instance] |= 1 << names.setdefault(call.sink, len(names))
    _spread_back(reached, callers)
    by_symbol: dict[str, int] = {}
    for instance, bits in reached.items():
        symbol = graph.symbol(instance)
        by_symbol[symbol] = by_symbol.get(symbol, 0) | bits
    return {
        symbol: frozenset(name for name, number in names.items() if bits >> number & 1)
        for symbol, bits in sorted(by_symbol.items())
        if bits
    }


def _spread_back(reached: dict[int, int], callers: dict[int, set[int]]) -> None:
    pending = deque(reached)
    waiting = set(pending)
    while pending:
        instance = pending.popleft()
        waiting.discard(instance)
        for caller in callers[instance]:
            known = reached.get(caller, 0)
            if reached[instance] & ~known:
                reached[caller] = known | reached[instance]
                if caller not in waiting:
                    waiting.add(caller)
                    pending.append(caller)


def _frozen(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        table[key].add(value)
    return {key: frozenset(values) for key, values in sorted(table.items())}
