"""What README shows of the report on the bundled shop: made by the analyser itself, so it cannot be out of date."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bridge.analysis.analyse import analyse
from bridge.analysis.configuration import read_configuration
from bridge.analysis.model import Report
from bridge.reports import FORMATS, RenderContext, SourceReader
from bridge.reports.sureness import LEAST, with_sure_findings

__all__ = ["excerpt"]

SHOP = "examples/flask_shop"
ROOT = Path(__file__).resolve().parent.parent
ROUTE, SINK = "GET /shipping/quote", "requests."
WIDTH = 100  # columns


def excerpt() -> str:
    """Return the summary down to the functions to change first, and one finding with its chain, in fences."""
    found = with_sure_findings(
        analyse(ROOT / SHOP, read_configuration(ROOT / SHOP)), LEAST
    )  # as the command does
    found = replace(found, project=replace(found.project, root=SHOP))
    summary = _rendered(found, "rich").split("\n\nPackages to swap")[0]
    card = f"...\n{_one_finding(found)}"
    return f"{_block(SHOP, summary)}{_block(f'{SHOP} --route {ROUTE!r}', card)}\n"


def _one_finding(report: Report) -> str:
    """Return the card of the call that a route waits for most, without the rest of the route's card."""
    wanted = [each for each in report.findings if ROUTE in each.routes and each.sink.startswith(SINK)]
    alone = replace(
        report, findings=tuple(wanted[:1]), unread=(), project=replace(report.project, python_errors=())
    )
    return _rendered(alone, "full", findings_only=True).partition("\n1 finding")[0]


def _rendered(report: Report, name: str, *, findings_only: bool = False) -> str:
    sources = SourceReader(ROOT / SHOP)
    context = RenderContext(sources=sources, width=WIDTH, prefix=f"{SHOP}/", findings_only=findings_only)
    return FORMATS[name](report, context).strip("\n")


def _block(arguments: str, output: str) -> str:
    return f"\n```console\n$ wsgi-bridge report {arguments}\n{output}\n```\n"
