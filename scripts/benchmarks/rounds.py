"""Runs scenarios round by round: A B C, A B C, so that a machine that slows down slows everyone down.

A contender that gives wrong bytes, dies or times out gets a note and takes no further part in that scenario.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.benchmarks.errors import BenchmarkError
from scripts.benchmarks.results import ContenderResult, ScenarioResult, medians_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scripts.benchmarks.scenarios.base import Figures, Scenario, Settings

    Progress = Callable[[str], None]  # told what is about to be measured

__all__ = ["run_scenario"]


@dataclass(slots=True)
class _Row:
    """One contender while its rounds go on."""

    name: str
    rounds: list[Figures] = field(default_factory=list)
    note: str | None = None

    def result(self) -> ContenderResult:
        return ContenderResult(self.name, tuple(self.rounds), self.note)


def run_scenario(
    scenario: Scenario, contenders: Sequence[str], settings: Settings, progress: Progress
) -> ScenarioResult:
    """Every round of every contender of `contenders` that takes part in this scenario, and its verdicts."""
    rows = [_Row(name) for name in scenario.contenders if name in contenders]
    for row in rows:
        progress(f"{scenario.name}: {row.name} gives the expected bytes")
        _check(row, scenario, settings)
    rounds = min(settings.rounds, scenario.max_rounds or settings.rounds)
    for number in range(1, rounds + 1):
        for row in rows:
            progress(f"{scenario.name}: round {number} of {rounds}, {row.name}")
            _measure(row, scenario, settings)
    found = tuple(row.result() for row in rows)
    verdicts = tuple(target.judge(medians_of(found)) for target in scenario.targets)
    return ScenarioResult(scenario.name, scenario.titled(settings), scenario.metrics, found, verdicts)


def _check(row: _Row, scenario: Scenario, settings: Settings) -> None:
    try:
        scenario.check(row.name, settings)
    except BenchmarkError as failure:
        row.note = str(failure)


def _measure(row: _Row, scenario: Scenario, settings: Settings) -> None:
    if row.note is not None:
        return
    try:
        row.rounds.append(scenario.measure(row.name, settings))
    except BenchmarkError as failure:
        row.note = str(failure)
