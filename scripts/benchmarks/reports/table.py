"""The report on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from scripts.benchmarks.reports import cells
from scripts.benchmarks.reports.caveats import caveats

if TYPE_CHECKING:
    from rich.console import Console

    from scripts.benchmarks.results import Report, ScenarioResult
    from scripts.benchmarks.targets import Verdict

__all__ = ["show"]

OURS = "wsgi-bridge"
_COLOURS = {True: "green", False: "red", None: "yellow"}


def show(report: Report, console: Console) -> None:
    """Prints where, how, a table for each scenario, the warnings, and the targets last."""
    for name, text in {**report.machine, **report.settings}.items():
        console.print(f"[dim]{name:>12}[/]  {text}", highlight=False)
    for scenario in report.scenarios:
        console.print(_scenario_table(scenario))
    for warning in caveats(report):
        console.print(f"[yellow]warning:[/] {warning}", highlight=False)
    console.print(_target_table(report))


def _scenario_table(scenario: ScenarioResult) -> Table:
    table = Table(title=scenario.title, title_justify="left", title_style="bold")
    for position, heading in enumerate(cells.headings(scenario)):
        table.add_column(
            heading, justify="left" if heading in {"", "note"} else "right", no_wrap=position == 0
        )
    for contender in scenario.contenders:
        table.add_row(*cells.row(scenario, contender), style="bold" if contender.name == OURS else "")
    return table


def _target_table(report: Report) -> Table:
    table = Table(title="Targets", title_justify="left", title_style="bold")
    for heading, justify in (
        ("scenario", "left"),
        ("target", "left"),
        ("measured", "right"),
        ("met", "left"),
    ):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for scenario in report.scenarios:
        for verdict in scenario.verdicts:
            table.add_row(scenario.name, verdict.text, cells.measured(verdict), _coloured(verdict))
    return table


def _coloured(verdict: Verdict) -> str:
    return f"[{_COLOURS[verdict.met]}]{cells.met(verdict)}[/]"
