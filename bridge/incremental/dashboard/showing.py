"""What the pages show of each route, worked out from the store, the rules and the report. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge.incremental.compare import is_ignored
from bridge.incremental.counters import LATENCY_BUCKETS, bucket_bound
from bridge.incremental.dashboard.analysed import VERDICTS, AnalysedRoute, rules_of
from bridge.incremental.guard import reason_to_roll_back
from bridge.incremental.overview import RouteStatus
from bridge.incremental.rules import DEFAULT_ROUTE, GuardBounds, Mode
from bridge.incremental.table import RuleTable

__all__ = ["MODES", "Bars", "Canary", "Row", "Step", "histogram", "mode_of", "progress", "rows_of"]

MODES = tuple(
    str(mode) for mode in (Mode.LEGACY, Mode.SHADOW, Mode.CANARY, Mode.DARK, Mode.FALLBACK, Mode.MODERN)
)
UNKNOWN = "unknown"  # the rules stand in the program, and it was not asked
LADDER = (5.0, 25.0)  # per cent of the clients; arbitrary, and only a proposal


@dataclass(frozen=True, slots=True)
class Canary:
    """How modern does beside legacy: `trouble` is what the guard would say, `missing` how many answers lack."""

    trouble: str | None
    missing: int
    guarded: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next with a route: a setting, None where all that is to do is to wait or to repair; and why."""

    setting: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """One rule with all that is known of it; `analysed` are the report's routes that go by it."""

    status: RouteStatus
    analysed: tuple[AnalysedRoute, ...]
    canary: Canary | None

    @property
    def mode(self) -> str:
        """Return its mode without the percentage."""
        return mode_of(self.status.setting)

    def ignores(self, field: str) -> bool:
        """Tell whether a field is not compared any more, by its rule or because somebody said so."""
        return is_ignored(field, (*self.status.ignored_by_rule, *self.status.ignored))

    @property
    def verdicts(self) -> list[tuple[str, int]]:
        """Return the analyser's verdicts of its routes, with how many have each."""
        counted = Counter(route.verdict for route in self.analysed)
        return sorted(counted.items(), key=lambda entry: _order(entry[0]))

    @property
    def cheapest_first(self) -> list[AnalysedRoute]:
        """Return its routes, those first that cost the least."""
        return sorted(self.analysed, key=lambda route: (route.effort, route.path))

    @property
    def effort(self) -> int:
        """Return the points of all its routes."""
        return sum(route.effort for route in self.analysed)

    @property
    def step(self) -> Step:
        """Return what to do next."""
        if self.status.route == DEFAULT_ROUTE:
            return Step(
                None, "Write a rule for the next route that is to move: it is in force within a second."
            )
        return _NEXT.get(self.mode, _begin)(self)


def mode_of(setting: str | None) -> str:
    """Return "canary" for "canary:5"."""
    return (setting or UNKNOWN).partition(":")[0]


def _order(verdict: str) -> int:
    return VERDICTS.index(verdict) if verdict in VERDICTS else len(VERDICTS)


def rows_of(
    statuses: Sequence[RouteStatus], analysed: Sequence[AnalysedRoute], table: RuleTable | None
) -> list[Row]:
    """Return a row for each status; `table` has the guards, None where the rules are not known."""
    mine: dict[str, list[AnalysedRoute]] = {}
    names = tuple(status.route for status in statuses)
    for route, rules in zip(analysed, rules_of(tuple(analysed), names), strict=True):
        for rule in rules:
            mine.setdefault(rule, []).append(route)
    return [Row(status, tuple(mine.get(status.route, ())), _canary(status, table)) for status in statuses]


def _canary(status: RouteStatus, table: RuleTable | None) -> Canary | None:
    if mode_of(status.setting) != "canary":
        return None
    rule = None if table is None else table.rules.get(status.route, table.default)
    guard = None if rule is None else rule.guard
    bounds = guard or GuardBounds()
    trouble = reason_to_roll_back(bounds, status.legacy, status.modern)
    # What modern was asked for comparison only says nothing of how visitors fare with it.
    visitors = max(status.modern.requests - status.verdict.compared, 0)
    return Canary(trouble, max(bounds.min_requests - visitors, 0), guard is not None)


# ---------------------------------------------------------------- what to do next


def _begin(_: Row) -> Step:
    return Step("shadow", "Visitors go on getting legacy's answers; modern is asked too, and compared.")


