"""What was found, for people and as JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.reports.wording import counted
from scripts.compare_servers.load import Load
from scripts.compare_servers.scenario import Expected
from scripts.compare_servers.trio import Finding, Findings

__all__ = ["Result", "as_json", "as_text"]

SHOWN = 4  # examples of one kind of difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`complaints` and `loads` by server; a load only where one was put."""

    target: str
    server: str
    findings: Findings
    expected: Sequence[Expected]
    complaints: dict[str, int]
    loads: dict[str, Load]

    def sorted_findings(self) -> tuple[list[Finding], list[tuple[Finding, Expected]]]:
        """The unexpected, and the expected with their reasons."""
        surprising, explained = [], []
        for finding in self.findings.found:
            covering = (row for row in self.expected if row.covers(finding.difference, finding.request))
            reason = next(covering, None)
            if reason is None:
                surprising.append(finding)
            else:
                explained.append((finding, reason))
        return surprising, explained

    @property
    def reasons(self) -> list[str]:
        """What speaks against the bridge: unexpected differences, a log or a load that is worse than waitress's."""
        found = []
        surprising = len(self.sorted_findings()[0])
        if surprising:
            found.append(counted(surprising, "unexpected difference"))
        if self.complaints["bridge"] > self.complaints["waitress"]:
            more = self.complaints["bridge"] - self.complaints["waitress"]
            found.append(f"{counted(more, 'complaint')} more in its log")
        under_load = self.surprises_of_its_own()
        if under_load:
            found.append(f"{counted(under_load, 'surprise')} under load that waitress does not have")
        return found

    def surprises_of_its_own(self) -> int:
        """How many answers under load were others than before, in a way that none of waitress's was.

        Requests at one time disturb each other in many applications (SQLite is locked, a session has ended),
        here one page and there another: so what became of what counts, not on which page.
        """
        bridge, waitress = (self.loads.get(name, Load()).surprises for name in ("bridge", "waitress"))
        known = {_outcome(what) for what in waitress}
        return sum(count for what, count in bridge.items() if _outcome(what) not in known)

    @property
    def good(self) -> bool:
        """Nothing unexpected, a log no worse than waitress's, and the same under load."""
        return not self.reasons


def as_text(result: Result) -> Iterator[str]:
    """The lines that a person reads."""
    findings = result.findings
    total = sum(findings.compared.values())
    surprising, explained = result.sorted_findings()
    yield f"{result.target}, waitress against wsgi-bridge ({result.server}): {total} requests compared"
    for phase, count in findings.compared.items():
        yield f"  {count:6} {phase}"
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(findings.statuses.items()))
    yield f"  statuses: {statuses}"
    yield (
        f"  {findings.noisy} compared but for noise, {len(findings.undecided)} undecided (two waitresses disagree), "
        f"{findings.passing} differences passed when asked again"
    )
    yield from (f"    undecided {line}" for line in findings.undecided[:SHOWN])
    yield from (f"  log of {name}: {count} complaints" for name, count in result.complaints.items())
    for name, load in result.loads.items():
        rate = load.requests / load.seconds
        yield f"  load on {name}: {load.requests} requests, {rate:.0f}/s, {load.surprises.total()} surprises"
        yield from (f"    {count} x {what}" for what, count in load.surprises.most_common(SHOWN))
    yield from _explained(explained)
    yield from _surprising(surprising)
    if result.good:
        yield "SAME: wsgi-bridge answers as waitress does, but for what is said above."
    else:
        yield f"NOT THE SAME: {', '.join(result.reasons)}."
        yield "What you expect goes into a scenario with its reason (--scenario, examples in scripts/compare_servers/scenarios)."


def _outcome(surprise: str) -> str:
    """Return "200 became 500" of "GET /x: 200 became 500 /login"."""
    before, _, after = surprise.partition(" became ")
    return f"{before.rpartition(': ')[2]} became {after.partition(' ')[0]}"


def _explained(explained: list[tuple[Finding, Expected]]) -> Iterator[str]:
    by_reason: defaultdict[str, int] = defaultdict(int)
    for _, expected in explained:
        by_reason[expected.reason] += 1
    yield from (f"  {count} expected: {reason}" for reason, count in by_reason.items())


def _surprising(surprising: list[Finding]) -> Iterator[str]:
    by_kind: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in surprising:
        by_kind[finding.difference.what.partition(" ")[0]].append(finding)
    for kind, found in by_kind.items():
        yield f"  {kind}: {len(found)}"
        yield from (f"    {each.request} ({each.phase})\n      {each.difference}" for each in found[:SHOWN])


def as_json(result: Result) -> dict[str, Any]:
    """The same, complete."""
    surprising, explained = result.sorted_findings()
    findings = result.findings
    return {
        "target": result.target,
        "server": result.server,
        "compared": findings.compared,
        "statuses": findings.statuses,
        "noisy": findings.noisy,
        "undecided": findings.undecided,
        "passing": findings.passing,
        "complaints": result.complaints,
        "loads": {
            name: {"requests": load.requests, "seconds": load.seconds, "surprises": load.surprises}
            for name, load in result.loads.items()
        },
        "unexpected": [_row(finding) for finding in surprising],
        "expected": [{**_row(finding), "reason": expected.reason} for finding, expected in explained],
    }


def _row(finding: Finding) -> dict[str, str]:
    difference = finding.difference
    return {
        "phase": finding.phase,
        "request": finding.request,
        "what": difference.what,
        "waitress": difference.waitress,
        "bridge": difference.bridge,
    }
