"""In what order to change functions so that routes become free.

A function must change if it blocks itself, or calls one that must. *Units* are such functions, a cycle of calls being
one unit; a unit waits for the units that it calls, so the waves go from the leaves up:

    wave 1   what blocks itself and calls nothing that does
    wave n   what calls only units of the waves before it

Within a wave those come first that serve the most routes per point.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bridge.analysis.actions import actions
from bridge.analysis.components import components
from bridge.analysis.model import Finding, PackageSwap, Plan, Severity, Unit, Wave
from bridge.analysis.requirements import normalised
from bridge.analysis.sharing import shared_functions

__all__ = ["planned"]

PASSING_ON = 1  # points: `async def` here and `await` there, which a codemod does

Calls = Mapping[str, Collection[str]]


def planned(
    findings: Iterable[Finding],
    calls: Calls,
    entries: Mapping[str, Sequence[str]],
    packages: Mapping[str, str],
) -> Plan:
    """Return the plan.

    `calls`: function -> functions that it calls in its own thread. `entries`: route id -> functions that the
    framework calls for it. `packages`: sink -> distribution.
    """
    counted = [each for each in findings if each.severity is not Severity.INFO and each.effort > 0]
    blocking = [each for each in counted if each.routes and each.symbol]
    sketch = _Sketch.of(blocking, calls, entries)
    waves = sketch.waves()
    return Plan(
        waves=waves,
        packages_first=_swaps(blocking, packages),
        critical_path=sketch.critical_path(),
        shared=shared_functions(blocking, _direct_units(blocking)),
    )


@dataclass(frozen=True, slots=True)
class _Sketch:
    """Units and what they wait for. A unit is a tuple of functions, sorted."""

    units: tuple[tuple[str, ...], ...]  # callees before callers
    waits_for: Mapping[int, frozenset[int]]
    routes: Mapping[int, int]  # as bits: thousands of units, each with up to thousands of routes
    route_ids: tuple[str, ...]  # in order: the first is bit 0
    findings: Mapping[str, list[Finding]]
    names: dict[int, tuple[str, ...]] = field(
        default_factory=dict
    )  # bits -> routes: many units have the same

    @classmethod
    def of(cls, blocking: Iterable[Finding], calls: Calls, entries: Mapping[str, Sequence[str]]) -> _Sketch:
        direct: dict[str, list[Finding]] = defaultdict(list)
        for each in blocking:
            direct[each.symbol].append(each)
        needed = _callers(direct, calls)
        units = components({name: needed & set(calls.get(name, ())) for name in sorted(needed)})
        number = {name: index for index, unit in enumerate(units) for name in unit}
        waits_for = {
            index: frozenset(
                number[callee] for name in unit for callee in calls.get(name, ()) if callee in number
            )
            - {index}
            for index, unit in enumerate(units)
        }
        route_ids = tuple(sorted({route for each in blocking for route in each.routes}))
        routes = _routes(units, waits_for, number, entries, direct=direct, route_ids=route_ids)
        return cls(units, waits_for, routes, route_ids, direct)

    def waves(self) -> tuple[Wave, ...]:
        """Return the waves, each unit with the routes that its change sets free."""
        order = self._order()
        by_wave: dict[int, list[int]] = defaultdict(list)
        for index, wave in order.items():
            by_wave[wave].append(index)
        remaining = Counter(route for routes in self.routes.values() for route in self._named(routes))
        return tuple(self._wave(wave, by_wave[wave], remaining) for wave in sorted(by_wave))

    def _named(self, routes: int) -> tuple[str, ...]:
        known = self.names.get(routes)
        if known is None:
            named = (route for bit, route in enumerate(self.route_ids) if routes >> bit & 1)
            known = self.names[routes] = tuple(named)
        return known

    def _wave(self, number: int, members: list[int], remaining: Counter[str]) -> Wave:
        units = []
        for index in sorted(members, key=self._rank):
            unit = self._unit(index)
            freed = []
            for route in unit.routes:
                remaining[route] -= 1
                if not remaining[route]:
                    freed.append(route)
            units.append(replace(unit, unblocks=tuple(freed)))
        return Wave(number, sum(unit.effort for unit in units), tuple(units))

    def _rank(self, index: int) -> tuple[float, tuple[str, ...]]:
        return -self.routes[index].bit_count() / self._effort(index), self.units[index]

    def _order(self) -> dict[int, int]:
        """Return unit -> wave; a unit that no route runs through is in none."""
        order: dict[int, int] = {}
        for index in range(len(self.units)):  # callees come first
            if self.routes[index]:
                order[index] = 1 + max(
                    (order[each] for each in self.waits_for[index] if each in order), default=0
                )
        return order

    def _unit(self, index: int) -> Unit:
        symbols = self.units[index]
        return Unit(
            symbols=symbols,
            unblocks=(),
            actions=(
                *actions(each for name in symbols for each in self.findings.get(name, ())),
                *self._awaits(index),
            ),
            effort=self._effort(index),
            routes=self._named(self.routes[index]),
        )

    def _awaits(self, index: int) -> tuple[str, ...]:
        callees = sorted(name for each in self.waits_for[index] for name in self.units[each])
        return (f"make it async def, await {', '.join(callees)}",) if callees else ()

    def _effort(self, index: int) -> int:
        return _points(each for name in self.units[index] for each in self.findings.get(name, ()))

    def critical_path(self) -> tuple[str, ...]:
        """Return the functions of the longest chain of units that wait for each other, leaves first."""
        order = self._order()
        if not order:
            return ()
        index = max(order, key=lambda each: (order[each], self.units[each]))
        path = [index]
        while any(each in order for each in self.waits_for[index]):
            index = max(
                (each for each in self.waits_for[index] if each in order),
                key=lambda each: (order[each], self.units[each]),
            )
            path.append(index)
        return tuple(name for each in reversed(path) for name in self.units[each])


def _callers(direct: Iterable[str], calls: Calls) -> set[str]:
    """Return the functions that block themselves or through what they call."""
    callers: dict[str, list[str]] = defaultdict(list)
    for caller, callees in calls.items():
        for callee in callees:
            callers[callee].append(caller)
    found = set(direct)
    pending = list(found)
    while pending:
        fresh = [each for each in callers[pending.pop()] if each not in found]
        found.update(fresh)
        pending.extend(fresh)
    return found


def _routes(
    units: Sequence[tuple[str, ...]],
    waits_for: Mapping[int, Collection[int]],
    number: Mapping[str, int],
    entries: Mapping[str, Sequence[str]],
    *,
    direct: Mapping[str, Sequence[Finding]],
    route_ids: Sequence[str],
) -> dict[int, int]:
    """Return unit -> routes that run through it, from the callers down; only routes that have a finding."""
    bits = {route: 1 << bit for bit, route in enumerate(route_ids)}
    found = [0] * len(units)
    for index, unit in enumerate(units):
        for route in {route for name in unit for each in direct.get(name, ()) for route in each.routes}:
            found[index] |= bits[route]
    for route in bits.keys() & entries.keys():
        for name in entries[route]:
            if name in number:
                found[number[name]] |= bits[route]
    for index in range(len(units) - 1, -1, -1):
        for callee in waits_for[index]:
            if not any(name in direct for name in units[callee]):  # findings know their own routes better
                found[callee] |= found[index]
    return dict(enumerate(found))


def _direct_units(blocking: Iterable[Finding]) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return function -> (points, actions) for every function that blocks itself."""
    by_symbol: dict[str, list[Finding]] = defaultdict(list)
    for each in blocking:
        by_symbol[each.symbol].append(each)
    return {symbol: (_points(group), actions(group)) for symbol, group in by_symbol.items()}


def _points(findings: Iterable[Finding]) -> int:
    dearest: dict[str, int] = {}
    for each in findings:
        dearest[each.rule] = max(dearest.get(each.rule, 0), each.effort)
    return max(PASSING_ON, sum(dearest.values()))


def _swaps(blocking: Iterable[Finding], packages: Mapping[str, str]) -> tuple[PackageSwap, ...]:
    """Return the packages that another takes the place of, the most routes per point first."""
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for each in blocking:
        new = each.replacement.package if each.replacement else ""
        old = packages.get(each.sink, "")
        if old and new and normalised(old) != normalised(new):
            groups[old, new].append(each)
    swaps = [
        PackageSwap(
            name=old,
            replacement=new,
            findings=len(group),
            routes=tuple(sorted({route for each in group for route in each.routes})),
            effort=max(each.effort for each in group),
        )
        for (old, new), group in groups.items()
    ]
    return tuple(sorted(swaps, key=lambda each: (-len(each.routes) / max(1, each.effort), each.name)))
