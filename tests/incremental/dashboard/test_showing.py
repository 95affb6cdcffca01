"""What the dashboard works out of a route: its next step, how its canary does, the picture of its latencies."""

from __future__ import annotations

import pytest

from bridge.incremental.configuration import Configuration
from bridge.incremental.counters import bucket_of
from bridge.incremental.dashboard.pages import marked, milliseconds
from bridge.incremental.dashboard.showing import Row, histogram, rows_of
from bridge.incremental.overview import overview
from bridge.incremental.store import Settings

ROUTE = "GET /x"
SAME = {"compared": 400, "equal": 400}
DIFFERENT = {"compared": 10, "equal": 9, "different": 1, "field.raw:$.a": 1}


def answers(side: str, requests: int, seconds: float, errors: int = 0) -> dict[str, int]:
    name = f"{side}.latency.{bucket_of(seconds)}"
    return {f"{side}.requests": requests, f"{side}.errors": errors, name: requests}


def row(setting: str, counters: dict[str, int]) -> Row:
    table = Configuration.from_mapping({"routes": {ROUTE: setting}}).table
    return rows_of(overview(table, Settings(0, {}), {ROUTE: counters}), (), table)[0]


GOOD = {**answers("legacy", 900, 0.1), **answers("modern", 60, 0.05)}


@pytest.mark.parametrize(
    ("setting", "counters", "step"),
    [
        ("legacy", {}, "shadow"),
        ("shadow", {}, None),
        ("shadow", DIFFERENT, None),
        ("shadow", SAME, "canary:5"),
        ("canary:5", answers("modern", 3, 0.1), None),
        ("canary:5", {**GOOD, **SAME, **answers("modern", 410, 0.05)}, None),
        ("canary:5", {**GOOD, **SAME, **answers("modern", 460, 0.05)}, "canary:25"),
        ("canary:5", GOOD, "canary:25"),
        ("canary:7.5", GOOD, "canary:25"),
        ("canary:50", GOOD, "modern"),
        ("canary:5", {**GOOD, **answers("modern", 60, 0.05, errors=20)}, "legacy"),
        ("canary:5", {**GOOD, **answers("modern", 60, 1.0)}, "legacy"),
        ("dark", SAME, "modern"),
        ("dark", DIFFERENT, None),
        ("fallback", {}, None),
        ("fallback", GOOD, "modern"),
        ("fallback", {**GOOD, "fallback.fell": 1}, None),
        ("modern", GOOD, None),
    ],
)
def test_the_next_step_of_a_route(setting: str, counters: dict[str, int], step: str | None) -> None:
    assert row(setting, counters).step.setting == step


def test_a_canary_that_answers_otherwise_is_looked_at_and_not_waited_for() -> None:
    step = row("canary:5", {**answers("modern", 3, 0.1), **DIFFERENT}).step
    assert step.setting is None
    assert "look at what differs" in step.why


def test_the_default_has_no_next_step_of_its_own() -> None:
    table = Configuration.from_mapping({}).table
    (default,) = rows_of(overview(table, Settings(0, {}), {}), (), table)
    assert "Write a rule" in default.step.why


def test_a_histogram_shows_shares_of_both_sides_between_the_shortest_and_the_longest() -> None:
    found = histogram({**answers("legacy", 1000, 0.1), **answers("modern", 10, 0.025)})
    assert found is not None
    columns, first, last = found
    assert [each for each in columns if any(each)] == [(0.0, 1.0), (1.0, 0.0)], "however many requests"
    assert (columns[0], columns[-1]) == ((0.0, 0.0), (0.0, 0.0))
    assert 0 < first < 0.025
    assert 0.1 < last < 0.2
    assert histogram({}) is None


@pytest.mark.parametrize(
    ("text", "other", "parts"),
    [
        ("12.50", "12.5", ("12.5", "0", "")),
        ("a three b", "a 3 b", ("a ", "three", " b")),
        ("aa", "aaa", ("aa", "", "")),
        ("aaa", "aa", ("aa", "a", "")),
        ("x", None, ("", "x", "")),
    ],
)
def test_what_differs_between_two_values_is_marked(
    text: str, other: str | None, parts: tuple[str, ...]
) -> None:
    assert marked(text, other) == parts


def test_times_are_written_with_their_unit() -> None:
    assert [milliseconds(each) for each in (None, 0.0012, 0.0456, 2.94)] == ["-", "1.2 ms", "46 ms", "2.9 s"]
