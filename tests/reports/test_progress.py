from __future__ import annotations

import dataclasses

import pytest

from bridge.analysis.model import Verdict
from bridge.reports.context import Earlier
from bridge.reports.progress import Change, change_text, changes, milestones
from tests.reports.samples import ROUTES, sample_report


def test_without_an_earlier_report_there_are_no_milestones() -> None:
    assert milestones(sample_report(), ()) == []


def test_milestones_end_with_now() -> None:
    found = milestones(sample_report(), [Earlier("first", sample_report())])
    assert [(each.label, each.ready) for each in found] == [("first", 1), ("now", 1)]


def test_a_report_has_not_changed_from_itself() -> None:
    assert changes(sample_report(), sample_report()) == []


def test_a_change_of_effort_alone_is_none() -> None:
    dearer = dataclasses.replace(ROUTES[0], effort=9)
    assert changes(sample_report(), dataclasses.replace(sample_report(), routes=(dearer, *ROUTES[1:]))) == []


def test_new_gone_and_moved_routes_are_changes_by_route() -> None:
    moved = dataclasses.replace(ROUTES[0], verdict=Verdict.READY, effort=0)
    new = dataclasses.replace(ROUTES[6], id="GET /a", path="/a")
    after = dataclasses.replace(sample_report(), routes=(moved, *ROUTES[2:], new))
    assert changes(sample_report(), after) == [
        Change("GET /a", None, Verdict.READY, 0),
        Change("GET /users", Verdict.REWRITE, None, -4),
        Change("GET /users/<id>", Verdict.GREENLET, Verdict.READY, -1),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change("r", None, Verdict.READY, 0), "new -> ready"),
        (Change("r", Verdict.REWRITE, None, -4), "rewrite -> gone, -4 points"),
        (Change("r", Verdict.REDESIGN, Verdict.REWRITE, 2), "redesign -> rewrite, +2 points"),
    ],
)
def test_a_change_is_said_in_words(change: Change, expected: str) -> None:
    assert change_text(change, "->") == expected
