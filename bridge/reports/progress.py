"""How a project has moved since earlier reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.analysis.model import Report, RouteReport, Summary, Verdict
from bridge.reports.context import Earlier

__all__ = ["Change", "Milestone", "change_text", "changes", "milestones"]

NOW = "now"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A report in numbers; `label` is "now" for the one that is being rendered."""

    label: str
    summary: Summary

    @property
    def ready(self) -> int:
        """Return how many routes need nothing any more."""
        return self.summary.verdicts.get(Verdict.READY, 0)


@dataclass(frozen=True, slots=True)
class Change:
    """A route whose verdict is another one, or that is new (`before` None) or gone (`after` None)."""

    route: str
    before: Verdict | None
    after: Verdict | None
    effort: int  # points, negative where work is done


def milestones(report: Report, history: Sequence[Earlier]) -> list[Milestone]:
    """Return the earlier reports and this one; none where there is no earlier one."""
    if not history:
        return []
    earlier = [Milestone(each.label, each.report.summary) for each in history]
    return [*earlier, Milestone(NOW, report.summary)]


def changes(before: Report, after: Report) -> list[Change]:
    """Return what became of the routes between two reports, by route."""
    old, new = ({each.id: each for each in report.routes} for report in (before, after))
    found = [_change(id_, old.get(id_), new.get(id_)) for id_ in sorted(old.keys() | new.keys())]
    return [each for each in found if each.before is not each.after]


def _change(id_: str, old: RouteReport | None, new: RouteReport | None) -> Change:
    return Change(
        route=id_,
        before=old.verdict if old else None,
        after=new.verdict if new else None,
        effort=(new.effort if new else 0) - (old.effort if old else 0),
    )


def change_text(change: Change, arrow: str) -> str:
    """Return "rewrite -> ready, -4 points"; "new" and "gone" stand for no verdict."""
    before = change.before.value if change.before else "new"
    after = change.after.value if change.after else "gone"
    return f"{before} {arrow} {after}{f', {change.effort:+d} points' if change.effort else ''}"
