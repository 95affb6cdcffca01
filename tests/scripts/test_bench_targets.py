from __future__ import annotations

import pytest

from scripts.benchmarks.targets import Measure, Target, added_share, ratio, value

MEDIANS = {
    "native": {"cpu_us": 30.0, "rate": 30_000.0},
    "wsgi-bridge": {"cpu_us": 38.0, "rate": 25_000.0},
    "a2wsgi": {"cpu_us": 190.0, "rate": 5_000.0},
}


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        pytest.param(value("native", "rate"), 30_000.0, id="value"),
        pytest.param(ratio("rate", "wsgi-bridge", "a2wsgi"), 5.0, id="ratio"),
        pytest.param(added_share("cpu_us", "wsgi-bridge", "a2wsgi", "native"), 0.05, id="added-share"),
        pytest.param(value("asgiref", "rate"), None, id="value-of-an-absent-contender"),
        pytest.param(value("native", "peak_mib"), None, id="value-of-an-absent-metric"),
        pytest.param(ratio("rate", "wsgi-bridge", "asgiref"), None, id="ratio-to-an-absent-contender"),
        pytest.param(added_share("cpu_us", "asgiref", "a2wsgi", "native"), None, id="added-share-absent"),
    ],
)
def test_measure(measure: Measure, expected: float | None) -> None:
    assert measure(MEDIANS) == pytest.approx(expected)


def test_added_share_is_negative_below_the_floor() -> None:
    medians = {"us": {"cpu": 20.0}, "them": {"cpu": 50.0}, "floor": {"cpu": 30.0}}
    assert added_share("cpu", "us", "them", "floor")(medians) == -0.5


def test_added_share_is_unknown_when_the_reference_adds_nothing() -> None:
    medians = {"us": {"cpu": 20.0}, "them": {"cpu": 30.0}, "floor": {"cpu": 30.0}}
    assert added_share("cpu", "us", "them", "floor")(medians) is None


def test_ratio_to_nothing_is_unknown() -> None:
    assert ratio("rate", "us", "them")({"us": {"rate": 5.0}, "them": {"rate": 0.0}}) is None


@pytest.mark.parametrize(
    ("limit", "at_least", "met"),
    [
        pytest.param(0.80, True, True, id="above-a-floor"),
        pytest.param(0.90, True, False, id="below-a-floor"),
        pytest.param(0.90, False, True, id="below-a-ceiling"),
        pytest.param(0.80, False, False, id="above-a-ceiling"),
    ],
)
def test_a_verdict_compares_in_the_right_direction(limit: float, *, at_least: bool, met: bool) -> None:
    target = Target("throughput", ratio("rate", "wsgi-bridge", "native"), limit, at_least=at_least)
    assert target.judge(MEDIANS).met is met


def test_a_verdict_without_figures_is_neither_met_nor_missed() -> None:
    verdict = Target("throughput", value("asgiref", "rate"), 1.0).judge(MEDIANS)
    assert (verdict.measured, verdict.met) == (None, None)
