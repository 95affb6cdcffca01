"""The report as JSON, schema_version 1.

The names of its fields are a public promise (migration_guide/report-json.md, schema/report-1.json), so each stands
here in full: renaming an attribute of the model must not rename a field.
"""

from __future__ import annotations

import json
from typing import Any

from bridge.analysis.model import (
    Dependency,
    Finding,
    MiddlewareReport,
    PackageSwap,
    Plan,
    ProjectFacts,
    Replacement,
    Report,
    RouteReport,
    Summary,
    Unit,
    Verdict,
    Wave,
)
from bridge.reports.context import Missed, RenderContext
from bridge.reports.tool import NAME, VERSION

__all__ = ["SCHEMA_VERSION", "finding_as_json", "plan_as_json", "render", "report_as_json", "route_as_json"]

SCHEMA_VERSION = 1

Json = dict[str, Any]


def render(report: Report, context: RenderContext) -> str:
    """Return one JSON object, indented."""
    return json.dumps(report_as_json(report, missed=context.missed, hidden=context.hidden), indent=2) + "\n"


def report_as_json(report: Report, *, missed: tuple[Missed, ...] = (), hidden: int = 0) -> Json:
    """Return the whole report; `bridge.reports.read_report` reads it back. `hidden` findings are left out of it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": NAME, "version": VERSION},
        "project": _project(report.project),
        "summary": _summary(report.summary, hidden),
        "routes": [route_as_json(each) for each in report.routes],
        "findings": [finding_as_json(each) for each in report.findings],
        "middleware": [_middleware(each) for each in report.middleware],
        "dependencies": [_dependency(each) for each in report.dependencies],
        "plan": plan_as_json(report.plan),
        "crashed": list(report.crashed),
        "unread": list(report.unread),
        "missed": [_missed(each) for each in missed],
    }


def _project(project: ProjectFacts) -> Json:
    return {
        "root": project.root,
        "files": project.files,
        "lines": project.lines,
        "frameworks": list(project.frameworks),
        "python_errors": [
            {"file": each.file, "line": each.line, "message": each.message} for each in project.python_errors
        ],
    }


def _summary(summary: Summary, hidden: int) -> Json:
    return {
        "routes": summary.routes,
        "verdicts": {verdict.value: summary.verdicts.get(verdict, 0) for verdict in Verdict},
        "findings": summary.findings,
        "hidden_findings": hidden,
        "effort": summary.effort,
        "resolved_calls": summary.resolved_calls,
    }


def route_as_json(route: RouteReport) -> Json:
    """Return a route with its verdict."""
    return {
        "id": route.id,
        "methods": list(route.methods),
        "path": route.path,
        "framework": route.framework,
        "handler": route.handler,
        "library": route.library,
        "file": route.file,
        "line": route.line,
        "verdict": route.verdict.value,
        "lane": route.lane,
        "lane_reason": route.lane_reason,
        "effort": route.effort,
        "confidence": route.confidence.value,
        "resolved_calls": route.resolved_calls,
        "reasons": list(route.reasons),
        "findings": list(route.findings),
    }


def finding_as_json(finding: Finding) -> Json:
    """Return a finding with its chain."""
    return {
        "id": finding.id,
        "rule": finding.rule,
        "category": finding.category.value if finding.category else None,
        "sink": finding.sink,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "context": finding.context.value,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "symbol": finding.symbol,
        "message": finding.message,
        "chain": [{"symbol": step.symbol, "file": step.file, "line": step.line} for step in finding.chain],
        "routes": list(finding.routes),
        "cooperative": finding.cooperative,
        "in_loop": finding.in_loop,
        "effort": finding.effort,
        "replacement": _replacement(finding.replacement) if finding.replacement else None,
        "witnessed": finding.witnessed,
        "fingerprint": finding.fingerprint,
    }


def _replacement(replacement: Replacement) -> Json:
    return {
        "package": replacement.package,
        "call": replacement.call,
        "note": replacement.note,
        "url": replacement.url,
    }


def _middleware(middleware: MiddlewareReport) -> Json:
    return {
        "name": middleware.name,
        "file": middleware.file,
        "line": middleware.line,
        "async_capable": middleware.async_capable,
        "findings": list(middleware.findings),
    }


def _dependency(dependency: Dependency) -> Json:
    return {
        "name": dependency.name,
        "version": dependency.version,
        "status": dependency.status.value,
        "replacement": dependency.replacement,
        "evidence": dependency.evidence,
        "file": dependency.file,
        "line": dependency.line,
    }


def plan_as_json(plan: Plan) -> Json:
    """Return the plan by wave."""
    return {
        "waves": [_wave(each) for each in plan.waves],
        "packages_first": [_swap(each) for each in plan.packages_first],
        "critical_path": list(plan.critical_path),
        "shared": [_unit(each) for each in plan.shared],
    }


def _wave(wave: Wave) -> Json:
    return {"order": wave.order, "effort": wave.effort, "units": [_unit(each) for each in wave.units]}


def _unit(unit: Unit) -> Json:
    return {
        "symbols": list(unit.symbols),
        "unblocks": list(unit.unblocks),
        "actions": list(unit.actions),
        "effort": unit.effort,
        "routes": list(unit.routes),
    }


def _swap(swap: PackageSwap) -> Json:
    return {
        "name": swap.name,
        "replacement": swap.replacement,
        "findings": swap.findings,
        "routes": list(swap.routes),
        "effort": swap.effort,
    }


def _missed(missed: Missed) -> Json:
    return {
        "route": missed.route,
        "sink": missed.sink,
        "file": missed.file,
        "line": missed.line,
        "count": missed.count,
        "seconds": missed.seconds,
    }
