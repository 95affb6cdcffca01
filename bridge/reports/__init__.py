"""What a report looks like: `FORMATS` has a renderer for every name that `--output-format` takes.

    FORMATS["sarif"](report, RenderContext(...)) -> str

A renderer is a pure function of a `bridge.analysis.model.Report` and a `RenderContext` (source lines, width, rules).
"""

from __future__ import annotations

from bridge.reports.context import RenderContext, RuleText
from bridge.reports.formats import FORMATS, Format
from bridge.reports.reading import NotAReport, read_report
from bridge.reports.sources import SourceReader

__all__ = ["FORMATS", "Format", "NotAReport", "RenderContext", "RuleText", "SourceReader", "read_report"]
