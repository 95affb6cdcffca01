"""What differs by itself is told from what modern does differently."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from bridge.incremental.compare import NoiseBook, Outcome, verdict_of
from bridge.incremental.compare.noise import is_noise
from bridge.incremental.compare.verdict import wilson_interval


def merged(*increments: dict[str, int]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in increments:
        for name, number in each.items():
            total[name] = total.get(name, 0) + number
    return total


def run(book: NoiseBook, *pairs: tuple[list[str], list[str] | None]) -> tuple[list[Outcome], dict[str, int]]:
    judged = [book.judge(raw, noise) for raw, noise in pairs]
    return [outcome for outcome, _ in judged], merged(*(increments for _, increments in judged))


@pytest.mark.parametrize(
    ("raw", "noise", "requests", "expected"),
    [
        (0, 0, 100, False),
        (100, 0, 100, False),
        (100, 100, 100, True),  # a token: always other
        (5, 4, 100, True),  # a clock's second: now and then
        (100, 10, 100, False),  # noisy now and then, but always other for modern
        (3, 2, 100_000, True),  # 0.001 % apart: below the absolute threshold
        (4, 10, 100, True),
    ],
)
def test_a_field_is_noise_where_legacy_differs_from_itself_about_as_often(
    raw: int, noise: int, requests: int, expected: bool
) -> None:
    assert is_noise(raw, noise, requests) is expected


def test_equal_answers_are_equal() -> None:
    assert run(NoiseBook(), ([], []), ([], None)) == (
        [Outcome.EQUAL] * 2,
        {"compared": 2, "noise.asked": 1, "equal": 2},
    )


def test_a_token_is_noise_from_the_first_request_on() -> None:
    outcomes, counters = run(NoiseBook(), *[(["cookie.session"], ["cookie.session"])] * 30)
    assert set(outcomes) == {Outcome.NOISE}
    assert verdict_of(counters).noisy == (("cookie.session", 30),)


def test_what_was_learned_holds_where_legacy_is_not_asked_twice() -> None:
    outcomes, _ = run(NoiseBook(), *[(["$.at"], ["$.at"])] * 5, *[(["$.at"], None)] * 20)
    assert set(outcomes) == {Outcome.NOISE}


def test_a_real_difference_beside_noise_is_a_difference() -> None:
    outcomes, counters = run(NoiseBook(), *[(["$.at", "$.price"], ["$.at"])] * 3)
    assert set(outcomes) == {Outcome.DIFFERENT}
    verdict = verdict_of(counters)
    assert (verdict.noisy, verdict.differing) == ((("$.at", 3),), (("$.price", 3),))
    assert (verdict.compared, verdict.different, verdict.ready) == (3, 3, False)


def test_what_is_ignored_by_now_is_neither_noise_nor_a_difference() -> None:
    _, counters = run(NoiseBook(), *[(["$.at", "$.rows[*].price"], ["$.at"])] * 3)
    verdict = verdict_of(counters, ignored=["$.rows", "$.at"])
    assert (verdict.noisy, verdict.differing, verdict.different) == ((), (), 3)


def test_a_noisy_field_that_modern_always_gets_wrong_is_a_difference_in_the_end() -> None:
    book = NoiseBook()
    run(book, *[(["$.rows"], [])] * 40)
    assert book.judge(["$.rows"], ["$.rows"])[0] is Outcome.DIFFERENT


def test_a_book_goes_on_where_the_counters_stand() -> None:
    _, counters = run(NoiseBook(), *[(["$.at"], ["$.at"])] * 30)
    assert NoiseBook(counters).judge(["$.at"], None)[0] is Outcome.NOISE


def test_a_page_that_invents_fields_does_not_fill_the_store() -> None:
    _, counters = run(NoiseBook(), *[([f"$.{number}"], None) for number in range(1000)])
    assert len([name for name in counters if name.startswith("field.")]) <= 300
    assert counters["different"] == 1000


@given(st.lists(st.tuples(st.lists(st.sampled_from("abc")), st.none() | st.lists(st.sampled_from("abc")))))
def test_every_request_has_one_outcome(pairs: list[tuple[list[str], list[str] | None]]) -> None:
    outcomes, counters = run(NoiseBook(), *pairs)
    assert counters.get("compared", 0) == len(pairs) == sum(counters.get(each.value, 0) for each in Outcome)
    assert all(
        (outcome is Outcome.EQUAL) == (not raw) for outcome, (raw, _) in zip(outcomes, pairs, strict=True)
    )


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [(0, 0, 0.0, 1.0), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (0, 10, 0.0, 0.2775)],
)  # Newcombe (1998), table I, method 3
def test_the_interval_is_the_published_one(successes: int, trials: int, lower: float, upper: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((lower, upper), abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share_and_narrows(successes: int, extra: int) -> None:
    trials = successes + extra
    lower, upper = wilson_interval(successes, trials)
    assert 0 <= lower <= successes / trials <= upper <= 1
    wider = wilson_interval(successes * 10, trials * 10)
    assert wider[1] - wider[0] < upper - lower


def test_a_route_is_ready_after_enough_requests_without_a_difference() -> None:
    assert not verdict_of({"compared": 380, "equal": 380}).ready
    assert verdict_of({"compared": 381, "equal": 81, "noise": 300}).ready
    assert not verdict_of({"compared": 1000, "equal": 995, "different": 5}).ready
    assert verdict_of({"compared": 20, "equal": 20}, ready=0.8).ready
    assert not verdict_of({}).ready
