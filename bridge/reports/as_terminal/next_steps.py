"""The last lines of a report: what to run now."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from rich.console import RenderableType

from bridge.analysis.model import Report
from bridge.reports.as_terminal.style import heading, plain, table
from bridge.reports.context import RenderContext
from bridge.reports.highlights import routes_by_work

__all__ = ["next_steps", "path_argument"]


def path_argument(report: Report) -> str:
    """Return the PATH of a command about this report, with a space before it; empty for the working folder."""
    root = report.project.root
    return f" {shlex.quote(root)}" if root not in {"", "."} else ""


def next_steps(report: Report, context: RenderContext) -> Iterator[RenderableType]:
    """Yield how to see one route (that with the most work), the plan, and the application as it is served."""
    if not report.routes:
        return
    path = path_argument(report)
    route = shlex.quote(routes_by_work(report, context.witnessed)[0].id)
    yield heading("Next")
    rows = table(header=False)
    rows.add_column(overflow="fold")
    rows.add_column(style="dim", overflow="fold")
    rows.add_row(plain(f"wsgi-bridge report{path} --route {route}"), "one route, call by call")
    rows.add_row(plain(f"wsgi-bridge plan{path}"), "what to change, in order")
    rows.add_row(plain(f"wsgi-bridge lanes{path}"), "writes lanes.toml")
    rows.add_row(plain("wsgi-bridge serve TARGET --lanes lanes.toml"), "serves it as it is")
    yield rows
