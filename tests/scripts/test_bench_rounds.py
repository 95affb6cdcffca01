from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.benchmarks.errors import TimedOutError, WrongAnswerError
from scripts.benchmarks.pinning import Pinning
from scripts.benchmarks.results import Metric, ScenarioResult
from scripts.benchmarks.rounds import run_scenario
from scripts.benchmarks.scenarios.base import Figures, Scenario, Settings
from scripts.benchmarks.targets import Target, ratio

SETTINGS = Settings(
    quick=True,
    rounds=3,
    seconds=0.1,
    connections=2,
    threads=2,
    blocks=10,
    body=1 << 20,
    generator="python",
    limit=5.0,
    pinning=Pinning(server=None, generator=None),
    files=Path(),
)


class Fake:
    """A scenario that writes down what it is asked to do."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.on_check: Callable[[str], None] = lambda name: None
        self.on_measure: Callable[[str], float] = lambda name: 1.0

    def check(self, name: str, settings: Settings) -> None:
        self.log.append(f"check {name}")
        self.on_check(name)

    def measure(self, name: str, settings: Settings) -> Figures:
        self.log.append(name)
        return {"rate": self.on_measure(name)}

    def run(self, *, contenders: str = "ABC", max_rounds: int | None = None) -> ScenarioResult:
        scenario = Scenario(
            name="fake",
            title="{blocks} blocks, {mib} MiB",
            contenders=("A", "B", "C"),
            metrics=(Metric("rate", "requests/s"),),
            targets=(Target("A beside B", ratio("rate", "A", "B"), 1.0, at_least=True),),
            check=self.check,
            measure=self.measure,
            max_rounds=max_rounds,
        )
        return run_scenario(scenario, list(contenders), SETTINGS, lambda text: None)


@pytest.fixture
def fake() -> Fake:
    return Fake()


def test_answers_are_checked_first_and_rounds_are_interleaved(fake: Fake) -> None:
    fake.run()
    assert fake.log == ["check A", "check B", "check C", *"ABC", *"ABC", *"ABC"]


def test_a_scenario_may_need_fewer_rounds(fake: Fake) -> None:
    fake.run(max_rounds=1)
    assert fake.log[3:] == [*"ABC"]


def test_only_those_asked_for_take_part_in_the_order_of_the_scenario(fake: Fake) -> None:
    assert [row.name for row in fake.run(contenders="CA").contenders] == ["A", "C"]


def test_a_wrong_answer_is_never_timed(fake: Fake) -> None:
    def refuse_b(name: str) -> None:
        if name == "B":
            raise WrongAnswerError("404")

    fake.on_check = refuse_b
    found = fake.run()
    assert fake.log.count("B") == 0
    assert (found.contenders[1].rounds, found.contenders[1].note) == ((), "wrong answer: 404")
    assert found.verdicts[0].met is None


def test_a_time_out_ends_the_part_of_that_contender_only(fake: Fake) -> None:
    def slow_c(name: str) -> float:
        if name == "C":
            raise TimedOutError(5)
        return 1.0

    fake.on_measure = slow_c
    found = fake.run()
    assert fake.log[3:] == [*"ABC", *"AB", *"AB"]
    assert found.contenders[2].note == "timed out after 5 s"
    assert found.verdicts[0].met is True


def test_verdicts_are_of_medians(fake: Fake) -> None:
    figures = {"A": iter([1.0, 10.0, 100.0]), "B": iter([9.0, 9.0, 9.0]), "C": iter([1.0, 1.0, 1.0])}
    fake.on_measure = lambda name: next(figures[name])
    verdict = fake.run().verdicts[0]
    assert verdict.measured == pytest.approx(10 / 9)


def test_a_title_names_the_sizes_of_the_run(fake: Fake) -> None:
    assert fake.run().title == "10 blocks, 1 MiB"


def test_a_mistake_of_our_own_is_not_taken_for_a_result(fake: Fake) -> None:
    fake.on_measure = lambda name: 1 / 0
    with pytest.raises(ZeroDivisionError):
        fake.run()
