from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from scripts.compare_servers.noise import SLACK, learn

PAGE = '<p class="a">\n  <input name="csrf" value="{}">\n  <b>{}</b>\n</p>\n'
TEXTS = st.text(alphabet="ab7 \n<>=", max_size=80)


def test_equal_texts_leave_no_gap() -> None:
    template = learn("same\ntext", "same\ntext")
    assert not template.noisy
    assert template.maybe_misfit("same\ntext") is None
    assert template.maybe_misfit("same\ntexts") == len("same\ntext")


def test_a_token_is_a_gap_and_the_rest_is_not() -> None:
    template = learn(PAGE.format("k3Jx9", 7), PAGE.format("Qq07z", 7))
    assert template.noisy
    assert template.maybe_misfit(PAGE.format("third", 7)) is None
    assert template.maybe_misfit(PAGE.format("third", 8)) is not None
    assert template.maybe_misfit(PAGE.format("third", 7).replace("</p>", "")) is not None


def test_two_gaps_with_a_coincidence_between_them_are_one() -> None:
    """A time: 25 is a minute in one and a second in the other."""
    template = learn("modified 15:25:52 GMT at last", "modified 15:26:25 GMT at last")
    assert template.maybe_misfit("modified 15:26:04 GMT at last") is None


def test_a_paragraph_does_not_hide_in_a_gap() -> None:
    template = learn(PAGE.format("abc", 7), PAGE.format("xyz", 7))
    assert template.maybe_misfit(PAGE.format("q" * (SLACK + 50), 7)) is not None


@pytest.mark.parametrize(
    ("one", "other"), [("", "x"), ("x", ""), ("a b", "c d"), ("tail a", "tail b"), ("a head", "b head")]
)
def test_noise_at_the_edges_fits(one: str, other: str) -> None:
    template = learn(one, other)
    assert template.maybe_misfit(one) is None
    assert template.maybe_misfit(other) is None


@given(one=TEXTS, other=TEXTS)
def test_both_texts_fit_what_was_learned_from_them(one: str, other: str) -> None:
    template = learn(one, other)
    assert template.maybe_misfit(one) is None
    assert template.maybe_misfit(other) is None


@given(text=TEXTS, other=TEXTS)
def test_without_noise_only_the_text_itself_fits(text: str, other: str) -> None:
    assert (learn(text, text).maybe_misfit(other) is None) == (text == other)
