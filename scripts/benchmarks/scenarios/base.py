"""The contract of a scenario: who takes part, what proves the answer right, what one round measures, what it must reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks.contenders import CONTENDERS
from scripts.benchmarks.pinning import Pinning
from scripts.benchmarks.results import Metric
from scripts.benchmarks.server import Place
from scripts.benchmarks.targets import Target

__all__ = ["ALL", "BRIDGES", "MIB", "Figures", "Scenario", "Settings", "cpu_figures"]

ALL = tuple(name for name in CONTENDERS if name != "gevent")  # which is for what waits
BRIDGES = tuple(name for name in ALL if name != "native")  # for frameworks that have no native twin

MIB = 1 << 20

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Settings:
    """How large a run is. Sizes in bytes, times in seconds; `limit` is the most one transfer may take."""

    quick: bool
    rounds: int
    seconds: float
    connections: int
    threads: int
    blocks: int
    body: int
    generator: str
    limit: float
    pinning: Pinning
    files: Path
    tree: Path | None = None  # what the analysers read; None: this repository's own code

    @property
    def place(self) -> Place:
        """Where its servers run."""
        return Place(self.pinning, self.files)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One table: `check` raises BenchmarkError for a wrong answer, `measure` returns one round's figures.

    `title` may name `{blocks}` and `{mib}`, the sizes of this run.
    """

    name: str
    title: str
    contenders: tuple[str, ...]
    metrics: tuple[Metric, ...]
    targets: tuple[Target, ...]
    check: Callable[[str, Settings], None]
    measure: Callable[[str, Settings], Figures]
    max_rounds: int | None = None  # None: as many as the settings say

    def titled(self, settings: Settings) -> str:
        """The title with the sizes of a run."""
        return self.title.format(blocks=settings.blocks, mib=settings.body // MIB)


def cpu_figures(name: str, seconds: float | None, *, scale: float) -> dict[str, float]:
    """The figure as a mapping, empty where CPU can't be read, so that a column stays blank rather than wrong."""
    return {} if seconds is None else {name: seconds * scale}
