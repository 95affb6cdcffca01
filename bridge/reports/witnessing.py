"""Puts a report and a trace side by side: what the analysis found and requests really did, or did not, and the reverse.

A call is the finding's if route and sink are the same; or if it was made on the finding's very line and the sinks are of
one package (a lazy query has another name at run time); or if a library made it for that very line (passlib calls
bcrypt: what is found is the call that the project wrote). Of several findings it is that of the line, or the function,
that called; where none stands there, of all of them. What no finding speaks of is a miss of the analysis.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from bridge.analysis.model import Finding, Report
from bridge.analysis.traces import Observed, Trace
from bridge.reports.context import Missed, RouteWitness

__all__ = ["Witnessing", "witnessing"]


@dataclass(frozen=True, slots=True)
class Witnessing:
    """The report with `witnessed` filled in, what its routes did, and what only the trace knows, the slowest first."""

    report: Report
    routes: Mapping[str, RouteWitness]
    missed: tuple[Missed, ...]


def witnessing(report: Report, trace: Trace) -> Witnessing:
    """Return what a trace says about a report."""
    ids = [route.id for route in report.routes]
    requests = trace.routes(ids)
    observed = list(trace.observed(ids))
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in (*report.findings, *report.accepted):  # what is accepted was not missed
        for route in finding.routes:
            findings[route].append(finding)
    counts: Counter[str] = Counter()
    missing = []
    for call in observed:
        known = [each for each in findings.get(call.route, ()) if _is_of(each, call)]
        for finding in [each for each in known if _stands_at(each, call)] or known:
            counts[finding.id] += call.count
        if not known:
            missing.append(call)
    marked = tuple(_marked(each, counts[each.id], requests, trace.unwatched) for each in report.findings)
    return Witnessing(
        replace(report, findings=marked), _by_route(requests, observed), tuple(_missed(missing))
    )


# A lazy object's first read calls this, wherever on the request that is.
ASKED_BY = {"django.contrib.auth.get_user": "django.http.HttpRequest.user"}


def _is_of(finding: Finding, observed: Observed) -> bool:
    if _bare(finding.sink) == _bare(observed.sink) or finding.sink == ASKED_BY.get(observed.sink):
        return True
    last = observed.stack[-1] if observed.stack else None
    is_there = last is not None and (last.file, last.line) == (finding.file, finding.line)
    return is_there and (not observed.direct or _package(finding.sink) == _package(observed.sink))


def _bare(sink: str) -> str:
    """Return a builtin's name as programs write it."""
    return sink.removeprefix("builtins.")


def _package(sink: str) -> str:
    return sink.partition(".")[0]


def _stands_at(finding: Finding, observed: Observed) -> bool:
    """Return whether the call was made in the finding's function; decorators may add frames after it."""
    return any(
        frame.file == finding.file
        and (frame.line == finding.line or f".{finding.symbol}".endswith(f".{frame.function}"))
        for frame in observed.stack
    )


def _marked(finding: Finding, count: int, requests: Mapping[str, int], unwatched: Collection[str]) -> Finding:
    """Return the finding with its count; None where the trace could not have seen it."""
    is_unseen = finding.sink in unwatched or not any(requests.get(route) for route in finding.routes)
    return replace(finding, witnessed=None if is_unseen and not count else count)


def _by_route(requests: Mapping[str, int], observed: Iterable[Observed]) -> dict[str, RouteWitness]:
    counts: Counter[str] = Counter()
    seconds: dict[str, float] = defaultdict(float)
    for each in observed:
        counts[each.route] += each.count
        seconds[each.route] += each.seconds
    return {
        route: RouteWitness(requests=number, count=counts[route], seconds=seconds[route])
        for route, number in requests.items()
    }


def _missed(observed: Iterable[Observed]) -> list[Missed]:
    """Return what was missed, once for each route and sink, at the place where it took longest."""
    groups: dict[tuple[str, str], list[Observed]] = defaultdict(list)
    for each in observed:
        groups[each.route, each.sink].append(each)
    missed = []
    for (route, sink), calls in groups.items():
        slowest = max(calls, key=lambda call: (call.seconds, call.count)).stack
        missed.append(
            Missed(
                route=route,
                sink=sink,
                file=slowest[-1].file if slowest else "",
                line=slowest[-1].line if slowest else 0,
                count=sum(call.count for call in calls),
                seconds=round(sum(call.seconds for call in calls), 6),
            )
        )
    return sorted(missed, key=lambda each: (-each.seconds, -each.count, each.route, each.sink))
