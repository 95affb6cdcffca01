"""A report without the findings that are not sure enough: verdicts, lanes and the plan still count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.analysis.model import Confidence, Finding, Report
from bridge.reports.wording import counted

__all__ = ["LEAST", "LEVELS", "hidden_remark", "is_sure", "with_sure_findings"]

LEVELS = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)

# Of the 25 findings of low confidence that were judged by hand 8 are true (migration_guide/field-notes.md).
LEAST = Confidence.MEDIUM


def is_sure(finding: Finding, least: Confidence) -> bool:
    """Return whether a finding is at least so sure, or a trace has witnessed it."""
    return bool(finding.witnessed) or LEVELS.index(finding.confidence) >= LEVELS.index(least)


def with_sure_findings(report: Report, least: Confidence) -> Report:
    """Return the report with the findings that are `is_sure`; the others are out of its rows and numbers of findings."""
    kept = tuple(each for each in report.findings if is_sure(each, least))
    if len(kept) == len(report.findings):
        return report
    ids = {each.id for each in kept}
    return replace(
        report,
        findings=kept,
        routes=tuple(replace(each, findings=_known(each.findings, ids)) for each in report.routes),
        middleware=tuple(replace(each, findings=_known(each.findings, ids)) for each in report.middleware),
        summary=replace(report.summary, findings=len(kept)),
    )


def hidden_remark(number: int, least: Confidence) -> str:
    """Return what is said of findings that are not shown, "" where there is none."""
    if not number:
        return ""
    return f"{counted(number, 'finding')} below {least.value} confidence not shown: --min-confidence low"


def _known(ids: Sequence[str], known: set[str]) -> tuple[str, ...]:
    return tuple(each for each in ids if each in known)
