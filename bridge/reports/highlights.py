"""What stands out in a report: the order of its parts, and the few functions that free the most routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bridge.analysis.model import Confidence, Finding, Plan, Report, RouteReport, Unit, Verdict
from bridge.reports.context import Missed, RenderContext, RouteWitness
from bridge.reports.wording import SEVERITY_ORDER, counted

__all__ = [
    "Lever",
    "Miss",
    "briefly",
    "findings_by_weight",
    "findings_of",
    "lever",
    "misses",
    "routes_by_work",
    "routes_counted",
    "served_today",
    "shared_units",
]

FEW = 10  # functions; more than that is a plan, not a headline
CONFIDENCE_ORDER = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)


@dataclass(frozen=True, slots=True)
class Lever:
    """Functions, and the routes that are free once all of these are changed."""

    units: tuple[Unit, ...]
    routes: tuple[str, ...]

    @property
    def functions(self) -> int:
        """Return how many functions these are."""
        return sum(len(unit.symbols) for unit in self.units)


def lever(plan: Plan) -> Lever | None:
    """Return the few shared functions that free the most routes; None where no function frees any.

    They are a start of `Plan.shared`, as a unit's `unblocks` counts on everything that stands before it.
    """
    best = 0
    for number, unit in enumerate(plan.shared, start=1):
        if number > FEW and best:
            break
        if unit.unblocks:
            best = number
    free = dict.fromkeys(route for unit in plan.shared[:best] for route in unit.unblocks)
    return Lever(plan.shared[:best], tuple(free)) if free else None


def shared_units(plan: Plan) -> list[Unit]:
    """Return the units of the plan that more than one route runs through, the busiest first."""
    shared = [unit for wave in plan.waves for unit in wave.units if len(unit.routes) > 1]
    return sorted(shared, key=lambda unit: (-len(unit.routes), unit.symbols))


def routes_by_work(report: Report, witnessed: Mapping[str, RouteWitness]) -> list[RouteReport]:
    """Return the routes: those that blocked longest in a trace first, then the project's own, then by work."""
    order = list(Verdict)
    return sorted(
        report.routes,
        key=lambda route: (
            -witnessed[route.id].seconds if route.id in witnessed else 0,
            -witnessed[route.id].count if route.id in witnessed else 0,
            bool(route.library),
            -order.index(route.verdict),
            -route.effort,
            route.path,
            route.id,
        ),
    )


def routes_counted(report: Report) -> str:
    """Return "12 routes", or "544 routes (532 of libraries: wagtail 458, django 74)"."""
    libraries = Counter(each.library for each in report.routes if each.library)
    whole = counted(report.summary.routes, "route")
    named = ", ".join(f"{name} {number:,}" for name, number in libraries.most_common(FEW))
    return f"{whole} ({libraries.total():,} of libraries: {named})" if libraries else whole


ASYNC_FRAMEWORKS = frozenset({"fastapi", "starlette", "quart"})  # an ASGI server runs them, without lanes


def served_today(report: Report) -> str:
    """Return which lanes serve the routes as they are, in a sentence, and another one where there is a plan; "" for none."""
    lanes = Counter(each.lane for each in report.routes if each.framework not in ASYNC_FRAMEWORKS)
    if not lanes:
        return ""
    (first, number), *others = sorted(lanes.items(), key=lambda each: (-each[1], each[0]))
    fits = "fits" if number == 1 else "fit"
    named = [
        f"{counted(number, 'route')} {fits} the {first} lane",
        *(f"{count:,} the {lane} lane" for lane, count in others),
    ]
    listed = " and ".join([", ".join(named[:-1]), named[-1]] if others else named)
    goal = " What follows makes routes asynchronous." if report.plan.waves else ""
    return f"Unchanged, {listed} of wsgi-bridge serve.{goal}"


@dataclass(frozen=True, slots=True)
class Miss:
    """A call that only the trace saw, at one place, with all routes it was seen on."""

    sink: str
    file: str
    line: int
    routes: tuple[str, ...]
    count: int
    seconds: float


def misses(missed: Iterable[Missed]) -> list[Miss]:
    """Return what was missed by place, the slowest first."""
    groups: dict[tuple[str, str, int], list[Missed]] = {}
    for each in missed:
        groups.setdefault((each.sink, each.file, each.line), []).append(each)
    found = [
        Miss(
            *place,
            routes=tuple(dict.fromkeys(each.route for each in group)),
            count=sum(each.count for each in group),
            seconds=sum(each.seconds for each in group),
        )
        for place, group in groups.items()
    ]
    return sorted(found, key=lambda each: (-each.seconds, -each.count, each.sink, each.file, each.line))


def findings_by_weight(report: Report) -> list[Finding]:
    """Return the findings: what a trace saw most often, then by severity, certainty, routes, and place."""
    return sorted(
        report.findings,
        key=lambda each: (
            -(each.witnessed or 0),
            SEVERITY_ORDER.index(each.severity),
            CONFIDENCE_ORDER.index(each.confidence),
            -len(each.routes),
            each.file,
            each.line,
            each.column,
            each.rule,
        ),
    )


def findings_of(report: Report, route: RouteReport) -> list[Finding]:
    """Return the findings on a route's way that the report (still) has."""
    known = {each.id: each for each in report.findings}
    return [known[id_] for id_ in route.findings if id_ in known]


def briefly(report: Report, route: RouteReport, context: RenderContext) -> str:
    """Return what blocks on a route by kind, "5 database, 2 network, 1 sleep"; its first reason where nothing does."""
    kinds = Counter(
        each.category.value if each.category else context.rule(each.rule).name
        for each in findings_of(report, route)
    )
    if not kinds and route.verdict is Verdict.READY:
        return "nothing"
    if not kinds:
        return route.reasons[0] if route.reasons else ""
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
