from __future__ import annotations

import dataclasses
import io
import json

import pytest
from rich.console import Console

from scripts.benchmarks.reports.caveats import caveats
from scripts.benchmarks.reports.document import performance_page
from scripts.benchmarks.reports.markdown import as_markdown
from scripts.benchmarks.reports.table import show
from scripts.benchmarks.results import ContenderResult, Metric, Report, ScenarioResult, from_json, to_json
from scripts.benchmarks.targets import Verdict

REPORT = Report(
    machine={"python": "CPython 3.11", "load before": "0.10"},
    settings={"rounds": "2 interleaved"},
    scenarios=(
        ScenarioResult(
            name="hello",
            title="Hello world",
            metrics=(Metric("rate", "requests/s", more_is_better=True), Metric("p99_ms", "p99 ms", 2)),
            contenders=(
                ContenderResult("native", ({"rate": 30_000, "p99_ms": 1.5}, {"rate": 32_000, "p99_ms": 2.5})),
                ContenderResult("wsgi-bridge", ({"rate": 25_000, "p99_ms": 2.25},)),
                ContenderResult("asgiref", (), "timed out after 5 s"),
            ),
            verdicts=(
                Verdict("throughput >= 0.80 of native", 25 / 31, 0.8, at_least=True, unit="x"),
                Verdict("p99 <= 1 ms", 2.25, 1.0, at_least=False, unit="ms"),
                Verdict("throughput >= 4.5 x a2wsgi", None, 4.5, at_least=True, unit="x"),
            ),
        ),
    ),
)

TERMINAL = """\
      python  CPython 3.11
 load before  0.10
      rounds  2 interleaved
Hello world
┌─────────────┬────────────┬────────┬────────┬──────────┬─────────────────────┐
│             │ requests/s │ p99 ms │ spread │ x native │ note                │
├─────────────┼────────────┼────────┼────────┼──────────┼─────────────────────┤
│ native      │     31,000 │   2.00 │   ±3 % │     1.00 │                     │
│ wsgi-bridge │     25,000 │   2.25 │        │     0.81 │                     │
│ asgiref     │            │        │        │          │ timed out after 5 s │
└─────────────┴────────────┴────────┴────────┴──────────┴─────────────────────┘
Targets
┌──────────┬──────────────────────────────┬──────────────┬─────┐
│ scenario │ target                       │     measured │ met │
├──────────┼──────────────────────────────┼──────────────┼─────┤
│ hello    │ throughput >= 0.80 of native │       0.81 x │ yes │
│ hello    │ p99 <= 1 ms                  │      2.25 ms │ no  │
│ hello    │ throughput >= 4.5 x a2wsgi   │ not measured │ ?   │
└──────────┴──────────────────────────────┴──────────────┴─────┘
"""

MARKDOWN = """\
# Benchmark

- python: CPython 3.11
- load before: 0.10
- rounds: 2 interleaved

## Targets

| scenario | target | measured | met |
| --- | --- | ---: | ---: |
| hello | throughput >= 0.80 of native | 0.81 x | yes |
| hello | p99 <= 1 ms | 2.25 ms | no |
| hello | throughput >= 4.5 x a2wsgi | not measured | ? |

## Hello world

|  | requests/s | p99 ms | spread | x native | note |
| --- | ---: | ---: | ---: | ---: | ---: |
| native | 31,000 | 2.00 | ±3 % | 1.00 |  |
| wsgi-bridge | 25,000 | 2.25 |  | 0.81 |  |
| asgiref |  |  |  |  | timed out after 5 s |
"""


def test_a_report_goes_to_json_and_back_unchanged() -> None:
    assert from_json(to_json(REPORT)) == REPORT


def test_the_json_spells_out_medians_and_verdicts() -> None:
    scenario = json.loads(to_json(REPORT))["scenarios"][0]
    assert scenario["contenders"][0]["medians"] == {"rate": 31_000, "p99_ms": 2.0}
    assert [verdict["met"] for verdict in scenario["verdicts"]] == [True, False, None]


def test_json_of_another_version_is_refused() -> None:
    document = json.loads(to_json(REPORT)) | {"schema_version": 99}
    with pytest.raises(ValueError, match=r"schema_version 99, expected 1"):
        from_json(json.dumps(document))


def test_the_terminal_shows_tables_and_targets() -> None:
    console = Console(file=io.StringIO(), width=100, legacy_windows=False, color_system=None)
    show(REPORT, console)
    assert isinstance(console.file, io.StringIO)
    # rich draws heavy heads; light ones are easier to write down exactly
    printed = "".join(line.rstrip() + "\n" for line in console.file.getvalue().splitlines())
    assert printed.translate(str.maketrans("┏┳┓┃━┡╇┩", "┌┬┐│─├┼┤")) == TERMINAL


def test_markdown_is_the_same_report() -> None:
    assert as_markdown(REPORT) == MARKDOWN


def test_the_page_of_the_guide_has_the_figures_and_the_method() -> None:
    page = performance_page(REPORT)
    assert page.startswith("<!-- Written by `./scripts/bench --document`")
    assert "| wsgi-bridge | 25,000 | 2.25 |  | 0.81 |  |" in page
    assert "| hello | p99 <= 1 ms | 2.25 ms | no |" in page
    assert "\n\n\n" not in page


def test_a_calm_run_has_no_caveats() -> None:
    assert caveats(REPORT) == []


@pytest.mark.parametrize(
    ("machine", "figures", "said"),
    [
        pytest.param(
            {"load before": "1.50"}, {}, "the machine was busy before the run (load 1.50)", id="load"
        ),
        pytest.param(
            {},
            {"generator_busy": 0.95},
            "hello, native: the load generator used 95 % of its core",
            id="generator",
        ),
        pytest.param({}, {"server_busy": 0.5}, "hello: servers had as little as 50 % of a core", id="server"),
    ],
)
def test_a_doubtful_figure_is_named(machine: dict[str, str], figures: dict[str, float], said: str) -> None:
    scenario = dataclasses.replace(REPORT.scenarios[0], contenders=(ContenderResult("native", (figures,)),))
    report = dataclasses.replace(REPORT, machine={**REPORT.machine, **machine}, scenarios=(scenario,))
    (caveat,) = caveats(report)
    assert caveat.startswith(said)
