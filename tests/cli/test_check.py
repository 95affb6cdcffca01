from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.analysis import inspecting
from bridge.analysis.rules import Inspection, Obstacle, rules
from bridge.cli.check import EXIT_CODES
from bridge.reports import FORMATS
from tests.cli.conftest import Project
from tests.cli.test_main import run_main

ROOT = Path(__file__).resolve().parents[2]
EXIT_FINDINGS = next(code for code, text in EXIT_CODES.items() if text == "findings")

SHOP = """\
import time

import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


def ask():
    return requests.get("http://carrier").text


@app.get("/slow")
def slow():
    time.sleep(1)
    return ask()
"""
CLEAN = SHOP.replace("    time.sleep(1)\n", "").replace("requests.get", "str")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = project({"shop.py": SHOP})
    monkeypatch.chdir(folder)
    return folder


def check(capsys: Capture, *arguments: str) -> tuple[int, list[str], str]:
    """Run `check`; return the exit code, the lines of output, and standard error."""
    code, out, err = run_main(capsys, "check", "--no-cache", *arguments)
    assert isinstance(code, int)
    return code, out.splitlines(), err


def test_findings_end_with_one_and_are_a_line_each(shop: Path, capsys: Capture) -> None:
    code, lines, err = check(capsys)
    assert code == 1
    assert lines == [
        "shop.py:10:12: WB201 requests.get waits for an answer over HTTP [GET /slow]",
        "shop.py:15:5: WB101 time.sleep sleeps while the request waits [GET /slow]",
    ]
    assert err == "2 findings; 1 route\n"


def test_a_rule_that_crashes_is_named_the_others_go_on_and_it_ends_with_two(
    shop: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
        raise ZeroDivisionError("on purpose")

    broken = {**rules(), "WB510": replace(rules()["WB510"], obstacles=obstacles)}
    monkeypatch.setattr(inspecting, "rules", lambda: broken)
    code, lines, err = check(capsys)
    assert code == 2
    assert [line.split()[1] for line in lines] == ["WB201", "WB101"]
    assert "the rule WB510: ZeroDivisionError: on purpose (obstacles, line " in err
    assert "Traceback" not in err


def test_no_findings_end_with_zero(project: Project, capsys: Capture) -> None:
    assert check(capsys, str(project({"shop.py": CLEAN}))) == (0, [], "0 findings; 1 route\n")


def test_what_only_informs_is_printed_and_does_not_fail(project: Project, capsys: Capture) -> None:
    text = CLEAN.replace("def ask", "cache = {}\n\n\ndef ask").replace(
        "return ask()", "cache[1] = 2\n    return ask()"
    )
    code, lines, _ = check(capsys, str(project({"shop.py": text})))
    assert code == 0
    assert "WB511" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "rules"),
    [
        (["--select", "WB1"], ["WB101"]),
        (["--select", "WB1,WB201"], ["WB201", "WB101"]),
        (["--select", "wb1", "--select", "WB2"], ["WB201", "WB101"]),
        (["--ignore", "WB2"], ["WB101"]),
        (["--select", "WB2", "--ignore", "WB201"], []),
    ],
)
def test_rules_are_selected_and_ignored(
    shop: Path, capsys: Capture, arguments: list[str], rules: list[str]
) -> None:
    code, lines, _ = check(capsys, *arguments)
    assert [line.split()[1] for line in lines] == rules
    assert code == bool(rules)


def test_an_unknown_rule_is_refused_with_the_nearest(shop: Path, capsys: Capture) -> None:
    code, _, err = check(capsys, "--select", "WB212x")
    assert code == 2
    assert "--select: there is no rule 'WB212X'" in err
    assert "Did you mean WB212?" in err


def test_the_configuration_selects_too(shop: Path, capsys: Capture) -> None:
    (shop / "pyproject.toml").write_text('[tool.wsgi-bridge]\nignore = ["WB2"]\n')
    assert [line.split()[1] for line in check(capsys)[1]] == ["WB101"]
    assert check(capsys, "--ignore", "WB1")[0] == 0


