"""The table of routes, those with the most work first."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from bridge.analysis.model import Report
from bridge.reports.as_terminal.style import VERDICT_STYLE, heading, plain, table
from bridge.reports.context import RenderContext
from bridge.reports.highlights import briefly, routes_by_work

__all__ = ["route_table"]

LEAST = 20  # columns for the route
OTHERS = 50  # columns that the rest needs
WITNESSED = 18  # columns that this one needs, if it is there


def route_table(report: Report, context: RenderContext, *, most: int | None) -> Iterator[RenderableType]:
    """Yield the table with `most` rows, and how many are left out; None: all rows."""
    if not report.routes:
        return
    routes = routes_by_work(report, context.witnessed)
    yield heading("Routes")
    rows = table()
    longest = max(len(route.id) for route in routes[:most])
    rest = OTHERS + (WITNESSED if context.witnessed else 0)
    rows.add_column("route", overflow="fold", width=min(longest, max(LEAST, context.width - rest)))
    rows.add_column("verdict", no_wrap=True)
    rows.add_column("points", justify="right", no_wrap=True)
    if context.witnessed:
        rows.add_column("witnessed", justify="right", no_wrap=True)
    rows.add_column("what blocks", overflow="fold")
    for route in routes[:most]:
        verdict = Text(route.verdict.value, style=VERDICT_STYLE[route.verdict])
        seen = [str(context.witnessed.get(route.id, "no request"))] if context.witnessed else []
        rows.add_row(
            plain(route.id), verdict, str(route.effort), *seen, plain(briefly(report, route, context))
        )
    yield rows
    if most is not None and len(routes) > most:
        yield Text(
            f"and {len(routes) - most} routes with less work; --output-format full has them all", style="dim"
        )
