"""What a scenario must reach, and whether the medians do: pure functions of figures.

A target is one comparison. `measured` is None, and so is `met`, when a contender it needs did not take part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Medians", "Target", "Verdict", "added_share", "ratio", "value"]

Medians = Mapping[str, Mapping[str, float]]  # contender -> metric -> median
Measure = Callable[[Medians], "float | None"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and what was measured: the row of the last table."""

    text: str
    measured: float | None
    limit: float
    at_least: bool
    unit: str

    @property
    def met(self) -> bool | None:
        """None when it could not be measured."""
        if self.measured is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


@dataclass(frozen=True, slots=True)
class Target:
    """One demand: in the issue's words, how to compute it, and its limit (`at_least` or at most)."""

    text: str
    measure: Measure
    limit: float
    at_least: bool = False
    unit: str = "x"

    def judge(self, medians: Medians) -> Verdict:
        """The verdict on these medians."""
        return Verdict(self.text, self.measure(medians), self.limit, self.at_least, self.unit)


def value(contender: str, metric: str) -> Measure:
    """The median itself."""
    return lambda medians: _figure(medians, contender, metric)


def ratio(metric: str, contender: str, reference: str) -> Measure:
    """The contender's median divided by the reference's."""

    def measure(medians: Medians) -> float | None:
        above, below = _figure(medians, contender, metric), _figure(medians, reference, metric)
        return above / below if above is not None and below else None

    return measure


def added_share(metric: str, contender: str, reference: str, floor: str) -> Measure:
    """What the contender adds to the floor, as a share of what the reference adds to it.

    Less than nothing added (the contender beats the floor) stays negative: it meets any limit.
    """

    def measure(medians: Medians) -> float | None:
        figures = [_figure(medians, name, metric) for name in (contender, reference, floor)]
        if None in figures:
            return None
        mine, theirs, base = (figure or 0.0 for figure in figures)
        return (mine - base) / (theirs - base) if theirs > base else None

    return measure


def _figure(medians: Medians, contender: str, metric: str) -> float | None:
    return medians.get(contender, {}).get(metric)
