from __future__ import annotations

import json
import re

import pytest

from scripts.external.suites import SUITES
from scripts.external.verdicts import EXCUSED, Excuse, Outcome, judge, read_excuses, read_outcomes
from tests.markdown import ROOT

KINDS = {"outside", "contradicts", "crossing", "server", "setting", "control"}
ALL = [excuse for suite in SUITES for excuse in read_excuses(suite)]


def excuse(*tests: str, kind: str = "contradicts") -> Excuse:
    return Excuse(suite="flask", tests=tests, kind=kind, reason="a reason")


def line(test: str, outcome: str, message: str = "") -> str:
    return json.dumps({"test": test, "outcome": outcome, "message": message})


def test_no_lines_are_no_outcomes() -> None:
    assert read_outcomes([]) == []


@pytest.mark.parametrize("order", [1, -1], ids=["failed-last", "failed-first"])
def test_the_worst_result_of_a_test_counts(order: int) -> None:
    lines = [line("t", "passed"), line("t", "failed", "teardown")][::order]
    assert read_outcomes(lines) == [Outcome("t", "failed", "teardown")]


def test_outcomes_are_sorted_by_result_and_excuse() -> None:
    outcomes = [
        Outcome("good", "passed"),
        Outcome("bad", "failed"),
        Outcome("known", "failed"),
        Outcome("elsewhere", "failed"),
        Outcome("not here", "skipped"),
    ]
    known, elsewhere = excuse("known"), excuse("elsewhere", kind="outside")
    verdict = judge(outcomes, [known, elsewhere])
    assert [outcome.test for outcome in verdict.passed] == ["good"]
    assert [outcome.test for outcome in verdict.failed] == ["bad"]
    assert verdict.excused == [(outcomes[2], known)]
    assert verdict.outside == [(outcomes[3], elsewhere)]
    assert [outcome.test for outcome in verdict.skipped] == ["not here"]
    assert (verdict.counted, verdict.stale) == (3, [])


def test_an_excuse_that_nothing_needs_is_stale() -> None:
    outcomes = [Outcome("mended", "passed"), Outcome("a[1]", "failed")]
    verdict = judge(outcomes, [excuse("mended", "gone", "a*"), excuse("never run", kind="outside")])
    assert verdict.stale == ["mended", "gone"]
    assert [outcome.test for outcome in verdict.passed] == ["mended"]


def test_a_star_at_the_end_means_all_that_begin_so() -> None:
    assert excuse("a::b*").covers("a::b[c]")
    assert not excuse("a::b").covers("a::b[c]")
    assert not excuse("a::b*").covers("a::c")


@pytest.mark.parametrize("row", ALL, ids=lambda row: f"{row.suite}-{row.tests[0].rpartition(':')[2]}")
def test_every_excuse_is_whole(row: Excuse) -> None:
    assert row.kind in KINDS
    assert len(row.reason) > 20
    assert row.clause or row.kind in {"outside", "control", "setting"}
    assert row.clause == "" or re.search(r"PEP 3333, |RFC \d+ section |ASGI specification, ", row.clause)
    assert row.passes_on in {"", "granian", "hypercorn", "uvicorn-h11"}
    assert len(set(row.tests)) == len(row.tests)


def test_every_excuse_belongs_to_a_suite_and_no_test_has_two() -> None:
    assert EXCUSED.read_text("utf-8").count("[[excused]]") == len(ALL)
    named = [(row.suite, test) for row in ALL for test in row.tests]
    assert len(set(named)) == len(named)


def test_every_counted_excuse_stands_in_the_guide() -> None:
    guide = (ROOT / "migration_guide/conformance.md").read_text("utf-8")
    missing = [
        test
        for row in ALL
        if row.kind != "outside"
        for test in row.tests
        if f"`{re.split('[.:]+', test.rstrip('*'))[-1]}`" not in guide
    ]
    assert not missing
