"""Which findings count in a build: those of the rules that are asked for, that are new, and that are not known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from bridge.analysis.baseline import Baseline, Entry
from bridge.analysis.model import Finding, Severity

__all__ = ["Gate", "Outcome", "judge"]


@dataclass(frozen=True, slots=True)
class Gate:
    """Beginnings of codes. No `select` is all rules; of two that fit the longer wins, then `ignore`.

    `is_sure` says of a new finding whether it is sure enough to count; None: every one is.
    """

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    is_sure: Callable[[Finding], bool] | None = None

    def takes(self, code: str) -> bool:
        """Return whether findings of the rule `code` count."""
        chosen = max((len(each) for each in self.select if code.startswith(each)), default=-1)
        left_out = max((len(each) for each in self.ignore if code.startswith(each)), default=-1)
        return chosen > left_out or (not self.select and left_out < 0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`selected` are the findings of the chosen rules, `new` those of them that the baseline does not know."""

    selected: tuple[Finding, ...]
    new: tuple[Finding, ...]
    stale: tuple[Entry, ...]

    unsure: int = 0  # new, but not sure enough

    @property
    def known(self) -> int:
        """Return how many findings were left out because they are known, or no news."""
        return len(self.selected) - len(self.new) - self.unsure

    @property
    def fails(self) -> bool:
        """Return whether a build fails: what only informs does not fail it."""
        return any(each.severity is not Severity.INFO for each in self.new)


def judge(
    findings: Iterable[Finding], gate: Gate, baseline: Baseline, *, before: Collection[str] | None = None
) -> Outcome:
    """Return the outcome. `before`: fingerprints of an earlier state of the code, None if only the baseline counts.

    Entries of rules that are not asked for are not called stale: nobody looked for them. A baseline has what is not
    sure, too: it neither counts nor is it stale.
    """
    selected = tuple(each for each in findings if gate.takes(each.rule))
    compared = baseline.compared(selected)
    news = [each for each in compared.new if before is None or each.fingerprint not in before]
    new = tuple(each for each in news if gate.is_sure is None or gate.is_sure(each))
    stale = tuple(each for each in compared.stale if gate.takes(each.rule))
    return Outcome(selected, new, stale, len(news) - len(new))
