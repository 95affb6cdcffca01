"""The report on a terminal: `rich`, a summary and the routes; `full`, every finding with its source lines too.

The only importer of rich among the reports. Text comes back with colour codes only where `RenderContext.color` asks
for them; line drawing is ASCII where the encoding has no other.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.text import Text

from bridge.analysis.model import Report
from bridge.reports.as_terminal.cards import finding_card, finding_line, route_card
from bridge.reports.as_terminal.next_steps import next_steps
from bridge.reports.as_terminal.routes import route_table
from bridge.reports.as_terminal.style import Glyphs
from bridge.reports.as_terminal.summary import findings_total, notes, summary
from bridge.reports.context import RenderContext
from bridge.reports.highlights import findings_by_weight
from bridge.reports.matching import matching_routes

__all__ = ["render", "render_full"]

RESET = "\x1b[0m"
LINE_END = re.compile(r"(?: |\x1b\[0m)+$", re.MULTILINE)
MOST_ROUTES = 60  # rows; a longer table pushes the summary off every screen


def render(report: Report, context: RenderContext) -> str:
    """Return the summary and the routes; one route's card with `context.route`; findings with `findings_only`."""
    return _printed(_parts(report, context, full=False), context)


def render_full(report: Report, context: RenderContext) -> str:
    """Return the same with every route and, for every finding, its chain and source lines."""
    return _printed(_parts(report, context, full=True), context)


def _parts(report: Report, context: RenderContext, *, full: bool) -> Iterator[RenderableType]:
    glyphs = Glyphs.of(context.encoding)
    if context.route is not None:
        for route in matching_routes(report, context.route):
            yield route_card(report, route, context, glyphs)
        return
    if not context.findings_only:
        yield from summary(report, context, glyphs)
        yield from route_table(report, context, most=None if full else MOST_ROUTES)
    if full:
        for finding in findings_by_weight(report):
            yield Text()
            yield finding_card(finding, context, glyphs)
    elif context.findings_only:
        yield from (finding_line(each, context) for each in findings_by_weight(report))
    if context.findings_only:
        yield from findings_total(report)
    yield from notes(report, context, full=full)
    if not context.findings_only:
        yield from next_steps(report, context)


def _printed(parts: Iterator[RenderableType], context: RenderContext) -> str:
    # rich draws its lines for the encoding of its file; what that does not have becomes a question mark.
    page = io.TextIOWrapper(
        io.BytesIO(), context.encoding, errors="replace", newline="\n", write_through=True
    )
    console = Console(
        file=page,
        width=context.width,
        force_terminal=context.color,
        no_color=not context.color,
        color_system="standard" if context.color else None,
        legacy_windows=False,
        _environ={},  # what the environment says has been read already, by whoever made the context
    )
    for part in parts:
        console.print(part, highlight=False, markup=False, emoji=False)
    page.seek(0)
    # rich fills lines up to the width; who pastes them into a ticket does not want that.
    return LINE_END.sub(lambda found: RESET if RESET in found[0] else "", page.read())
