"""What a run found, as frozen values that go to JSON and back unchanged."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scripts.benchmarks.targets import Medians, Verdict

__all__ = ["SCHEMA", "ContenderResult", "Metric", "Report", "ScenarioResult", "from_json", "to_json"]

SCHEMA = 1  # version of the JSON's shape


@dataclass(frozen=True, slots=True)
class Metric:
    """A column: the key in the figures, its heading, decimals shown, and which way is good."""

    name: str
    title: str
    digits: int = 0
    more_is_better: bool = False


@dataclass(frozen=True, slots=True)
class ContenderResult:
    """One row: the figures of every round, and why there are none or fewer (None: all went well)."""

    name: str
    rounds: tuple[Mapping[str, float], ...]
    note: str | None = None

    @property
    def medians(self) -> dict[str, float]:
        """Metric -> median over the rounds that have it."""
        names = {name: None for figures in self.rounds for name in figures}  # ordered set
        return {name: statistics.median(self.values(name)) for name in names}

    def values(self, metric: str) -> list[float]:
        """One metric, round by round."""
        return [figures[metric] for figures in self.rounds if metric in figures]


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One table and its verdicts."""

    name: str
    title: str
    metrics: tuple[Metric, ...]
    contenders: tuple[ContenderResult, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: where, how, and what came out."""

    machine: Mapping[str, str]
    settings: Mapping[str, str]
    scenarios: tuple[ScenarioResult, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every target of every scenario, in order."""
        return tuple(verdict for scenario in self.scenarios for verdict in scenario.verdicts)


def medians_of(contenders: tuple[ContenderResult, ...]) -> Medians:
    """Contender -> metric -> median, the input of a target."""
    return {contender.name: contender.medians for contender in contenders}


def to_json(report: Report) -> str:
    """The report with every round, the medians and the verdicts spelled out for readers that are not Python."""
    document = {"schema_version": SCHEMA, **asdict(report)}
    for scenario, found in zip(document["scenarios"], report.scenarios, strict=True):
        for row, contender in zip(scenario["contenders"], found.contenders, strict=True):
            row["medians"] = contender.medians
        for row, verdict in zip(scenario["verdicts"], found.verdicts, strict=True):
            row["met"] = verdict.met
    return json.dumps(document, indent=2)


def from_json(text: str) -> Report:
    """The report that `to_json` wrote. Raises ValueError for another schema version."""
    document = json.loads(text)
    if document.get("schema_version") != SCHEMA:
        raise ValueError(
            f"schema_version {document.get('schema_version')!r}, expected {SCHEMA}: run the bench again"
        )
    return Report(
        machine=document["machine"],
        settings=document["settings"],
        scenarios=tuple(_scenario(row) for row in document["scenarios"]),
    )


def _scenario(row: dict[str, Any]) -> ScenarioResult:
    return ScenarioResult(
        name=row["name"],
        title=row["title"],
        metrics=tuple(Metric(**metric) for metric in row["metrics"]),
        contenders=tuple(
            ContenderResult(entry["name"], tuple(entry["rounds"]), entry["note"])
            for entry in row["contenders"]
        ),
        verdicts=tuple(Verdict(**_without(verdict, "met")) for verdict in row["verdicts"]),
    )


def _without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}
