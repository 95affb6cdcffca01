"""The plan alone, as text: headline, packages, shared functions, waves."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Plan, Report, Unit, Verdict
from bridge.reports.highlights import lever
from bridge.reports.sources import printable
from bridge.reports.wording import actions_together, counted, points

__all__ = ["plan_as_text"]

MOST_ROUTES = 3  # named behind a function


def plan_as_text(report: Report, *, most: int | None = None) -> str:
    """Return the plan of a report for people, without colour and at any width; of each wave `most` units (None: all)."""
    waves = _waves(report.plan, most)
    lines = [*_verdicts(report), *_headline(report.plan), *_packages(report.plan), *waves]
    return "\n".join(printable(line) for line in lines).strip("\n") + "\n"


def _verdicts(report: Report) -> Iterator[str]:
    counts = [f"{report.summary.verdicts.get(each, 0)} {each.value}" for each in Verdict]
    yield f"{counted(report.summary.routes, 'route')}: {', '.join(counts)}"
    yield ""


def _headline(plan: Plan) -> Iterator[str]:
    found = lever(plan)
    if found is None:
        yield "Nothing has to change." if not plan.waves else "No single function frees a route."
        yield ""
        return
    yield f"Change {counted(found.functions, 'function')} and {counted(len(found.routes), 'route')} are free:"
    yield ""
    for number, unit in enumerate(found.units, start=1):
        yield f"  {number}. {', '.join(unit.symbols)}  ({points(unit.effort)}, {_routes(unit.routes)})"
        yield from (f"       {action}" for action in actions_together(unit.actions))
    yield ""


def _packages(plan: Plan) -> Iterator[str]:
    if plan.packages_first:
        yield "Packages first:"
        yield ""
        for swap in plan.packages_first:
            yield f"  {swap.name} -> {swap.replacement}  ({points(swap.effort)}, {_routes(swap.routes)})"
        yield ""


def _waves(plan: Plan, most: int | None) -> Iterator[str]:
    for wave in plan.waves:
        yield f"Wave {wave.order}: {points(wave.effort)}"
        yield ""
        yield from (line for unit in wave.units[:most] for line in _unit(unit))
        left = wave.units[len(wave.units) if most is None else most :]
        if left:
            effort = points(sum(unit.effort for unit in left))
            yield f"  and {counted(len(left), 'more unit')}, {effort}: --output-file PLAN.md has them all"
        yield ""
    if plan.critical_path:
        yield f"The longest chain: {' < '.join(plan.critical_path)}"


def _unit(unit: Unit) -> Iterator[str]:
    frees = f", frees {_named(unit.unblocks)}" if unit.unblocks else ""
    yield f"  {', '.join(unit.symbols)}  ({points(unit.effort)}{frees})"
    yield from (f"       {action}" for action in actions_together(unit.actions))


def _routes(routes: tuple[str, ...]) -> str:
    return counted(len(routes), "route")


def _named(routes: tuple[str, ...]) -> str:
    more = len(routes) - MOST_ROUTES
    return ", ".join(routes[:MOST_ROUTES]) + (f" and {more} more" if more > 0 else "")
