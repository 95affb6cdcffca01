from __future__ import annotations

from pathlib import Path

import pytest

from scripts.benchmarks import options
from scripts.benchmarks.contenders import CONTENDERS
from scripts.benchmarks.load.closed_loop import parse_wrk
from scripts.benchmarks.pinning import Pinning, choose
from scripts.benchmarks.scenarios import SCENARIOS


def test_a_full_run_has_the_sizes_of_the_issue(tmp_path: Path) -> None:
    settings = options.settings(options.parse([]), tmp_path)
    sizes = (settings.rounds, settings.connections, settings.threads, settings.blocks, settings.body)
    assert sizes == (5, 32, 40, 10_000, 256 << 20)


def test_a_quick_run_is_smaller_and_says_so(tmp_path: Path) -> None:
    settings = options.settings(options.parse(["--quick"]), tmp_path)
    assert settings.rounds < 5
    assert settings.body < 256 << 20
    assert "not to quote" in options.describe(settings)["quality"]


def test_options_win_over_quick(tmp_path: Path) -> None:
    settings = options.settings(options.parse(["--quick", "--rounds", "7", "--seconds", "3"]), tmp_path)
    assert (settings.rounds, settings.seconds) == (7, 3.0)


def test_contenders_can_be_chosen() -> None:
    names = options.contender_names(options.parse(["--contenders", "native,gunicorn"]))
    assert set(names) & set(CONTENDERS) == {"native", "gunicorn"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--contenders", "native,unicorn"], "got unicorn; expected some of native, wsgi-bridge"),
        (["--only", "nothing"], "invalid choice: 'nothing'"),
    ],
    ids=["contender", "scenario"],
)
def test_a_wrong_name_is_told_what_there_is(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        options.parse(arguments)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cores", "wanted", "expected"),
    [
        pytest.param([0, 1], True, Pinning(server=0, generator=1), id="two"),
        pytest.param([4, 6, 8], True, Pinning(server=4, generator=6), id="more"),
        pytest.param([0], True, Pinning(server=None, generator=None), id="one"),
        pytest.param([0, 1], False, Pinning(server=None, generator=None), id="unwanted"),
    ],
)
def test_server_and_generator_get_a_core_each(cores: list[int], *, wanted: bool, expected: Pinning) -> None:
    assert choose(cores, wanted=wanted) == expected


def test_the_report_says_what_is_pinned() -> None:
    assert choose([0, 1], wanted=True).describe() == "server pinned to core 0, load generator to core 1"
    assert choose([0], wanted=True).describe().startswith("not pinned")


def test_the_figures_of_wrk_are_read_from_its_report() -> None:
    output = (
        "Running 1s test\n"
        'RESULT {"requests": 12, "rate": 11.5, "p50_ms": 1.0, "p99_ms": 2.0, "failures": 0}\n'
        "Requests/sec: 11\n"
    )
    load = parse_wrk(output, busy=0.25)
    assert (load.requests, load.rate, load.p99_ms, load.busy) == (12, 11.5, 2.0, 0.25)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_target_is_about_a_metric_that_its_scenario_measures(name: str) -> None:
    scenario = SCENARIOS[name]
    figures = {metric.name: 1.0 for metric in scenario.metrics}
    floor = {metric.name: 0.5 for metric in scenario.metrics}  # so that something is added to it
    medians = {contender: floor if contender == "native" else figures for contender in scenario.contenders}
    assert scenario.targets
    assert [target.text for target in scenario.targets if target.judge(medians).measured is None] == []
