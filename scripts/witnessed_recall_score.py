"""Compares the blocking calls that a trace witnessed with those that the report finds, over pairs of route and sink.

A pair counts once, however often it happened. It is found if the report has each of its calls. `direct` pairs are those
of which a line of the project made a call; the others were made by libraries on the project's behalf (a lazy load, a
session that a decorator reads). Routes that the report does not have (a library's pages, a path without a route, routes
that tests make) are counted on their own, and not against recall.

    wsgi-bridge trace -o trace.json -- pytest
    scripts/witnessed_recall . trace.json
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bridge.analysis.analyse import analyse
from bridge.analysis.configuration import read_configuration
from bridge.analysis.model import Report
from bridge.analysis.traces import Trace, read_trace
from bridge.reports import read_report
from bridge.reports.witnessing import witnessing

__all__ = ["Recall", "Share", "main", "recall_of"]

Pair = tuple[str, str]  # route, sink


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    found: int
    all: int

    def __str__(self) -> str:
        """Return "45 of 50, 0.900"."""
        return f"{self.found} of {self.all}, {self.found / self.all if self.all else 1.0:.3f}"


@dataclass(frozen=True, slots=True)
class Recall:
    """What of a trace the report has. `missed` counts the routes of (sink, place), the most common first."""

    routes: int  # of the report, that had requests
    elsewhere: int  # that had requests and are not the report's
    pairs: Share
    direct: Share
    missed: tuple[tuple[str, str, int], ...]


def recall_of(report: Report, trace: Trace) -> Recall:
    """Return how much of what a trace witnessed on the report's routes the report has."""
    ids = {route.id for route in report.routes}
    requested = set(trace.routes(ids))
    observed = [call for call in trace.observed(ids) if call.route in ids]
    missed = [each for each in witnessing(report, trace).missed if each.route in ids]
    lost = {(each.route, each.sink) for each in missed}
    pairs = {(call.route, call.sink) for call in observed}
    direct = {(call.route, call.sink) for call in observed if call.direct}
    places = Counter((each.sink, f"{each.file}:{each.line}") for each in missed)
    return Recall(
        routes=len(requested & ids),
        elsewhere=len(requested - ids),
        pairs=_share(pairs, lost),
        direct=_share(direct, lost),
        missed=tuple((sink, place, count) for (sink, place), count in places.most_common()),
    )


def _share(pairs: set[Pair], lost: set[Pair]) -> Share:
    return Share(len(pairs - lost), len(pairs))


def _report(path: Path) -> Report:
    if path.is_dir():
        return analyse(path, read_configuration(path), workers=2)
    return read_report(path.read_text("utf-8"))


def _lines(recall: Recall, most: int) -> Iterable[str]:
    for sink, place, count in recall.missed[:most]:
        yield f"missed  {count:4} routes  {sink}  {place}"
    yield (
        f"{recall.routes} routes with requests ({recall.elsewhere} more are not the report's); "
        f"pairs of route and sink: {recall.pairs}; direct: {recall.direct}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Print what was missed and the shares; return 1 if the share of all pairs is below --floor."""
    parser = argparse.ArgumentParser(prog="witnessed_recall", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("report", type=Path, help="the project's folder, or a JSON report on it")
    parser.add_argument("traces", type=Path, nargs="+", help="what `wsgi-bridge trace` wrote")
    parser.add_argument("--floor", type=float, default=0.0, help="the least recall that is well")
    parser.add_argument("--most", type=int, default=40, help="how many misses are printed")
    options = parser.parse_args(arguments)
    report = _report(options.report)
    recalls = [recall_of(report, read_trace(trace)) for trace in options.traces]
    for recall in recalls:
        print(*_lines(recall, options.most), sep="\n")
    return int(any(each.pairs.found < options.floor * each.pairs.all for each in recalls))


if __name__ == "__main__":
    sys.exit(main())
