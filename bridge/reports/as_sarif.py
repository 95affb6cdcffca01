"""SARIF 2.1.0 (OASIS), within what GitHub's code scanning takes.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, sections cited below; GitHub's limits:
https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from bridge.analysis.model import Finding, Report, Severity, Step
from bridge.reports.context import RenderContext
from bridge.reports.highlights import findings_by_weight
from bridge.reports.tool import NAME, VERSION
from bridge.reports.wording import advice, counted, one_line, sentence

__all__ = ["render"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

MOST_RESULTS = 25_000  # a run; with more GitHub refuses the file (it shows the gravest 5,000)
MOST_STEPS = 1_000  # thread flow locations of a result; GitHub leaves out what is more
LARGEST_FILE = 10 * 1000 * 1000  # bytes, after gzip

Json = dict[str, Any]


def render(report: Report, context: RenderContext) -> str:
    """Return one run. What GitHub would refuse is left out, the lightest findings first, and a notification says so."""
    findings = findings_by_weight(report)
    keep = min(len(findings), MOST_RESULTS)
    while True:
        text = json.dumps(_log(report, context, findings[:keep], left=len(findings) - keep), indent=1) + "\n"
        size = _size(text)
        if size <= LARGEST_FILE or keep == 0:
            return text
        keep = int(keep * 0.95 * LARGEST_FILE / size)


def _size(text: str) -> int:
    """Return the bytes after gzip, or before where that is little enough already."""
    content = text.encode()
    return len(content) if len(content) <= LARGEST_FILE else len(gzip.compress(content, compresslevel=6))


def _log(report: Report, context: RenderContext, findings: Sequence[Finding], *, left: int) -> Json:
    codes = sorted({each.rule for each in findings})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {**_driver(), "rules": [_rule(code, context) for code in codes]}},
                # 3.14.26: so that several runs in one repository do not replace each other's results.
                "automationDetails": {"id": f"{NAME}/"},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(report, context, left)],
                "results": [_result(each, codes.index(each.rule), context) for each in findings],
            }
        ],
    }


def _driver() -> Json:
    return {"name": NAME, "version": VERSION, "semanticVersion": VERSION}


def _rule(code: str, context: RenderContext) -> Json:
    rule = context.rule(code)
    described: Json = {"id": code, "shortDescription": {"text": one_line(rule.summary)}}
    if rule.name != code:
        described["name"] = rule.name
    if rule.markdown:
        described["help"] = {"text": rule.markdown, "markdown": rule.markdown}
    if rule.url:
        described["helpUri"] = rule.url
    return {**described, "properties": {"tags": ["async", "wsgi"]}}


def _invocation(report: Report, context: RenderContext, left: int) -> Json:
    return {
        "executionSuccessful": not report.crashed,
        "toolExecutionNotifications": list(_notifications(report, context, left)),
    }


def _notifications(report: Report, context: RenderContext, left: int) -> Iterator[Json]:
    for each in report.project.python_errors:
        yield {
            **_notification("warning", each.message),
            "locations": _locations(context, each.file, each.line),
        }
    for text in report.crashed:
        yield _notification("error", text)
    for text in report.unread:
        yield _notification("note", f"not followed: {text}")
    if left:
        yield _notification("warning", f"left out, as GitHub takes no more: {counted(left, 'finding')}")


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": _message(text)}


def _result(finding: Finding, index: int, context: RenderContext) -> Json:
    result: Json = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": _message(_sentence(finding)),
        "locations": _locations(context, finding.file, finding.line, finding.column, finding.symbol),
        # 3.27.17; GitHub adds its own from the text of the line. No line number is in either.
        "partialFingerprints": {"wsgiBridge/v1": finding.fingerprint},
        "properties": _properties(finding),
    }
    flow = _flow(finding, context)
    return {**result, "codeFlows": [{"threadFlows": [{"locations": flow}]}]} if flow else result


def _sentence(finding: Finding) -> str:
    # Routes are counted, not named: "/users/{id}" would have to be escaped, and few readers undo that.
    where = f" On {counted(len(finding.routes), 'route')}." if finding.routes else ""
    instead = f" Instead: {advice(finding.replacement)}" if finding.replacement else ""
    return f"{sentence(finding.message)}{where}{instead}"


def _properties(finding: Finding) -> Json:
    return {
        "category": finding.category.value if finding.category else None,
        "confidence": finding.confidence.value,
        "context": finding.context.value,
        "cooperative": finding.cooperative,
        "effort": finding.effort,
        "routes": list(finding.routes),
        "sink": finding.sink,
    }


def _flow(finding: Finding, context: RenderContext) -> list[Json]:
    """Return the chain (3.36); of one too long for GitHub its two ends."""
    chain = [step for step in finding.chain if step.file]
    if len(chain) > MOST_STEPS:
        chain = chain[: MOST_STEPS // 2] + chain[-(MOST_STEPS // 2) :]
    callees = [step.symbol for step in chain] + [finding.sink]
    return [_step(step, callee, context) for step, callee in zip(chain, callees[1:], strict=True)]


def _step(step: Step, callee: str, context: RenderContext) -> Json:
    (location,) = _locations(context, step.file, step.line)
    return {"location": {**location, "message": _message(f"{step.symbol} calls {callee}")}}


def _locations(context: RenderContext, file: str, line: int, column: int = 0, symbol: str = "") -> list[Json]:
    if not file:
        return []
    physical: Json = {
        "artifactLocation": {"uri": quote(context.path(file), errors="replace"), "uriBaseId": "%SRCROOT%"}
    }
    if line:
        physical["region"] = {"startLine": line, **({"startColumn": column} if column else {})}
    location: Json = {"physicalLocation": physical}
    if symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": symbol, "kind": "function"}]
    return [location]


def _message(text: str) -> Json:
    """Return a plain-text message: braces doubled (3.11.5), brackets that could be a link escaped (3.11.6)."""
    plain = one_line(text).replace("\\", "\\\\").replace("{", "{{").replace("}", "}}")
    return {"text": plain.replace("[", "\\[").replace("]", "\\]")}
