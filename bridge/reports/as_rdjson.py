"""Reviewdog's diagnostic format, rdjson.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf (jsonschema/DiagnosticResult.json)
"""

from __future__ import annotations

import json
from typing import Any

from bridge.analysis.model import Finding, Report, Severity
from bridge.reports.context import RenderContext
from bridge.reports.highlights import findings_by_weight
from bridge.reports.tool import NAME
from bridge.reports.wording import advice, one_line, sentence

__all__ = ["render"]

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def render(report: Report, context: RenderContext) -> str:
    """Return the findings that have a place."""
    diagnostics = [_diagnostic(each, context) for each in findings_by_weight(report) if each.file]
    return json.dumps({"source": {"name": NAME}, "diagnostics": diagnostics}, indent=2) + "\n"


def _diagnostic(finding: Finding, context: RenderContext) -> dict[str, Any]:
    code = {"value": finding.rule}
    url = context.rule(finding.rule).url
    return {
        "message": _message(finding),
        "location": _location(context.path(finding.file), finding.line, finding.column),
        "severity": SEVERITIES[finding.severity],
        "code": {**code, "url": url} if url else code,
        "related_locations": [
            {
                "message": f"called in {step.symbol}",
                "location": _location(context.path(step.file), step.line),
            }
            for step in finding.chain[:-1]
            if step.file
        ],
    }


def _message(finding: Finding) -> str:
    instead = f" Instead: {advice(finding.replacement)}" if finding.replacement else ""
    return one_line(f"{sentence(finding.message)}{instead}")


def _location(path: str, line: int, column: int = 0) -> dict[str, Any]:
    if not line:
        return {"path": path}
    return {"path": path, "range": {"start": {"line": line, **({"column": column} if column else {})}}}
