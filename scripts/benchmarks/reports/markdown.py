"""The report as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.benchmarks.reports import cells
from scripts.benchmarks.reports.caveats import caveats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scripts.benchmarks.results import Report, ScenarioResult

__all__ = ["as_markdown", "head_list", "scenario_section", "target_table"]


def as_markdown(report: Report) -> str:
    """The whole report as a document of its own."""
    parts = ["# Benchmark", head_list(report), "## Targets", target_table(report)]
    parts += [scenario_section(scenario) for scenario in report.scenarios]
    return "\n\n".join(parts) + "\n"


def head_list(report: Report) -> str:
    """Where and how, and what to beware of."""
    facts = [f"- {name}: {text}" for name, text in {**report.machine, **report.settings}.items()]
    return "\n".join([*facts, *(f"- **warning**: {warning}" for warning in caveats(report))])


def target_table(report: Report) -> str:
    """Every target with what was measured."""
    rows = [
        [scenario.name, verdict.text, cells.measured(verdict), cells.met(verdict)]
        for scenario in report.scenarios
        for verdict in scenario.verdicts
    ]
    return _table(["scenario", "target", "measured", "met"], rows, left=2)


def scenario_section(scenario: ScenarioResult) -> str:
    """A heading and the scenario's table."""
    rows = [cells.row(scenario, contender) for contender in scenario.contenders]
    return f"## {scenario.title}\n\n{_table(cells.headings(scenario), rows, left=1)}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, left: int) -> str:
    """`left` columns are aligned left, the others right."""
    rule = ["---" if position < left else "---:" for position in range(len(headings))]
    return "\n".join("| " + " | ".join(cells_) + " |" for cells_ in (headings, rule, *rows))
