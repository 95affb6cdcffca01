"""Output that is compared exactly with a file in expected/.

python -m tests.reports.expected_output    writes them anew; look at the difference before you commit it
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bridge.analysis.model import Report, Verdict
from bridge.reports import FORMATS, RenderContext, SourceReader
from bridge.reports.context import Earlier, Missed
from bridge.reports.tool import VERSION
from tests.reports.samples import ROUTES, sample_report, summarise, write_sources

__all__ = ["EXPECTED", "FOLDER", "output"]

FOLDER = Path(__file__).parent / "expected"
EARLIER = replace(
    sample_report(),
    routes=(replace(ROUTES[0], verdict=Verdict.REDESIGN, effort=8), *ROUTES[2:]),
    summary=summarise(ROUTES[1:], 9),
)
HISTORY = (Earlier("2026-09", EARLIER), Earlier("2026-10", EARLIER))
MISSED = (Missed("GET /users", "redis.Redis.get", "shop/db.py", 12, 4, 0.25),)

# name of the file -> format, what the context asks for
EXPECTED: Mapping[str, tuple[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "summary_80.txt": ("rich", {}),
        "summary_120.txt": ("rich", {"width": 120}),
        "summary_60.txt": ("rich", {"width": 60}),
        "summary_ascii.txt": ("rich", {"encoding": "ascii"}),
        "summary_color.txt": ("rich", {"color": True}),
        "progress.txt": ("rich", {"history": HISTORY}),
        "progress.md": ("markdown", {"history": HISTORY}),
        "missed.txt": ("rich", {"missed": MISSED, "findings_only": True}),
        "route_80.txt": ("rich", {"route": "GET /users"}),
        "route_120.txt": ("rich", {"width": 120, "route": "GET /users"}),
        "findings_80.txt": ("rich", {"findings_only": True, "prefix": "src/"}),
        "findings_full_80.txt": ("full", {"findings_only": True}),
        "full_80.txt": ("full", {}),
        "report.md": ("markdown", {}),
        "route.md": ("markdown", {"route": "POST /orders"}),
        "findings.md": ("markdown", {"findings_only": True}),
    }
)


def output(name: str, folder: Path, report: Report | None = None) -> str:
    """Return what a format makes of the shop in `folder` now, with a version that does not change."""
    format_name, options = EXPECTED[name]
    context = RenderContext(sources=SourceReader(folder), **options)
    text = FORMATS[format_name](sample_report() if report is None else report, context)
    return text.replace(f"wsgi-bridge {VERSION}", "wsgi-bridge X.Y")


def main() -> None:
    """Write every file."""
    with tempfile.TemporaryDirectory() as folder:
        write_sources(Path(folder))
        for name in EXPECTED:
            (FOLDER / name).write_text(output(name, Path(folder)), "utf-8")


if __name__ == "__main__":
    main()
