"""The table of routes, those with the most work first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from bridge.analysis.model import Report, RouteReport
from bridge.reports.as_terminal.style import VERDICT_STYLE, heading, table
from bridge.reports.context import RenderContext
from bridge.reports.highlights import briefly, routes_by_work
from bridge.reports.sources import printable
from bridge.reports.wording import counted

__all__ = ["route_table"]

LEAST = 20  # columns for the route
OTHERS = 46  # columns that the rest needs
WITNESSED = 18  # columns that this one needs, if it is there
KINDS = 22  # columns for two kinds of what blocks: "10 database, 1 network"
PIECE = re.compile(r"\S+ |/?[^/]+|/")  # of a route: its methods, then what stands between two slashes


def route_table(report: Report, context: RenderContext, *, most: int | None) -> Iterator[RenderableType]:
    """Yield the table with `most` rows, and how many are left out; None: all rows."""
    if not report.routes:
        return
    every = routes_by_work(report, context.witnessed)
    routes = every if most is None else _told(every)[:most]
    yield heading("Routes")
    rows = table()
    longest = max(len(route.id) for route in routes)
    rest = OTHERS + (WITNESSED if context.witnessed else 0)
    room = min(longest, max(LEAST, context.width - rest))
    rows.add_column("route", overflow="fold", width=room)
    rows.add_column("verdict", no_wrap=True)
    rows.add_column("points", justify="right", no_wrap=True)
    if context.witnessed:
        rows.add_column("witnessed", justify="right", no_wrap=True)
    rows.add_column("what blocks", overflow="fold")
    for route in routes:
        verdict = Text(route.verdict.value, style=VERDICT_STYLE[route.verdict])
        seen = [str(context.witnessed.get(route.id, "no request"))] if context.witnessed else []
        path = _lines(PIECE.findall(printable(route.id)), room)
        kinds = re.findall(r"[^,]+(?:, )?", printable(briefly(report, route, context)))
        blocking = _lines(kinds, max(KINDS, context.width - room - rest + KINDS))
        rows.add_row(Text(path), verdict, str(route.effort), *seen, Text(blocking))
    yield rows
    shown = {each.id for each in routes}
    others = [each for each in every if each.id not in shown]
    if others:
        which = "of libraries" if all(each.library for each in others) else "with less work"
        left = f"and {counted(len(others), 'route')} {which}; --output-format full has them all"
        yield Text(left, style="dim")


def _told(routes: list[RouteReport]) -> list[RouteReport]:
    """Return the routes without those of libraries in which nothing was found, where the project has some of its own."""
    told = [each for each in routes if each.findings or not each.library]
    return told if any(not each.library for each in told) else routes


def _lines(pieces: Iterable[str], width: int) -> str:
    """Return the pieces in lines of at most `width`, broken between pieces alone; a longer piece is left to rich."""
    lines = [""]
    for piece in pieces:
        if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)
