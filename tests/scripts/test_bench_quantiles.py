from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from scripts.benchmarks.quantiles import percentile, steady_rate


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.5, 51.0), (0.99, 100.0), (1.0, 100.0)], ids=lambda each: f"{each}"
)
def test_percentile_of_one_to_a_hundred(share: float, expected: float) -> None:
    assert percentile([float(number) for number in range(1, 101)], share) == expected


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no request was answered"):
        percentile([], 0.5)


@given(
    threads=st.integers(1, 50),
    clients=st.integers(1, 5),
    waves=st.integers(2, 30),
    cut=st.floats(0.0, 0.99),
)
def test_steady_rate_is_exact_for_waves_however_the_window_is_cut(
    threads: int, clients: int, waves: int, cut: float
) -> None:
    """`threads` answers every half second, from `threads * clients` clients: 2 * threads a second."""
    batch = threads * clients
    completions = [0.5 * (1 + index // threads) for index in range(waves * batch)]
    completions += [completions[-1] + 0.5] * int(cut * batch)  # an unfinished batch at the end
    rate = steady_rate(completions, batch=batch, seconds=completions[-1])
    assert rate == pytest.approx(2 * threads)


def test_steady_rate_of_too_few_answers_is_the_plain_rate() -> None:
    assert steady_rate([0.5, 1.0, 1.5], batch=40, seconds=6.0) == 0.5