def _from_shadow(row: Row) -> Step:
    verdict = row.status.verdict
    if verdict.ready:
        return Step(f"canary:{LADDER[0]:g}", "It answers as legacy does. Let a few visitors have it.")
    if verdict.differing:
        return Step(
            None, "Repair what differs or ignore it, forget what was counted, and have it compared again."
        )
    if verdict.different and row.status.ignored:
        return Step(
            None, "What was counted speaks of a field that is ignored now. Forget it, and it is judged anew."
        )
    return Step(None, "Have more requests compared: it gets surer with each.")


def _from_canary(row: Row) -> Step:
    percent = float((row.status.setting or "").partition(":")[2] or 0)
    if row.canary is not None and row.canary.trouble:
        return Step("legacy", "Visitors are worse off with modern than with legacy.")
    verdict = row.status.verdict
    if verdict.differing and not verdict.ready:
        return Step(None, "Its answers were not legacy's: look at what differs before more visitors have it.")
    if row.canary is not None and row.canary.missing:
        return Step(None, f"Wait for {row.canary.missing} more answers of modern.")
    higher = next((f"canary:{step:g}" for step in LADDER if step > percent), "modern")
    return Step(higher, "No more errors than legacy, and no slower.")


def _from_dark(row: Row) -> Step:
    if row.status.verdict.ready:
        return Step("modern", "It answers as legacy does; legacy need not be asked any more.")
    return _from_shadow(row)


def _moved(_: Row) -> Step:
    return Step(None, "It has moved. When nobody misses it, its code in the legacy application can go.")


def _fallen_back(row: Row) -> Step:
    status = row.status
    if status.fell or not status.modern.requests:
        return Step(None, f"{status.fell} requests so far were for something that only legacy has.")
    return Step("modern", "Legacy was not needed once.")


_NEXT = {
    "shadow": _from_shadow,
    "canary": _from_canary,
    "dark": _from_dark,
    "modern": _moved,
    "fallback": _fallen_back,
}


# ---------------------------------------------------------------- progress


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar of several parts, each with its mode, its number, and where it begins and how long it is, of 100."""

    label: str
    total: int
    parts: tuple[tuple[str, int, float, float], ...]

    def number(self, mode: str) -> int:
        """Return how many are in a mode."""
        return next((number for name, number, *_ in self.parts if name == mode), 0)


def progress(rows: Sequence[Row]) -> tuple[Bars, list[Bars]]:
    """Return how many routes are in each mode: of all, and of each of the analyser's verdicts.

    Counted are the report's routes; without a report the rules, of which the last is for all other routes. A
    route whose methods go by several rules is where the one that has moved least is.
    """
    modes: dict[AnalysedRoute, str] = {}
    for row in rows:
        for route in row.analysed:
            modes[route] = min(modes.get(route, row.mode), row.mode, key=_moved_as_far_as)
    if not modes:
        return _bars("routes", [row.mode for row in rows]), []
    found = sorted({route.verdict for route in modes}, key=_order)
    by_verdict = [
        _bars(verdict, [mode for route, mode in modes.items() if route.verdict == verdict])
        for verdict in found
    ]
    return _bars("routes", list(modes.values())), by_verdict


def _moved_as_far_as(mode: str) -> int:
    return MODES.index(mode) if mode in MODES else -1


def _bars(label: str, modes: Sequence[str]) -> Bars:
    counted, parts, start = Counter(modes), [], 0.0
    for mode in (*reversed(MODES), UNKNOWN):
        if counted[mode]:
            share = counted[mode] / len(modes) * 100
            parts.append((mode, counted[mode], start, share))
            start += share
    return Bars(label, len(modes), tuple(parts))


# ---------------------------------------------------------------- latency


def histogram(counters: Mapping[str, int]) -> tuple[list[tuple[float, float]], float, float] | None:
    """Return legacy's and modern's share of answers in each bucket, and from when to when, in seconds.

    The shares are of the highest of all. None where nobody has answered yet.
    """
    sides = [_buckets(counters, side) for side in ("legacy", "modern")]
    used = {bucket for side in sides for bucket in side}
    if not used:
        return None
    first, last = max(min(used) - 1, 0), min(max(used) + 1, LATENCY_BUCKETS)
    highest = max(share for side in sides for share in side.values())
    columns = [
        (sides[0].get(bucket, 0.0) / highest, sides[1].get(bucket, 0.0) / highest)
        for bucket in range(first, last + 1)
    ]
    return columns, bucket_bound(first - 1) if first else 0.0, bucket_bound(last)


def _buckets(counters: Mapping[str, int], side: str) -> dict[int, float]:
    prefix = f"{side}.latency."
    found = {
        int(name.removeprefix(prefix)): number for name, number in counters.items() if name.startswith(prefix)
    }
    total = sum(found.values())
    return {bucket: number / total for bucket, number in found.items() if number}
