"""One line for each route and finding, `file:line:column: ...`, as compilers and linters write them."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Finding, Report, RouteReport
from bridge.reports.context import RenderContext
from bridge.reports.sources import printable
from bridge.reports.wording import one_line, points, routes_hint

__all__ = ["render"]


def render(report: Report, context: RenderContext) -> str:
    """Return the findings by place, after the routes unless `findings_only`; empty where there is neither."""
    return "".join(f"{printable(one_line(line))}\n" for line in _lines(report, context))


def _lines(report: Report, context: RenderContext) -> Iterator[str]:
    if not context.findings_only:
        for route in report.routes:
            yield f"{_place(context, route.file, route.line)} {_route(route)}"
    for finding in sorted(report.findings, key=lambda each: (each.file, each.line, each.column, each.rule)):
        yield f"{_place(context, finding.file, finding.line, finding.column)} {_finding(finding)}"


def _place(context: RenderContext, file: str, line: int, column: int = 0) -> str:
    numbers = "".join(f":{number}" for number in (line, column) if number)
    return f"{context.path(file) or '(project)'}{numbers}:"


def _route(route: RouteReport) -> str:
    return f"{route.id}: {route.verdict.value}, {points(route.effort)}"


def _finding(finding: Finding) -> str:
    routes = routes_hint(finding.routes)
    return f"{finding.rule} {finding.message}{f' [{routes}]' if routes else ''}"
