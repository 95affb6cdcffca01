"""What a reader should know before quoting a report: pure functions of its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.benchmarks.results import Report

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
    for where, busy in _figures(report, "generator_busy"):
        if busy > BUSY_GENERATOR:
            yield f"{where}: the load generator used {100 * busy:.0f} % of its core and may be the limit"


def _servers(report: Report) -> Iterator[str]:
    for where, busy in _figures(report, "server_busy"):
        if busy < STARVED_SERVER:
            yield f"{where}: the server had only {100 * busy:.0f} % of a core, so its throughput is too low"


def _figures(report: Report, metric: str) -> Iterator[tuple[str, float]]:
    for scenario in report.scenarios:
        for contender in scenario.contenders:
            if metric in contender.medians:
                yield f"{scenario.name}, {contender.name}", contender.medians[metric]