def test_a_wrong_key_is_an_error_with_the_nearest(shop: Path, capsys: Capture) -> None:
    (shop / "pyproject.toml").write_text('[tool.wsgi-bridge]\nignored = ["WB2"]\n')
    code, _, err = check(capsys)
    assert code == 2
    assert "there is no key 'ignored'" in err
    assert "did you mean 'ignore'?" in err


def test_a_wrong_row_in_the_configuration_is_an_error(shop: Path, capsys: Capture) -> None:
    (shop / "pyproject.toml").write_text('[tool.wsgi-bridge]\nsinks = [{ nam = "a.b" }]\n')
    code, _, err = check(capsys)
    assert code == 2
    assert "[tool.wsgi-bridge] cannot be used" in err


# --- baseline


def test_a_baseline_is_written_and_then_only_new_findings_fail(shop: Path, capsys: Capture) -> None:
    code, lines, err = check(capsys, "--baseline", "known.json", "--update-baseline")
    assert (code, lines, err) == (0, [], "known.json: 2 findings\n")
    assert check(capsys, "--baseline", "known.json") == (0, [], "0 findings, 2 known; 1 route\n")
    (shop / "shop.py").write_text(
        "# moved\n" + SHOP + "\n\n@app.get('/new')\ndef new():\n    time.sleep(2)\n"
    )
    code, lines, err = check(capsys, "--baseline", "known.json")
    assert code == 1
    assert [line.partition(" ")[0] for line in lines] == ["shop.py:22:5:"]
    assert err == "1 finding, 2 known; 2 routes\n"


def test_a_stale_entry_ends_with_three_until_it_is_pruned(shop: Path, capsys: Capture) -> None:
    check(capsys, "--baseline", "known.json", "--update-baseline")
    (shop / "shop.py").write_text(CLEAN)
    code, lines, err = check(capsys, "--baseline", "known.json")
    assert (code, lines) == (3, [])
    assert "no longer found: WB101 time.sleep in shop.slow" in err
    assert "2 entries of the baseline are stale" in err
    assert check(capsys, "--baseline", "known.json", "--prune-baseline")[2] == "known.json: 0 findings\n"
    assert check(capsys, "--baseline", "known.json")[0] == 0


def test_pruning_takes_no_new_finding_in(shop: Path, capsys: Capture) -> None:
    (shop / "known.json").write_text('{"version": 1, "findings": []}')
    check(capsys, "--baseline", "known.json", "--prune-baseline")
    assert json.loads((shop / "known.json").read_text())["findings"] == []


def test_new_findings_come_before_stale_entries(shop: Path, capsys: Capture) -> None:
    check(capsys, "--baseline", "known.json", "--update-baseline")
    (shop / "shop.py").write_text(SHOP.replace("time.sleep(1)", "open('a')"))
    assert check(capsys, "--baseline", "known.json")[0] == 1


def test_the_configuration_names_the_baseline_beside_itself(shop: Path, capsys: Capture) -> None:
    (shop / "pyproject.toml").write_text('[tool.wsgi-bridge]\nbaseline = "known.json"\n')
    check(capsys, "--update-baseline")
    assert (shop / "known.json").exists()
    assert check(capsys)[0] == 0


def test_a_missing_baseline_says_how_to_make_one(shop: Path, capsys: Capture) -> None:
    code, _, err = check(capsys, "--baseline", "known.json")
    assert code == 2
    assert "there is no baseline known.json" in err
    assert "wsgi-bridge check --baseline known.json --update-baseline" in err


def test_a_corrupt_baseline_says_what_is_wrong(shop: Path, capsys: Capture) -> None:
    (shop / "known.json").write_text("<<<<<<< HEAD\n")
    code, _, err = check(capsys, "--baseline", "known.json")
    assert code == 2
    assert "the baseline known.json cannot be read: line 1 is no JSON" in err


