"""What stands in a table's cells, the same on a terminal and in Markdown: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.benchmarks.results import ContenderResult, Metric, ScenarioResult
    from scripts.benchmarks.targets import Verdict

__all__ = ["figure", "headings", "limit", "measured", "met", "row", "spread"]

BLANK = ""
NATIVE = "native"


def headings(scenario: ScenarioResult) -> list[str]:
    """The columns: who, every metric, the spread of the first, and a note where any row has one."""
    return ["", *(metric.title for metric in scenario.metrics), "spread", "x native", "note"]


def row(scenario: ScenarioResult, contender: ContenderResult) -> list[str]:
    """One contender's cells, under `headings`."""
    return [
        contender.name,
        *(figure(contender, metric) for metric in scenario.metrics),
        spread(contender, scenario.metrics[0]),
        _against_native(scenario, contender),
        contender.note or BLANK,
    ]


def figure(contender: ContenderResult, metric: Metric) -> str:
    """The median, blank where there is none."""
    median = contender.medians.get(metric.name)
    return BLANK if median is None else f"{median:,.{metric.digits}f}"


def spread(contender: ContenderResult, metric: Metric) -> str:
    """Half the distance between the best and the worst round, as a share of the median: how far to trust it."""
    values = contender.values(metric.name)
    median = contender.medians.get(metric.name)
    if len(values) < 2 or not median:
        return BLANK
    return f"±{50 * (max(values) - min(values)) / abs(median):.0f} %"


def limit(verdict: Verdict) -> str:
    """The demand: `>= 0.80 x`."""
    return f"{'>=' if verdict.at_least else '<='} {_scaled(verdict.limit, verdict.unit)}"


def measured(verdict: Verdict) -> str:
    """What was reached, in the unit of the demand."""
    return "not measured" if verdict.measured is None else _scaled(verdict.measured, verdict.unit)


def met(verdict: Verdict) -> str:
    """`yes`, `no`, or a question mark when it could not be measured."""
    return {True: "yes", False: "no", None: "?"}[verdict.met]


def _scaled(number: float, unit: str) -> str:
    digits = 3 if abs(number) < 0.1 else 2 if abs(number) < 10 else 1
    return f"{number:.{digits}f} {unit}"


def _against_native(scenario: ScenarioResult, contender: ContenderResult) -> str:
    first = scenario.metrics[0].name
    native = next((row.medians.get(first) for row in scenario.contenders if row.name == NATIVE), None)
    mine = contender.medians.get(first)
    return f"{mine / native:.2f}" if native and mine is not None else BLANK
