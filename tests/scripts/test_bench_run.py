"""The benchmark itself, small: real servers, real sockets, a client in Python."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from scripts.benchmarks import program
from scripts.benchmarks.errors import BenchmarkError, ServerDiedError, TimedOutError, WrongAnswerError
from scripts.benchmarks.load import burst, closed_loop, transfer
from scripts.benchmarks.pinning import Pinning
from scripts.benchmarks.scenarios.base import Scenario, Settings
from scripts.benchmarks.scenarios.bodies import FILE, UPLOAD
from scripts.benchmarks.scenarios.calling import CALLING, DATABASE, REQUESTS
from scripts.benchmarks.scenarios.streams import BEATS, STREAM
from scripts.benchmarks.scenarios.talking import MESSAGES, SOCKS
from scripts.benchmarks.server import Place, serving

MIB = 1 << 20
UNPINNED = Pinning(server=None, generator=None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name, size in (("small", 1 << 16), ("whole", 2 * MIB)):
        (tmp_path / f"{name}.bin").write_bytes(bytes(range(256)) * (size // 256))
    return Settings(
        quick=True,
        rounds=1,
        seconds=0.2,
        connections=4,
        threads=4,
        blocks=300,
        body=2 * MIB,
        generator="python",
        limit=20.0,
        pinning=UNPINNED,
        files=tmp_path,
    )


def test_a_run_measures_writes_and_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "RESULTS", tmp_path / "bench-results")
    found = tmp_path / "report.json"
    status = program.main(
        [
            *("--only", "hello", "--contenders", "native,wsgi-bridge", "--rounds", "1", "--seconds", "0.2"),
            *("--connections", "4", "--generator", "python", "--no-pin", "--check", "--json", str(found)),
        ]
    )
    (scenario,) = json.loads(found.read_text())["scenarios"]
    assert {row["name"] for row in scenario["contenders"] if row["medians"]["rate"] > 0} == {
        "native",
        "wsgi-bridge",
    }
    assert scenario["verdicts"][1]["met"] is None  # a2wsgi took no part
    assert status == 1  # so --check is not satisfied
    assert "Hello world" in capsys.readouterr().out
    assert sorted(path.suffix for path in (tmp_path / "bench-results").iterdir()) == [".json", ".md"]


def test_an_earlier_report_is_shown_without_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "PAGE", tmp_path / "performance.md")
    earlier = tmp_path / "earlier.json"
    earlier.write_text(
        json.dumps({"schema_version": 1, "machine": {"load before": "0"}, "settings": {}, "scenarios": []})
    )
    markdown = tmp_path / "report.md"
    assert program.main(["--from-json", str(earlier), "--markdown", str(markdown), "--document"]) == 0
    assert markdown.read_text().startswith("# Benchmark")
    assert (tmp_path / "performance.md").read_text().count("# Performance") == 1
    assert "Targets" in capsys.readouterr().out


@pytest.mark.parametrize(
    "contender",
    ["native", "wsgi-bridge", "greenlets", "a2wsgi", "asgiref", "hypercorn", "gunicorn", "granian"],
)
@pytest.mark.parametrize("scenario", [STREAM, BEATS, UPLOAD, FILE], ids=lambda scenario: str(scenario.name))
@pytest.mark.slow
def test_every_contender_answers_every_scenario_with_the_expected_bytes(
    scenario: Scenario, contender: str, settings: Settings
) -> None:
    scenario.check(contender, settings)
    figures = scenario.measure(contender, settings)
    assert {metric.name for metric in scenario.metrics} >= set(figures) - {"mib_per_second"}
    assert figures[scenario.metrics[0].name] > 0


@pytest.mark.parametrize(
    ("scenario", "contender"), [(CALLING, "native"), (CALLING, "greenlets"), (REQUESTS, "greenlets")]
)
def test_the_answer_of_a_slow_service_is_handed_on(
    scenario: Scenario, contender: str, settings: Settings
) -> None:
    scenario.check(contender, settings)


@pytest.mark.parametrize(
    ("scenario", "contender"),
    [
        (MESSAGES, "wsgi-bridge"),
        *[pytest.param(SOCKS, contender, marks=pytest.mark.slow) for contender in SOCKS.contenders],
    ],
)
def test_a_message_is_echoed(scenario: Scenario, contender: str, settings: Settings) -> None:
    scenario.check(contender, settings)


def test_a_scenario_whose_database_is_absent_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("WSGI_BRIDGE_TEST_POSTGRESQL_PORT", str(taken.getsockname()[1]))
    with pytest.raises(BenchmarkError, match="skipped: no PostgreSQL answers on port"):
        DATABASE.check("greenlets", settings)


def test_a_crowd_is_counted_and_its_failures_are_an_error(tmp_path: Path) -> None:
    with serving("native", "upload", threads=2, place=Place(UNPINNED, tmp_path)) as server:
        found = burst.run(burst.Crowd(server.port, "/", clients=3, each=2, limit=20))
    assert (found.requests, found.failures) == (6, 0)
    assert 0 < found.p50_ms <= found.p99_ms <= 1000 * found.seconds
    with pytest.raises(WrongAnswerError):  # nobody listens there any more
        burst.run(burst.Crowd(server.port, "/", clients=1, each=1, limit=20))


def test_a_server_that_cannot_start_is_named_with_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerDiedError, match="has no native ASGI form"),
        serving("native", "flask", threads=2, place=Place(UNPINNED, tmp_path)),
    ):
        pass


def test_a_transfer_past_its_limit_is_timed_out(tmp_path: Path) -> None:
    with (
        serving("native", "wait", threads=2, place=Place(UNPINNED, tmp_path)) as server,
        pytest.raises(TimedOutError, match=r"timed out after 0\.1 s"),
    ):
        transfer.exchange(server.port, "/wait", limit=0.1)


def test_the_client_in_python_counts_what_it_received(tmp_path: Path) -> None:
    with serving("native", "hello", threads=2, place=Place(UNPINNED, tmp_path)) as server:
        load = closed_loop.run(closed_loop.Plan(server.port, "/", 2, 0.2, "python"))
    assert load.requests > 0
    assert load.failures == 0
    assert 0 < load.p50_ms <= load.p99_ms
