from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.external.command import report
from scripts.external.contenders import CONTENDERS
from scripts.external.peers import frames
from scripts.external.suites import SUITES, command
from scripts.external.verdicts import Excuse, Outcome, judge
from tests.markdown import ROOT

PLUGINS = ROOT / "scripts/external/plugins"


def external_suites(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.external", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What stands for Flask's repository: one test through its client, one that fails."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_it.py").write_text(
        "import flask\n"
        "def test_crosses():\n"
        "    app = flask.Flask('it')\n"
        "    app.add_url_rule('/', view_func=lambda: repr(flask.request.environ['asgi.scope']['type']))\n"
        "    assert app.test_client().get('/').text == \"'http'\"\n"
        "def test_fails():\n"
        "    assert False, 'on purpose'\n"
    )
    return tmp_path


@pytest.mark.parametrize("name", SUITES)
def test_every_suite_has_its_plugin(name: str) -> None:
    assert (PLUGINS / f"{SUITES[name].plugin}.py").is_file()


def test_a_suite_as_its_authors_run_it_has_no_plugin() -> None:
    bridged = command(SUITES["flask"], Path("there"), python="py")
    alone = command(SUITES["flask"], Path("there"), python="py", bridged=False)
    assert "scripts.external.plugins.flask_suite" in bridged
    assert "scripts.external.plugins.flask_suite" not in alone
    assert alone[0] == "py"


def test_named_tests_take_the_place_of_all() -> None:
    assert command(SUITES["flask"], Path("there"), only=("a::b",))[-1] == "a::b"
    assert command(SUITES["django"], Path("there"), only=("servers.x",))[-2:] == [
        "there/tests/runtests.py",
        "servers.x",
    ]


def test_a_run_puts_the_bridge_behind_the_client_and_reports(checkout: Path) -> None:
    done = external_suites("flask", str(checkout))
    assert "flask, wsgi-bridge on uvicorn: 1 of 2 passed, 1 failed, 0 excused" in done.stdout
    assert "FAILED   tests/test_it.py::test_fails\n           AssertionError: on purpose" in done.stdout
    assert "STALE" in done.stdout  # the real suite's excuses have no test here
    assert done.returncode == 1


def test_a_comparison_judges_nobody(checkout: Path) -> None:
    done = external_suites("flask", str(checkout), "--bridge", "none")
    assert "flask, none on uvicorn: 0 of 2 passed, 2 failed" in done.stdout
    assert done.returncode == 0


def test_a_folder_without_the_suite_is_reported(tmp_path: Path) -> None:
    done = external_suites("flask", str(tmp_path))
    assert done.stdout == f"flask: no test ran; is {tmp_path} its checkout? Look at --verbose.\n"
    assert done.returncode == 1


def test_the_report_names_clause_and_second_opinion() -> None:
    excuse = Excuse(
        suite="x", tests=("t",), kind="server", reason="it does so", clause="RFC 1", passes_on="granian"
    )
    lines = "\n".join(report("x", "wsgi-bridge on uvicorn", judge([Outcome("t", "failed")], [excuse])))
    assert lines == (
        "x, wsgi-bridge on uvicorn: 0 of 1 passed, 0 failed, 1 excused (0 not about a bridge, 0 skipped)\n"
        "  excused  t\n"
        "           server: it does so [RFC 1]; passes on granian"
    )


@pytest.mark.parametrize(
    ("sizes", "body", "expected"),
    [
        pytest.param([], b"", [], id="empty-list"),
        pytest.param([0], b"", [b""], id="empty-block"),
        pytest.param([4, 2, 4], b"01234567", [b"0123", b"45", b"67"], id="cut-at-a-length"),
        pytest.param([4, 4], b"0123", [b"0123"], id="block-left-out"),
        pytest.param([], b"error page", [b"error page"], id="not-the-application's"),
    ],
)
def test_frames_are_the_application_s_blocks(sizes: list[int], body: bytes, expected: list[bytes]) -> None:
    assert list(frames(sizes, body)) == expected


def test_the_results_file_is_json_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scripts.external.plugins import recording

    monkeypatch.setattr(recording, "_path", str(tmp_path / "results"))
    recording.record("t", "failed", "x" * 1000)
    row = json.loads((tmp_path / "results").read_text())
    assert (row["test"], row["outcome"], len(row["message"])) == ("t", "failed", 300)


def test_contenders_are_named_as_on_the_command_line() -> None:
    assert list(CONTENDERS) == ["wsgi-bridge", "a2wsgi", "asgiref"]
