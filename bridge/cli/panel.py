"""What `serve` says when it starts: a panel on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.style import Style
from rich.table import Table
from rich.text import Text

from bridge import __version__
from bridge.cli.probe import Description
from bridge.cli.settings import Limits, ServeSettings
from bridge.cli.worker import lane_table_or_error

__all__ = ["panel_rows", "show_panel"]

SHOWN_ROUTES = 5  # a lane; the file has them all

Rows = list[tuple[str, str]]


def show_panel(
    settings: ServeSettings, app: Description, server: str, *, console: Console | None = None
) -> None:
    """Print what is being served; `console` None: standard error, where the logs go too."""
    console = console or Console(stderr=True)
    rows = panel_rows(settings, app, server)
    if console.is_terminal:
        console.print(_panel(rows), highlight=False)
    else:
        console.print(_plain(rows), highlight=False, soft_wrap=True, markup=False)


def panel_rows(settings: ServeSettings, app: Description, server: str) -> Rows:
    """Return the rows of the panel: a label and what is to be said about it."""
    rows = [
        ("app", app.name),
        ("framework", app.framework or "unknown: a plain WSGI callable"),
        ("server", server),
        *_lanes(settings),
    ]
    if settings.limits.report_holds:
        rows.append(("watchdog", "tells which requests hold the event loop"))
    if settings.limits.websockets:
        rows.append(("websockets", "handed to the application"))
    if settings.workers > 1:
        rows.append(("workers", str(settings.workers)))
    if settings.reload:
        rows.append(("reload", f"on changes in {', '.join(map(_short, settings.reload_dirs))}"))
    if settings.edge.root_path:
        rows.append(("root path", settings.edge.root_path))
    if settings.edge.metrics is not None:
        rows.append(("metrics", f"{settings.url}{settings.edge.metrics}"))
    if settings.edge.dashboard is not None:
        rows.append(("dashboard", f"{settings.url}{settings.edge.dashboard}/"))
    if settings.record is not None:
        rows.append(("recording", f"every request, to {_short(settings.record.file)}"))
    note = " (and on every other interface)" if settings.listen.is_wildcard else ""
    rows.append(("address", f"{settings.url}{note}"))
    return rows


def _lanes(settings: ServeSettings) -> Rows:
    limits = settings.limits
    table = lane_table_or_error(settings)
    if table is None:
        return [("lane", limits.executor), _places(limits, settings.workers), ("queue", _queue(limits))]
    rows = [("lanes", f"{_short(limits.lanes or '')}: {table.default} for all routes but these")]
    for lane in table.names:
        routes = [pattern.text for pattern, name in table.routes if name == lane and lane != table.default]
        if routes:
            more = f", and {len(routes) - SHOWN_ROUTES} more" if len(routes) > SHOWN_ROUTES else ""
            rows.append((lane, f"{', '.join(routes[:SHOWN_ROUTES])}{more}"))
    return rows


def _places(limits: Limits, workers: int) -> tuple[str, str]:
    if limits.executor == "greenlet":
        each = " in each worker" if workers > 1 else ""
        return "greenlets", f"at most {limits.max_greenlets}{each}"
    return "threads", _threads(limits, workers)


def _threads(limits: Limits, workers: int) -> str:
    each = " in each worker" if workers > 1 else ""
    return f"at most {limits.max_threads}{each}"


def _queue(limits: Limits) -> str:
    if limits.max_queue == 0:
        return f"none: without a free {limits.executor}, 503"
    patience = (
        "as long as it takes" if limits.queue_timeout is None else f"at most {limits.queue_timeout:g} s"
    )
    return f"at most {limits.max_queue} requests wait, {patience}"


def _short(folder: str) -> str:
    """Return `folder` as seen from the working folder, unless that is longer."""
    relative = os.path.relpath(folder)
    return relative if len(relative) <= len(folder) else folder


# ---------------------------------------------------------------- how it looks


def _panel(rows: Rows) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(label, _value(value))
    title = Text.assemble((f"wsgi-bridge {__version__}", "bold"))
    return Panel.fit(
        grid,
        title=title,
        title_align="left",
        subtitle="Ctrl+C stops",
        subtitle_align="right",
        border_style="cyan",
        padding=(0, 2),
    )


def _value(value: str) -> Text:
    url, space, note = value.partition(" ")
    if not url.startswith(("http://", "https://")):
        return Text(value)
    return Text.assemble((url, Style(bold=True, color="cyan", link=url)), space, note)


def _plain(rows: Rows) -> str:
    width = max(len(label) for label, _ in rows)
    return "\n".join(
        [f"wsgi-bridge {__version__}", *(f"  {label:<{width}}  {value}" for label, value in rows)]
    )
