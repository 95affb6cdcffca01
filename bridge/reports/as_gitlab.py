"""GitLab's code quality report: a JSON list of issues.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from bridge.analysis.model import Finding, Report, Severity
from bridge.reports.context import RenderContext
from bridge.reports.highlights import findings_by_weight
from bridge.reports.wording import advice, one_line, routes_hint

__all__ = ["render"]

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, context: RenderContext) -> str:
    """Return the findings that have a place; GitLab shows none without."""
    seen: Counter[str] = Counter()
    issues = []
    for finding in findings_by_weight(report):
        if finding.file:
            issues.append(_issue(finding, context, seen[finding.fingerprint]))
            seen[finding.fingerprint] += 1
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, context: RenderContext, repetition: int) -> dict[str, Any]:
    # GitLab shows one issue for each fingerprint: what repeats in a function is told apart by its number.
    identity = f"{finding.fingerprint}:{repetition}" if repetition else finding.fingerprint
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": one_line(finding.message),
        "content": {"body": _body(finding)},
        "categories": ["Performance"],
        "severity": SEVERITIES[finding.severity],
        "fingerprint": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(),
        "location": {"path": context.path(finding.file), "lines": {"begin": max(1, finding.line)}},
    }


def _body(finding: Finding) -> str:
    routes = routes_hint(finding.routes)
    parts = [f"On {routes}." if routes else ""]
    parts.append(f"Instead: {advice(finding.replacement)}" if finding.replacement else "")
    return one_line(" ".join(parts))
