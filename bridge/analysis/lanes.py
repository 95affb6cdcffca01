"""Which executor serves which route, as the TOML file that `serve --lanes` reads.

The format is described in migration_guide/lanes.md; the runtime half reads it without this package.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from bridge.analysis.model import Finding, Report, RouteReport
from bridge.analysis.verdicts import lane_of

__all__ = ["LANES", "LIMITS", "VERSION", "lanes_toml"]

VERSION = 1
LANES = ("thread", "greenlet", "stream")

# The executors' own defaults (a test compares them): written out, so that there is something to change.
LIMITS: Mapping[str, Mapping[str, int | float]] = MappingProxyType(
    {
        "thread": {"max_threads": 40, "max_queue": 1000, "queue_timeout": 30.0},
        "greenlet": {"max_greenlets": 10_000, "max_queue": 1000, "queue_timeout": 30.0},
        "stream": {"max_threads": 40, "max_queue": 1000, "queue_timeout": 30.0},
    }
)

HEAD = """\
# Which executor serves which route: wsgi-bridge serve --lanes lanes.toml
# Written by wsgi-bridge lanes from an analysis of the code; change whatever you know better.
# The format is described in migration_guide/lanes.md.
"""


def lanes_toml(report: Report) -> str:
    """Return the file's text: the lanes with their limits, then each route once, its reason behind it."""
    return "\n".join(
        (HEAD, f"version = {VERSION}", 'default = "thread"', "", *_lanes(report), *_routes(report))
    )


def _lanes(report: Report) -> Iterator[str]:
    counts = Counter(route.lane for route in report.routes)
    for lane in LANES:
        if counts[lane] or lane == "thread":
            yield f"[lanes.{lane}]"
            yield from (f"{name} = {value}" for name, value in LIMITS[lane].items())
            yield ""


def _routes(report: Report) -> Iterator[str]:
    known = {finding.id: finding for finding in report.findings}
    accepted: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.accepted:
        for route_id in finding.routes:
            accepted[route_id].append(finding)
    yield "[routes]"
    for route in report.routes:
        yield f"{_quoted(route.id)} = {_quoted(route.lane)}  # {_reason(route, known, accepted[route.id])}"
    yield ""


def _reason(route: RouteReport, known: Mapping[str, Finding], accepted: Sequence[Finding]) -> str:
    findings = [known[each] for each in route.findings if each in known]
    reason = lane_of([*findings, *accepted], route.resolved_calls)[1]
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in reason)


def _quoted(text: str) -> str:
    r"""Return a TOML basic string: JSON's escapes are TOML's, but for \u007f, which JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
