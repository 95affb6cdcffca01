"""Annotations of GitHub Actions: workflow commands on standard output.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions ("Setting an error message"). What is
escaped, and how, is what the runner undoes: actions/toolkit, packages/core/src/command.ts.
"""

from __future__ import annotations

from bridge.analysis.model import Finding, Report, Severity
from bridge.reports.context import RenderContext
from bridge.reports.highlights import findings_by_weight
from bridge.reports.sources import printable
from bridge.reports.wording import advice, one_line, routes_hint, sentence

__all__ = ["render"]

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, context: RenderContext) -> str:
    """Return a command for each finding, the gravest first: GitHub shows ten of a kind for each step."""
    return "".join(f"{_command(each, context)}\n" for each in findings_by_weight(report))


def _command(finding: Finding, context: RenderContext) -> str:
    rule = context.rule(finding.rule)
    title = finding.rule if rule.name == finding.rule else f"{finding.rule} {rule.name}"
    properties = {
        "file": context.path(finding.file),
        "line": finding.line,
        "col": finding.column,
        "title": title,
    }
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value)
    return f"::{COMMANDS[finding.severity]} {written}::{_data(_message(finding))}"


def _message(finding: Finding) -> str:
    routes = routes_hint(finding.routes)
    where = f" On {routes}." if routes else ""
    instead = f" Instead: {advice(finding.replacement)}" if finding.replacement else ""
    return one_line(f"{sentence(finding.message)}{where}{instead}")


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")  # line ends, which are escaped too, are gone already


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
