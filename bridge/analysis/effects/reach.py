"""For all functions at once: which sinks they reach, and what they call; hand-overs to threads left out."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from bridge.analysis.effects.graph import Graph

__all__ = ["calls_by_symbol", "relevant_instances", "sinks_by_symbol"]


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
