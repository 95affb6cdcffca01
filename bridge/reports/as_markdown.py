"""The report as Markdown (GitHub's and GitLab's), short enough to be pasted into a ticket or a comment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bridge.analysis.model import Finding, Plan, Report, RouteReport, Step, Unit, Verdict
from bridge.reports.context import RenderContext
from bridge.reports.highlights import (
    briefly,
    findings_by_weight,
    findings_of,
    lever,
    misses,
    routes_by_work,
    routes_counted,
    served_today,
    shared_units,
)
from bridge.reports.matching import matching_routes
from bridge.reports.progress import change_text, changes, milestones
from bridge.reports.sources import printable
from bridge.reports.wording import (
    EFFORT_MEANING,
    VERDICT_MEANING,
    actions_together,
    advice,
    counted,
    finding_facts,
    one_line,
    points,
    routes_hint,
)

__all__ = ["code", "plan_as_markdown", "render", "text"]

MOST = 60_000  # characters: a comment on GitHub takes 65,536
MOST_FUNCTIONS = 10
MOST_CHANGES = 20  # routes
MOST_MISSES = 20
# What starts markup, a mention or a reference to an issue.
SPECIAL = re.compile(r"([\\`*_\[\]<>#|~@&$])")
NAME = re.compile(r"((?:\w[\w-]*[./])+\w+(?::\d+)?)")  # of a function, or a place: shop/db.py:7


def render(report: Report, context: RenderContext) -> str:
    """Return summary, functions, packages, plan, routes; a route's card or the findings alone, as the context asks.

    What does not fit into a comment is left out, and the text says how much.
    """
    if context.route is not None:
        cards = (_route(report, each, context) for each in matching_routes(report, context.route))
        return _document(line for card in cards for line in (*card, ""))
    if context.findings_only:
        return _document(_fitting(_findings_head(report), _finding_rows(report, context), "finding"))
    head = [
        *_summary(report, context),
        *_progress(report, context),
        *_functions(report.plan),
        *_packages(report.plan),
        *_waves(report),
    ]
    tail = [*_misses(context), *_doubts(report, context)]
    room = MOST - sum(len(line) + 1 for line in tail)
    return _document(
        [
            *_fitting([*head, *_routes_head(report, context)], _route_rows(report, context), "route", room),
            *tail,
        ]
    )


def plan_as_markdown(plan: Plan) -> str:
    """Return the plan with every unit, as a list of things to tick off."""
    return _document([*_packages(plan), *_units_by_wave(plan)])


def text(value: str) -> str:
    """Return project text so that it reads as it is: nothing in it is markup."""
    return SPECIAL.sub(r"\\\1", printable(one_line(value)))


def code(value: str) -> str:
    """Return project text as code; safe in a table."""
    plain = printable(one_line(value)).replace("|", "\\|") or " "
    fence = "`" * (max(map(len, re.findall("`+", plain)), default=0) + 1)
    space = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{space}{plain}{space}{fence}"


def _document(lines: Iterable[str]) -> str:
    return re.sub("\n{3,}", "\n\n", "\n".join(lines).strip("\n")) + "\n"


def _fitting(head: Sequence[str], rows: Sequence[str], noun: str, room: int = MOST) -> list[str]:
    used = sum(len(line) + 1 for line in head) + 100  # for the last line
    shown: list[str] = []
    for row in rows:
        used += len(row) + 1
        if used > room:
            break
        shown.append(row)
    left = len(rows) - len(shown)
    return [*head, *shown, *(["", f"and {counted(left, f'more {noun}')}"] if left else []), ""]


def _summary(report: Report, context: RenderContext) -> Iterator[str]:
    project, numbers = report.project, report.summary
    yield f"# Migration report of {text(context.title(report))}"
    yield ""
    frameworks = ", ".join(map(text, project.frameworks)) or "no framework"
    yield (
        f"{frameworks}, {counted(project.files, 'file')}, {counted(project.lines, 'line')}, "
        f"{numbers.resolved_calls:.1%} of calls resolved: **{text(routes_counted(report))}**, "
        f"{counted(numbers.findings, 'finding')}, {points(numbers.effort)} of effort."
    )
    yield from _table("verdict", "routes", "meaning")
    for verdict in Verdict:
        yield f"| {verdict.value} | {numbers.verdicts.get(verdict, 0)} | {VERDICT_MEANING[verdict]} |"
    yield ""
    yield served_today(report)
    yield ""


def _progress(report: Report, context: RenderContext) -> Iterator[str]:
    if context.history:
        yield "## Progress"
        yield from _table("report", "routes", "ready", "findings", "points")
        for each in milestones(report, context.history):
            numbers = each.summary
            yield f"| {text(each.label)} | {numbers.routes} | {each.ready} | {numbers.findings} | {numbers.effort} |"
        yield ""
        moved = changes(context.history[-1].report, report)
        yield from (f"- {code(each.route)}: {change_text(each, '→')}" for each in moved[:MOST_CHANGES])
        yield from ([f"- and {len(moved) - MOST_CHANGES} more"] if len(moved) > MOST_CHANGES else [])
        yield ""


def _table(*names: str) -> list[str]:
    return ["", f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]


def _functions(plan: Plan) -> Iterator[str]:
    found = lever(plan)
    if found:
        some = "this function" if found.functions == 1 else f"these {counted(found.functions, 'function')}"
        free = "route is" if len(found.routes) == 1 else "routes are"
        yield f"## Change {some} and {len(found.routes)} {free} free"
        yield from _unit_rows(found.units)
    elif shared := shared_units(plan):
        yield "## Functions that most routes share"
        yield from _unit_rows(shared)
    yield ""


def _unit_rows(units: Sequence[Unit]) -> Iterator[str]:
    yield from _table("function", "points", "routes", "what to do")
    for unit in units[:MOST_FUNCTIONS]:
        symbols = ", ".join(map(code, unit.symbols[:3])) + (", ..." if len(unit.symbols) > 3 else "")
        yield f"| {symbols} | {unit.effort} | {len(unit.routes)} | {_actions(unit)} |"
    if len(units) > MOST_FUNCTIONS:
        yield ""
        yield f"and {len(units) - MOST_FUNCTIONS} more"


def _actions(unit: Unit) -> str:
    """Return what to do, with names and places as code: a tracker that shows the source shows no backslashes."""
    parts = NAME.split("; ".join(actions_together(unit.actions)).replace(" -> ", " → "))
    return "".join(code(each) if index % 2 else _text_between(each) for index, each in enumerate(parts))


def _text_between(value: str) -> str:
    """Return `text(value)` with the spaces at its ends, which stand beside code."""
    return SPECIAL.sub(r"\\\1", printable(value))


def _packages(plan: Plan) -> Iterator[str]:
    if plan.packages_first:
        yield "## Packages to swap first"
        yield from _table("package", "replacement", "points", "routes", "findings")
        for swap in plan.packages_first:
            yield (
                f"| {code(swap.name)} | {code(swap.replacement)} | {swap.effort} | {len(swap.routes)} "
                f"| {swap.findings} |"
            )
        yield ""


def _waves(report: Report) -> Iterator[str]:
    if report.plan.waves:
        yield "## Plan by wave"
        yield from _table("wave", "functions", "points", "frees")
        for wave in report.plan.waves:
            functions = sum(len(unit.symbols) for unit in wave.units)
            free = {route for unit in wave.units for route in unit.unblocks}
            yield f"| {wave.order} | {functions} | {wave.effort} | {counted(len(free), 'route')} |"
        yield ""


def _units_by_wave(plan: Plan) -> Iterator[str]:
    for wave in plan.waves:
        yield f"## Wave {wave.order}: {points(wave.effort)}"
        yield ""
        for unit in wave.units:
            frees = f", frees {counted(len(unit.unblocks), 'route')}" if unit.unblocks else ""
            yield f"- [ ] {', '.join(map(code, unit.symbols))} ({points(unit.effort)}{frees})"
            yield from (f"    - {text(action)}" for action in actions_together(unit.actions))
        yield ""


# ---------------------------------------------------------------- routes and findings


def _routes_head(report: Report, context: RenderContext) -> list[str]:
    seen = ["witnessed"] if context.witnessed else []
    return ["## Routes", *_table("route", "verdict", "points", *seen, "what blocks")] if report.routes else []


def _route_rows(report: Report, context: RenderContext) -> list[str]:
    return [_route_row(report, each, context) for each in routes_by_work(report, context.witnessed)]


def _route_row(report: Report, route: RouteReport, context: RenderContext) -> str:
    seen = [str(context.witnessed.get(route.id, "no request"))] if context.witnessed else []
    cells = [
        code(route.id),
        route.verdict.value,
        str(route.effort),
        *seen,
        text(briefly(report, route, context)),
    ]
    return f"| {' | '.join(cells)} |"


def _findings_head(report: Report) -> list[str]:
    total = counted(len(report.findings), "finding") if report.findings else "No findings"
    return [f"# {total}", *(_table("place", "rule", "what", "routes", "instead") if report.findings else [])]


def _finding_rows(report: Report, context: RenderContext) -> list[str]:
    return [_finding_row(each, context) for each in findings_by_weight(report)]


def _finding_row(finding: Finding, context: RenderContext) -> str:
    instead = text(advice(finding.replacement)) if finding.replacement else ""
    place = code(_place(context, finding.file, finding.line))
    return f"| {place} | {finding.rule} | {text(finding.message)} | {text(routes_hint(finding.routes))} | {instead} |"


def _place(context: RenderContext, file: str, line: int) -> str:
    return f"{context.path(file)}:{line}" if line else context.path(file)


def _route(report: Report, route: RouteReport, context: RenderContext) -> Iterator[str]:
    yield f"# {code(route.id)}: {route.verdict.value}, {points(route.effort)}"
    yield ""
    yield f"{VERDICT_MEANING[route.verdict].capitalize()} ({route.confidence.value} confidence)."
    yield ""
    yield from (f"- {text(reason)}" for reason in route.reasons)
    yield f"- handler {code(route.handler)}, {code(_place(context, route.file, route.line))}"
    yield f"- lane today: {route.lane}, {text(route.lane_reason)}; {route.resolved_calls:.0%} of its calls resolved"
    for finding in findings_of(report, route):
        yield from _card(finding, context)


def _card(finding: Finding, context: RenderContext) -> Iterator[str]:
    yield ""
    yield f"## {finding.rule}: {text(finding.message)}"
    yield ""
    yield f"{finding_facts(finding).capitalize()}."
    yield ""
    if finding.replacement:
        yield f"- instead: {text(advice(finding.replacement))}"
    meaning = EFFORT_MEANING.get(finding.effort, "")
    yield f"- effort: {points(finding.effort)}{f', {meaning}' if meaning else ''}"
    for number, step in enumerate(finding.chain, start=1):
        yield ""
        yield f"{number}. {code(step.symbol)}, {code(_place(context, step.file, step.line))}"
        yield from _excerpt(step, context)


def _excerpt(step: Step, context: RenderContext) -> Iterator[str]:
    lines = context.sources.excerpt(step.file, step.line, before=1, after=1)
    if lines:
        fence = "`" * max(
            3, 1 + max(map(len, re.findall("`+", "".join(each.text for each in lines))), default=0)
        )
        yield ""
        yield f"   {fence}python"
        yield from (f"   {each.text}" for each in lines)
        yield f"   {fence}"


# ---------------------------------------------------------------- what the report cannot vouch for


def _misses(context: RenderContext) -> Iterator[str]:
    found = misses(context.missed)
    if found:
        yield "## Witnessed by the trace, not found by the analysis"
        yield from _table("call", "place", "times", "seconds", "routes")
        for each in found[:MOST_MISSES]:
            place = code(_place(context, each.file, each.line))
            yield f"| {code(each.sink)} | {place} | {each.count} | {each.seconds:.3f} | {text(routes_hint(each.routes))} |"
        yield from (["", f"and {len(found) - MOST_MISSES} more"] if len(found) > MOST_MISSES else [])
        yield ""


def _doubts(report: Report, context: RenderContext) -> Iterator[str]:
    groups: list[tuple[str, str, Sequence[str]]] = [
        ("part of the analysis failed", "parts of the analysis failed", report.crashed),
        (
            "file could not be read",
            "files could not be read",
            [
                f"{_place(context, each.file, each.line)}: {each.message}"
                for each in report.project.python_errors
            ],
        ),
        ("thing could not be followed", "things could not be followed", report.unread),
    ]
    for one, many, texts in groups:
        if texts:
            yield f"{counted(len(texts), one, many)}:"
            yield ""
            yield from (f"- {text(each)}" for each in texts[:10])
            yield from (["- ..."] if len(texts) > 10 else [])
            yield ""
