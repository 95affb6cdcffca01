"""The report as JSON lines: one object a line, its `type` first; for tools that read a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bridge.analysis.model import Report
from bridge.reports.as_json import report_as_json
from bridge.reports.context import RenderContext

__all__ = ["render"]

LISTS = {
    "routes": "route",
    "findings": "finding",
    "middleware": "middleware",
    "dependencies": "dependency",
    "missed": "missed",
}


def render(report: Report, context: RenderContext) -> str:
    """Return a line `report` (what is not a list), a line for each record, and a line `plan`."""
    return "".join(f"{json.dumps(each)}\n" for each in _records(report, context))


def _records(report: Report, context: RenderContext) -> Iterator[dict[str, Any]]:
    whole = report_as_json(report, missed=context.missed, hidden=context.hidden)
    plan = whole.pop("plan")
    lists = {name: whole.pop(name) for name in LISTS}
    yield {"type": "report", **whole}
    for name, records in lists.items():
        yield from ({"type": LISTS[name], **each} for each in records)
    yield {"type": "plan", **plan}
