"""Which functions to change first, if only those count that block themselves: what calls them a codemod changes.

Greedy: a function is worth the more, the more routes run through it and the less these routes still need; worth is
per point. It is no optimum (that is set cover), but each step is explainable.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from bridge.analysis.model import Finding, Unit

__all__ = ["shared_functions"]

ENOUGH_GONE = 0.85  # arbitrary: at six functions and fewer each one counts


def shared_functions(
    blocking: Iterable[Finding], units: Mapping[str, tuple[int, tuple[str, ...]]]
) -> tuple[Unit, ...]:
    """Return every function of `units` (function -> points, actions), in the order in which to change them."""
    needs: dict[str, set[str]] = defaultdict(set)
    serves: dict[str, set[str]] = defaultdict(set)
    for each in blocking:
        for route in each.routes:
            needs[route].add(each.symbol)
            serves[each.symbol].add(route)
    worth = {symbol: _worth(serves[symbol], needs) for symbol in sorted(serves)}
    counted = {route: len(functions) for route, functions in needs.items()}
    ordered = []
    while worth:
        symbol = min(worth, key=lambda each: (-worth[each] / units[each][0], each))
        del worth[symbol]
        freed = []
        for route in sorted(serves[symbol]):
            needs[route].discard(symbol)
            counted[route] = _recounted(needs[route], counted[route], worth)
            if not needs[route]:
                freed.append(route)
        points, actions = units[symbol]
        ordered.append(Unit((symbol,), tuple(freed), actions, points, tuple(sorted(serves[symbol]))))
    return tuple(ordered)


def _worth(routes: Iterable[str], needs: Mapping[str, set[str]]) -> float:
    # Rounded once, at the end: a plain sum depends on the order of the set, and ties would fall differently in each run.
    return math.fsum(1 / len(needs[route]) for route in routes)


def _recounted(needed: Collection[str], counted: int, worth: dict[str, float]) -> int:
    """Make what a route still needs worth more, and return the number that it is counted by now.

    Only when a good part of it is gone: of a hundred functions, one less changes nothing but the time that this takes.
    """
    if not needed or len(needed) > counted * ENOUGH_GONE:
        return counted
    for each in needed:
        worth[each] += 1 / len(needed) - 1 / counted
    return len(needed)