def test_updating_and_pruning_at_once_is_refused(shop: Path, capsys: Capture) -> None:
    assert check(capsys, "--update-baseline", "--prune-baseline")[0] == 2


# --- revisions


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(
        ["git", "-C", folder, *identity, *arguments], check=True, capture_output=True, env=environment
    )


@pytest.fixture
def repository(shop: Path) -> Path:
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", "shop.py")
    git(shop, "commit", "-q", "-m", "first")
    return shop


def test_only_what_the_change_adds_is_reported(repository: Path, capsys: Capture) -> None:
    assert check(capsys, "--diff", "main")[0] == 0
    text = "# moved\n" + SHOP.replace("    return ask()", "    open('a')\n    return ask()")
    (repository / "shop.py").write_text(text)
    code, lines, err = check(capsys, "--diff", "HEAD")
    assert code == 1
    assert [line.split()[1] for line in lines] == ["WB301"]
    assert err == "1 finding, 2 known; 1 route\n"


def test_a_folder_below_the_repository_is_compared_with_itself(repository: Path, capsys: Capture) -> None:
    (repository / "src").mkdir()
    git(repository, "mv", "shop.py", "src/shop.py")
    git(repository, "commit", "-q", "-m", "moved")
    assert check(capsys, "src", "--diff", "HEAD")[0] == 0
    assert check(capsys, "src", "--diff", "HEAD~1")[0] == 1


def test_a_revision_that_is_not_there_is_an_error(repository: Path, capsys: Capture) -> None:
    code, _, err = check(capsys, "--diff", "nowhere")
    assert code == 2
    assert "the revision 'nowhere' cannot be compared with" in err


def test_a_revision_that_looks_like_an_option_is_none(repository: Path, capsys: Capture) -> None:
    code, _, _ = check(capsys, "--diff", "--output=stolen")
    assert code == 2
    assert not (repository / "stolen").exists()


def test_without_a_repository_there_is_nothing_to_compare_with(shop: Path, capsys: Capture) -> None:
    code, _, err = check(capsys, "--diff", "HEAD")
    assert code == 2
    assert "not a git repository" in err


# --- bad input


def test_a_missing_path(tmp_path: Path, capsys: Capture) -> None:
    code, _, err = check(capsys, str(tmp_path / "gone"))
    assert code == 2
    assert "there is no file or folder" in err
    assert "wsgi-bridge check src" in err


def test_an_empty_project(tmp_path: Path, capsys: Capture) -> None:
    code, _, err = check(capsys, str(tmp_path))
    assert code == 2
    assert "there is no Python file in" in err


def test_files_that_are_no_python(project: Project, capsys: Capture) -> None:
    code, _, err = check(capsys, str(project({"a.py": "<html>\n", "b.py": "print 'x'\n"})))
    assert code == 2
    assert "it looks like Python 2" in err


def test_a_project_without_routes(project: Project, capsys: Capture) -> None:
    code, _, err = check(capsys, str(project({"a.py": "import time\n\n\ndef f():\n    time.sleep(1)\n"})))
    assert code == 2
    assert "no routes were found" in err
    assert 'app = "package.module:application"' in err


def test_async_functions_are_judged_without_any_framework(project: Project, capsys: Capture) -> None:
    text = "import time\n\n\nasync def f():\n    time.sleep(1)\n"
    code, lines, _ = check(capsys, str(project({"a.py": text})))
    assert (code, [line.split()[1] for line in lines]) == (1, ["WB751"])


