"""Reads a JSON report back into a `Report`: for progress over time, and for the dashboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from bridge.analysis.model import (
    Category,
    Confidence,
    Context,
    Dependency,
    DependencyStatus,
    Finding,
    MiddlewareReport,
    PackageSwap,
    Plan,
    ProjectFacts,
    PythonError,
    Replacement,
    Report,
    RouteReport,
    Severity,
    Step,
    Summary,
    Unit,
    Verdict,
    Wave,
)
from bridge.errors import BridgeError
from bridge.reports.as_json import SCHEMA_VERSION

__all__ = ["NotAReport", "read_report"]

Json = Any
T = TypeVar("T")


class NotAReport(BridgeError):
    """A text is no JSON report of schema_version 1. `reason` says what is wrong, in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"not a JSON report of wsgi-bridge: {reason}. "
            "Write one with: wsgi-bridge report --output-format json --output-file report.json"
        )
        self.reason = reason


def read_report(text: str) -> Report:
    """Return the report that `--output-format json` wrote. Unknown fields are ignored; raises NotAReport."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise NotAReport(f"it cannot be parsed ({error})") from None
    except RecursionError:
        raise NotAReport("it is nested too deeply") from None
    if not isinstance(data, dict) or "schema_version" not in data:
        raise NotAReport("it has no schema_version")
    if data["schema_version"] != SCHEMA_VERSION:
        raise NotAReport(f"schema_version is {data['schema_version']!r}, expected {SCHEMA_VERSION}")
    try:
        return _report(data)
    except KeyError as error:
        raise NotAReport(f"the field {error} is missing") from None
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise NotAReport(f"a field has a value of the wrong kind ({error})") from None


def _report(data: Json) -> Report:
    return Report(
        project=_project(data["project"]),
        summary=_summary(data["summary"]),
        routes=_each(_route, data["routes"]),
        findings=_each(_finding, data["findings"]),
        middleware=_each(_middleware, data["middleware"]),
        dependencies=_each(_dependency, data["dependencies"]),
        plan=_plan(data["plan"]),
        crashed=_texts(data["crashed"]),
        unread=_texts(data["unread"]),
    )


def _each(read: Callable[[Json], T], values: Json) -> tuple[T, ...]:
    if not isinstance(values, list):
        raise TypeError(f"expected a list, got {type(values).__name__}")
    return tuple(read(each) for each in values)


def _texts(values: Json) -> tuple[str, ...]:
    return _each(_text, values)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {type(value).__name__}")
    return value


def _project(data: Json) -> ProjectFacts:
    errors = _each(
        lambda each: PythonError(_text(each["file"]), int(each["line"]), _text(each["message"])),
        data["python_errors"],
    )
    return ProjectFacts(
        root=_text(data["root"]),
        files=int(data["files"]),
        lines=int(data["lines"]),
        frameworks=_texts(data["frameworks"]),
        python_errors=errors,
    )


def _summary(data: Json) -> Summary:
    return Summary(
        routes=int(data["routes"]),
        verdicts={verdict: int(data["verdicts"][verdict.value]) for verdict in Verdict},
        findings=int(data["findings"]),
        effort=int(data["effort"]),
        resolved_calls=float(data["resolved_calls"]),
    )


def _route(data: Json) -> RouteReport:
    return RouteReport(
        id=_text(data["id"]),
        methods=_texts(data["methods"]),
        path=_text(data["path"]),
        framework=_text(data["framework"]),
        handler=_text(data["handler"]),
        file=_text(data["file"]),
        line=int(data["line"]),
        verdict=Verdict(data["verdict"]),
        lane=_text(data["lane"]),
        lane_reason=_text(data.get("lane_reason", "")),  # not in the first reports of this version
        effort=int(data["effort"]),
        confidence=Confidence(data["confidence"]),
        resolved_calls=float(data["resolved_calls"]),
        reasons=_texts(data["reasons"]),
        findings=_texts(data["findings"]),
        library=_text(data.get("library", "")),
    )


def _finding(data: Json) -> Finding:
    witnessed, category, replacement = data["witnessed"], data["category"], data["replacement"]
    return Finding(
        id=_text(data["id"]),
        rule=_text(data["rule"]),
        category=None if category is None else Category(category),
        sink=_text(data["sink"]),
        severity=Severity(data["severity"]),
        confidence=Confidence(data["confidence"]),
        context=Context(data["context"]),
        file=_text(data["file"]),
        line=int(data["line"]),
        column=int(data["column"]),
        symbol=_text(data["symbol"]),
        message=_text(data["message"]),
        chain=_each(_step, data["chain"]),
        routes=_texts(data["routes"]),
        cooperative=bool(data["cooperative"]),
        effort=int(data["effort"]),
        fingerprint=_text(data["fingerprint"]),
        replacement=None if replacement is None else _replacement(replacement),
        in_loop=bool(data["in_loop"]),
        witnessed=None if witnessed is None else int(witnessed),
    )


def _step(data: Json) -> Step:
    return Step(_text(data["symbol"]), _text(data["file"]), int(data["line"]))


def _replacement(data: Json) -> Replacement:
    return Replacement(_text(data["package"]), _text(data["call"]), _text(data["note"]), _text(data["url"]))


def _middleware(data: Json) -> MiddlewareReport:
    capable = data["async_capable"]
    return MiddlewareReport(
        name=_text(data["name"]),
        file=_text(data["file"]),
        line=int(data["line"]),
        async_capable=None if capable is None else bool(capable),
        findings=_texts(data["findings"]),
    )


def _dependency(data: Json) -> Dependency:
    return Dependency(
        name=_text(data["name"]),
        version=_text(data["version"]),
        status=DependencyStatus(data["status"]),
        replacement=_text(data["replacement"]),
        evidence=_text(data["evidence"]),
        file=_text(data["file"]),
        line=int(data["line"]),
    )


def _plan(data: Json) -> Plan:
    return Plan(
        waves=_each(_wave, data["waves"]),
        packages_first=_each(_swap, data["packages_first"]),
        critical_path=_texts(data["critical_path"]),
        shared=_each(_unit, data["shared"]),
    )


def _wave(data: Json) -> Wave:
    return Wave(int(data["order"]), int(data["effort"]), _each(_unit, data["units"]))


def _unit(data: Json) -> Unit:
    return Unit(
        symbols=_texts(data["symbols"]),
        unblocks=_texts(data["unblocks"]),
        actions=_texts(data["actions"]),
        effort=int(data["effort"]),
        routes=_texts(data["routes"]),
    )


def _swap(data: Json) -> PackageSwap:
    return PackageSwap(
        name=_text(data["name"]),
        replacement=_text(data["replacement"]),
        findings=int(data["findings"]),
        routes=_texts(data["routes"]),
        effort=int(data["effort"]),
    )
