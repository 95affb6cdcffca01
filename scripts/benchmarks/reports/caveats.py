"""What a reader should know before quoting a report: pure functions of its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.benchmarks.results import Report, ScenarioResult

__all__ = ["caveats"]

BUSY_MACHINE = 0.7  # load average over one minute
BUSY_GENERATOR = 0.9  # share of its core from which the generator may be what is measured
STARVED_SERVER = (
    0.85  # share of its core below which something else ran there: a closed loop leaves no pauses
)


def caveats(report: Report) -> list[str]:
    """One sentence for each reason to distrust a figure; empty for a calm machine and a generator with spare time."""
    return [*_machine(report), *_generators(report), *_servers(report)]


def _machine(report: Report) -> Iterator[str]:
    load = float(report.machine["load before"])
    if load > BUSY_MACHINE:
        yield f"the machine was busy before the run (load {load:.2f}): trust CPU figures more than times"


def _generators(report: Report) -> Iterator[str]:
    for scenario in report.scenarios:
        for name, busy in _shares(scenario, "generator_busy").items():
            if busy > BUSY_GENERATOR:
                used = f"{100 * busy:.0f} % of its core"
                yield f"{scenario.name}, {name}: the load generator used {used} and may be the limit"


def _servers(report: Report) -> Iterator[str]:
    for scenario in report.scenarios:
        starved = [busy for busy in _shares(scenario, "server_busy").values() if busy < STARVED_SERVER]
        if starved:
            share = f"{100 * min(starved):.0f} %"
            yield f"{scenario.name}: servers had as little as {share} of a core: rates and latencies tell little"


def _shares(scenario: ScenarioResult, metric: str) -> dict[str, float]:
    """Contender -> median of a metric that not every scenario has."""
    medians = {contender.name: contender.medians for contender in scenario.contenders}
    return {name: found[metric] for name, found in medians.items() if metric in found}
