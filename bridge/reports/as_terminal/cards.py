"""One route's card, one finding's card: the chain as a tree with source lines, what to write instead, the effort."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from bridge.analysis.model import Finding, Report, RouteReport, Step
from bridge.reports.as_terminal.next_steps import path_argument
from bridge.reports.as_terminal.style import SEVERITY_STYLE, VERDICT_STYLE, Glyphs, plain
from bridge.reports.context import RenderContext
from bridge.reports.highlights import findings_of
from bridge.reports.sources import printable
from bridge.reports.wording import (
    EFFORT_MEANING,
    VERDICT_MEANING,
    advice,
    finding_facts,
    one_line,
    points,
    routes_hint,
)

__all__ = ["finding_card", "finding_line", "route_card"]


def route_card(report: Report, route: RouteReport, context: RenderContext, glyphs: Glyphs) -> RenderableType:
    """Return everything that is known about one route."""
    style = VERDICT_STYLE[route.verdict]
    findings = findings_of(report, route)
    parts: list[RenderableType] = [
        Text.assemble(
            (printable(route.id), "bold"),
            "  ",
            (route.verdict.value, f"bold {style}"),
            f"  {points(route.effort)}",
        ),
        _facts(
            [
                ("verdict", plain(f"{VERDICT_MEANING[route.verdict]} ({route.confidence.value} confidence)")),
                *(("why" if not number else "", plain(text)) for number, text in enumerate(route.reasons)),
                ("handler", plain(f"{route.handler}  {context.path(route.file)}:{route.line}")),
                ("lane", plain(f"{route.lane}, today: {route.lane_reason}")),
                ("resolved", plain(f"{route.resolved_calls:.0%} of its calls")),
                *_own_chains(report, route, findings),
            ]
        ),
    ]
    for finding in findings:
        parts += [Text(), finding_card(finding, context, glyphs, route=route)]
    return Group(*parts, Text())


def _own_chains(
    report: Report, route: RouteReport, findings: Sequence[Finding]
) -> Iterator[tuple[str, Text]]:
    """Yield how to see the route's own chains, where a finding's shortest one begins somewhere else."""
    if any(_from_elsewhere(finding, route) for finding in findings):
        command = f"wsgi-bridge explain {shlex.quote(route.id)}{path_argument(report)}"
        yield "chains", plain(f"of this route alone: {command}")


def _from_elsewhere(finding: Finding, route: RouteReport) -> bool:
    return bool(finding.chain) and finding.chain[0].symbol != route.handler


def _facts(rows: list[tuple[str, Text]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(label, value)
    return grid


def finding_line(finding: Finding, context: RenderContext) -> RenderableType:
    """Return a finding in two lines: where and what, then on which routes and what instead."""
    routes = routes_hint(finding.routes)
    details = [f"on {routes}"] if routes else []
    details += [f"instead: {advice(finding.replacement)}"] if finding.replacement else []
    return Group(_head(finding, context), *(Padding(plain(each, "dim"), (0, 0, 0, 4)) for each in details))


def finding_card(
    finding: Finding, context: RenderContext, glyphs: Glyphs, *, route: RouteReport | None = None
) -> RenderableType:
    """Return a finding with its chain; `route`: as part of that route's card."""
    rows = [("", plain(finding_facts(finding)))]
    if finding.replacement:
        rows.append(("instead", plain(advice(finding.replacement))))
        if finding.replacement.url:
            rows.append(("", plain(finding.replacement.url)))
    rows.append(("effort", plain(_effort(finding.effort))))
    if route is None and finding.routes:
        rows.append(("routes", plain(routes_hint(finding.routes))))
    elif route and _from_elsewhere(finding, route):
        rows.append(("chain", plain("the shortest one to this call; this route may take another")))
    return Group(
        _head(finding, context),
        Padding(_facts(rows), (0, 0, 0, 2)),
        Padding(_tree(finding, context, glyphs), (0, 0, 0, 2)),
    )


def _head(finding: Finding, context: RenderContext) -> Text:
    place = context.path(finding.file)
    numbers = "".join(f":{number}" for number in (finding.line, finding.column) if number)
    return Text.assemble(
        (printable(f"{place}{numbers}"), "bold"),
        " " if place else "",
        (printable(finding.rule), SEVERITY_STYLE[finding.severity]),
        " ",
        printable(one_line(finding.message)),
    )


def _effort(effort: int) -> str:
    meaning = EFFORT_MEANING.get(effort)
    return f"{points(effort)}: {meaning}" if meaning else points(effort)


def _tree(finding: Finding, context: RenderContext, glyphs: Glyphs) -> RenderableType:
    steps = finding.chain or (Step(finding.symbol, finding.file, finding.line),)
    tree = branch = Tree(_step(steps[0], context, glyphs))
    for step in steps[1:]:
        branch = branch.add(_step(step, context, glyphs))
    branch.add(plain(finding.sink, "bold"))
    return tree


def _step(step: Step, context: RenderContext, glyphs: Glyphs) -> RenderableType:
    place = f"{context.path(step.file)}:{step.line}" if step.file else ""
    title = Text.assemble((printable(step.symbol), "bold"), "  ", (printable(place), "dim"))
    return Group(title, *_excerpt(step, context, glyphs))


def _excerpt(step: Step, context: RenderContext, glyphs: Glyphs) -> Iterator[Text]:
    lines = context.sources.excerpt(step.file, step.line, before=1, after=1)
    width = len(str(lines[-1].number)) if lines else 0
    for line in lines:
        mark, style = (glyphs.pointer, "") if line.marked else (" ", "dim")
        yield Text.assemble(
            (f"{mark} {line.number:>{width}} {glyphs.bar} ", "dim" if not line.marked else "bold"),
            (line.text, style),
            no_wrap=True,
            overflow="ellipsis" if glyphs.bar == "│" else "crop",
        )
