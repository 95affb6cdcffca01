from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bridge.reports.wording import actions_together, percentages


@pytest.mark.parametrize(
    ("counts", "shares"),
    [
        ([], []),
        ([0, 0], [0, 0]),
        ([3, 0], [100, 0]),
        ([1, 1, 1], [34, 33, 33]),
        ([1, 1, 1, 1, 2, 1], [15, 14, 14, 14, 29, 14]),
        ([199, 1], [100, 0]),
        ([999, 1], [100, 0]),
    ],
)
def test_percentages_give_the_largest_remainders_what_is_left(counts: list[int], shares: list[int]) -> None:
    assert percentages(counts) == shares


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8).filter(any))
def test_percentages_add_up_to_a_hundred_and_none_is_off_by_one(counts: list[int]) -> None:
    shares = percentages(counts)
    assert sum(shares) == 100
    total = sum(counts)
    assert all(abs(share - count * 100 / total) < 1 for share, count in zip(shares, counts, strict=True))


def test_an_action_is_told_once_with_its_places() -> None:
    actions = [
        "a.py:3: f -> g",
        "a.py:4: h -> i",
        "b.py:1: f -> g",
        "a.py:9: f -> g",
        "a.py:3: f -> g",
        "drop it",
    ]
    assert actions_together(actions) == ["a.py:3, 9, b.py:1: f -> g", "a.py:4: h -> i", "drop it"]
    assert actions_together([]) == []