def test_a_crash_ends_with_two_and_the_rest_is_printed(
    shop: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_arguments: object, **_options: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("bridge.analysis.analyse.dependencies_of", crash)
    code, lines, err = check(capsys)
    assert (code, len(lines)) == (2, 2)
    assert "a part of the analysis failed, the rest went on: the dependencies: ZeroDivisionError" in err


# --- traces


def trace(calls: list[dict[str, object]]) -> str:
    requests = [{"method": "GET", "path": "/slow", "count": 3}]
    return json.dumps(
        {"schema_version": 1, "command": ["pytest"], "requests": requests, "unwatched": [], "calls": calls}
    )


def test_a_trace_says_how_often_a_finding_was_witnessed(shop: Path, capsys: Capture) -> None:
    frame = {"file": "shop.py", "line": 15, "function": "slow"}
    call = {
        "phase": "request",
        "method": "GET",
        "path": "/slow",
        "sink": "time.sleep",
        "count": 3,
        "seconds": 3.0,
    }
    (shop / "trace.json").write_text(trace([{**call, "stack": [frame], "timed": True, "direct": True}]))
    _, lines, _ = check(capsys, "--trace", "trace.json", "--output-format", "json")
    findings = json.loads("\n".join(lines))["findings"]
    assert {each["sink"]: each["witnessed"] for each in findings} == {"time.sleep": 3, "requests.get": 0}


@pytest.mark.parametrize("content", [None, "[]", "{"])
def test_a_trace_that_cannot_be_read_is_an_error(shop: Path, capsys: Capture, content: str | None) -> None:
    if content is not None:
        (shop / "trace.json").write_text(content)
    code, _, err = check(capsys, "--trace", "trace.json")
    assert code == 2
    assert "wsgi-bridge trace -o trace.json -- pytest" in err


# --- output


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_printed(shop: Path, capsys: Capture, name: str) -> None:
    code, lines, _ = check(capsys, "--output-format", name)
    assert code == 1
    assert any("WB201" in line or "requests.get" in line for line in lines)


def test_a_file_s_name_chooses_the_format(shop: Path, capsys: Capture) -> None:
    code, lines, _ = check(capsys, "--output-file", "findings.sarif")
    assert (code, lines) == (1, [])
    assert json.loads((shop / "findings.sarif").read_text())["version"] == "2.1.0"


def test_paths_are_told_from_where_the_user_stands(
    project: Project, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project({"src/shop.py": SHOP})
    monkeypatch.chdir(folder)
    assert check(capsys, "src")[1][0].startswith("src/shop.py:10:12: ")


def test_every_exit_code_is_documented_and_the_reverse() -> None:
    text = (ROOT / "migration_guide" / "check.md").read_text("utf-8")
    table = text.split("<!-- generated: exit-codes -->")[1].split("<!-- /generated -->")[0]
    assert [int(code) for code in re.findall(r"^\| (\d)", table, re.MULTILINE)] == list(EXIT_CODES)


def test_every_format_is_documented() -> None:
    text = (ROOT / "migration_guide" / "check.md").read_text("utf-8")
    assert all(f"`{name}`" in text for name in FORMATS if name != "full")


DOUBTED = ROOT / "tests/analysis/eval_files/django/related_loaded_or_not"  # one finding has low confidence


def test_a_finding_of_low_confidence_is_told_of_and_does_not_count(capsys: Capture) -> None:
    _, lines, err = check(capsys, str(DOUBTED), "--select", "WB214")
    assert not lines
    assert "1 finding below medium confidence not shown: --min-confidence low" in err
    code, lines, err = check(capsys, str(DOUBTED), "--select", "WB214", "--min-confidence", "low")
    assert code == EXIT_FINDINGS
    assert len(lines) == 1
    assert "not shown" not in err


def test_a_baseline_knows_what_is_not_shown(tmp_path: Path, capsys: Capture) -> None:
    known = str(tmp_path / "known.json")
    check(capsys, str(DOUBTED), "--baseline", known, "--update-baseline")
    for least in ("low", "medium", "high"):
        code, lines, err = check(capsys, str(DOUBTED), "--baseline", known, "--min-confidence", least)
        assert (code, lines) == (0, [])
        assert err.startswith("0 findings, 13 known")
