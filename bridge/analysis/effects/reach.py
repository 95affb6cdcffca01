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
    reached = {
        instance: {call.sink for call in sinks if not call.offloads}
        for instance, sinks in graph.sinks.items()
    }
    _spread_back(reached, callers)
    return _frozen((graph.symbol(instance), sink) for instance, sinks in reached.items() for sink in sinks)


def _spread_back(reached: dict[int, set[str]], callers: dict[int, set[int]]) -> None:
    pending = deque(reached)
    waiting = set(pending)
    while pending:
        instance = pending.popleft()
        waiting.discard(instance)
        for caller in callers[instance]:
            known = reached.setdefault(caller, set())
            if not reached[instance] <= known:
                known |= reached[instance]
                if caller not in waiting:
                    waiting.add(caller)
                    pending.append(caller)


def _frozen(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        table[key].add(value)
    return {key: frozenset(values) for key, values in sorted(table.items())}
