"""JUnit XML: a test case for each route, which fails where something blocks on it.

A finding's chain stands in the first test case that has it: thousands of routes behind one middleware would make a
file of 90 MB, which no CI service takes (GitLab: 30 MB).

There is no standard. What is written fits the XSD of Jenkins' xunit plugin (junit-10.xsd), which pytest is checked
against too; GitLab, GitHub actions and Jenkins read it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from bridge.analysis.model import Finding, Report, RouteReport, Severity
from bridge.reports.context import RenderContext
from bridge.reports.highlights import findings_of
from bridge.reports.tool import NAME
from bridge.reports.wording import advice, counted, one_line

__all__ = ["render"]

# Not in XML 1.0's production [2] Char.
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    classname: str
    kind: str
    message: str = ""  # "" where it passes
    details: str = ""


def render(report: Report, context: RenderContext) -> str:
    """Return the suites "routes" and "elsewhere": findings that no route reaches, a test case each."""
    told: set[str] = set()
    suites = [("routes", [_of_route(report, each, context, told) for each in report.routes])]
    known = {each.id for each in report.routes}
    stray = [each for each in report.findings if _counts(each) and not known.intersection(each.routes)]
    if stray:
        suites.append(("elsewhere", [_of_finding(each, context) for each in stray]))
    root = ET.Element("testsuites", name=NAME)
    root.extend(_suite(name, cases) for name, cases in suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _counts(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _of_route(report: Report, route: RouteReport, context: RenderContext, told: set[str]) -> _Case:
    """Return the route's case; the chains of findings that are `told` are left out, and its own are told then."""
    findings = [each for each in findings_of(report, route) if _counts(each)]
    details = _details(findings, context, told)
    told.update(each.id for each in findings)
    return _Case(route.id, route.handler, route.verdict.value, _sinks(findings), details)


def _of_finding(finding: Finding, context: RenderContext) -> _Case:
    name = f"{finding.rule} {finding.sink} in {finding.symbol or finding.file or 'the project'}"
    return _Case(
        name, context.path(finding.file), finding.rule, finding.message, _details([finding], context)
    )


def _sinks(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    names = ", ".join(dict.fromkeys(each.sink for each in findings))
    return f"{counted(len(findings), 'finding')}: {names}"


def _details(findings: Iterable[Finding], context: RenderContext, told: Collection[str] = frozenset()) -> str:
    lines = []
    for each in findings:
        lines.append(f"{context.path(each.file)}:{each.line}: {each.rule} {one_line(each.message)}")
        if each.id in told:
            continue
        lines.extend(f"  {step.symbol} ({context.path(step.file)}:{step.line})" for step in each.chain)
        if each.replacement:
            lines.append(f"  instead: {advice(each.replacement)}")
    return "\n".join(lines)


def _suite(name: str, cases: Sequence[_Case]) -> ET.Element:
    failures = sum(bool(case.message) for case in cases)
    numbers = {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "time": "0"}
    suite = ET.Element("testsuite", {"name": f"{NAME} {name}", **numbers})
    for case in cases:
        names = {"name": _xml(case.name), "classname": _xml(case.classname), "time": "0"}
        element = ET.SubElement(suite, "testcase", names)
        if case.message:
            failed = {"type": _xml(case.kind), "message": _xml(one_line(case.message))}
            ET.SubElement(element, "failure", failed).text = _xml(case.details)
    return suite


def _xml(text: str) -> str:
    return NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
