"""Which executor serves which route, as the TOML file that `serve --lanes` reads.

The format is described in migration_guide/lanes.md; the runtime half reads it without this package.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from bridge.analysis.model import Report

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
    yield "[routes]"
    for route in report.routes:
        yield f"{_quoted(route.id)} = {_quoted(route.lane)}  # {_printable(route.lane_reason)}"
    yield ""


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _quoted(text: str) -> str:
    r"""Return a TOML basic string: JSON's escapes are TOML's, but for \u007f, which JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
