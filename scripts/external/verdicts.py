"""What a run's outcomes mean: passed, failed, excused, or none of the bridge's business."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["EXCUSED", "Excuse", "Outcome", "Verdict", "judge", "read_excuses", "read_outcomes"]

EXCUSED = Path(__file__).with_name("excused.toml")
_WORST_FIRST = ("failed", "skipped", "passed")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one test: `result` is "passed", "failed" or "skipped"."""

    test: str
    result: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """Why tests of a suite may fail, or don't count.

    `kind`: one of excused.toml's kinds. `clause`: of a PEP or RFC; "" where the reason stands alone.
    `passes_on`: the other ASGI server under which the same test passes with the same bridge; "" if none.
    """

    suite: str
    tests: tuple[str, ...]
    kind: str
    reason: str
    clause: str = ""
    passes_on: str = ""

    def covers(self, test: str) -> bool:
        """Whether `test` is meant; a pattern that ends in `*` means all that begin so."""
        return any(
            test.startswith(pattern[:-1]) if pattern.endswith("*") else test == pattern
            for pattern in self.tests
        )


@dataclass(slots=True)
class Verdict:
    """The tests of one run, sorted; `excused` and `outside` have the excuse with each test.

    `stale`: patterns of excuses (not of kind "outside") that no failed test needed.
    """

    passed: list[Outcome] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)
    excused: list[tuple[Outcome, Excuse]] = field(default_factory=list)
    outside: list[tuple[Outcome, Excuse]] = field(default_factory=list)
    skipped: list[Outcome] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def counted(self) -> int:
        """The tests that say something about the bridge."""
        return len(self.passed) + len(self.failed) + len(self.excused)


def read_outcomes(lines: Iterable[str]) -> list[Outcome]:
    """One outcome a test, from the lines that the plugins write; a test's worst result counts."""
    found: dict[str, Outcome] = {}
    for line in lines:
        row = json.loads(line)
        new = Outcome(row["test"], row["outcome"], row["message"])
        old = found.get(new.test)
        if old is None or _WORST_FIRST.index(new.result) < _WORST_FIRST.index(old.result):
            found[new.test] = new
    return list(found.values())


def read_excuses(suite: str, path: Path = EXCUSED) -> list[Excuse]:
    """The excuses of one suite."""
    rows: list[Mapping[str, object]] = tomllib.loads(path.read_text("utf-8"))["excused"]
    return [_excuse(row) for row in rows if row["suite"] == suite]


def _excuse(row: Mapping[str, object]) -> Excuse:
    tests = row["tests"]
    assert isinstance(tests, list)
    return Excuse(**{**row, "tests": tuple(tests)})  # type: ignore[arg-type]  # a test checks every row


def judge(outcomes: Iterable[Outcome], excuses: Iterable[Excuse]) -> Verdict:
    """Sort the outcomes; a test outside the bridge's business doesn't count, whatever it did."""
    verdict = Verdict()
    excuses = list(excuses)
    for outcome in outcomes:
        excuse = next((excuse for excuse in excuses if excuse.covers(outcome.test)), None)
        _sort(outcome, excuse, verdict)
    needed = {excuse for _, excuse in verdict.excused}
    verdict.stale = [
        pattern
        for excuse in excuses
        for pattern in excuse.tests
        if excuse.kind != "outside" and not _needed(pattern, excuse, needed, verdict)
    ]
    return verdict


def _sort(outcome: Outcome, excuse: Excuse | None, verdict: Verdict) -> None:
    if excuse is not None and excuse.kind == "outside":
        verdict.outside.append((outcome, excuse))
    elif outcome.result == "passed":
        verdict.passed.append(outcome)
    elif outcome.result == "skipped":
        verdict.skipped.append(outcome)
    elif excuse is not None:
        verdict.excused.append((outcome, excuse))
    else:
        verdict.failed.append(outcome)


def _needed(pattern: str, excuse: Excuse, needed: set[Excuse], verdict: Verdict) -> bool:
    alone = Excuse(suite=excuse.suite, tests=(pattern,), kind=excuse.kind, reason=excuse.reason)
    return excuse in needed and any(alone.covers(outcome.test) for outcome, _ in verdict.excused)
