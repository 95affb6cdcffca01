"""`wsgi-bridge report` from the command line to its output; what each format looks like is in tests/reports."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.analysis.frameworks.flask import FlaskReader
from bridge.reports import FORMATS, read_report
from tests.cli.conftest import Project
from tests.cli.test_main import run_main

DOUBTED = Path(__file__).parents[1] / "analysis/eval_files/django/related_loaded_or_not"

SHOP = {
    "shop.py": (
        "import time\n"
        "import requests\n"
        "from flask import Flask\n"
        "app = Flask(__name__)\n"
        "def rate():\n"
        "    return requests.get('http://rates.example').text\n"
        "@app.get('/rates/<name>')\n"
        "def rates(name):\n"
        "    return rate()\n"
        "@app.post('/nap')\n"
        "def nap():\n"
        "    time.sleep(1)\n"
        "    return 'ok'\n"
        "@app.get('/health')\n"
        "def health():\n"
        "    return 'ok'\n"
    )
}


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = project(SHOP)
    monkeypatch.chdir(root)
    return root


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str, str]:
    return run_main(capsys, "report", "--no-cache", "--workers", "1", *arguments)


def test_the_report_of_this_folder_has_its_routes_and_what_blocks(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = report(capsys)
    assert (code, err) == (0, "")
    assert "\n4 routes, 2 findings, " in out
    assert re.search(r"^GET /rates/<name> +\w+", out, re.MULTILINE)
    assert "shop.py:6:12" not in out  # without a terminal, too, it is the summary
    assert "\x1b[" not in out


def test_the_full_report_has_the_places_and_the_code(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _err = report(capsys, "--output-format", "full")
    assert code == 0
    assert "shop.py:6:12" in out
    assert "  ❱  9 │     return rate()" in out


def test_json_can_be_read_back(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = report(capsys, "--output-format", "json")
    assert code == 0
    found = read_report(out)
    static = "GET /static/<path:filename>"
    assert {route.id for route in found.routes} == {"GET /rates/<name>", "POST /nap", "GET /health", static}
    assert {each.sink for each in found.findings} == {"requests.get", "time.sleep"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written(name: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = report(capsys, "--output-format", name)
    assert code == 0
    assert "requests.get" in out


def test_a_files_name_says_the_format(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = report(capsys, "--output-file", "report.sarif")
    assert (code, out) == (0, "")
    assert json.loads((shop / "report.sarif").read_text())["version"] == "2.1.0"


def test_an_option_wins_over_a_files_name(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(capsys, "--output-file", "report.html", "--output-format", "markdown")
    assert (shop / "report.html").read_text("utf-8").startswith("# Migration report")


def test_paths_count_from_where_the_command_runs(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(shop.parent)
    _, out, _ = report(capsys, shop.name, "--output-format", "concise")
    assert f"{shop.name}/shop.py:6:12: " in out


@pytest.mark.parametrize("path", ["{here}", "{here}/../{name}", "../{name}", "."])
@pytest.mark.parametrize("output_format", ["html", "markdown"])
def test_the_title_names_the_project_and_not_where_it_stands(
    path: str, output_format: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = report(capsys, path.format(here=shop, name=shop.name), "--output-format", output_format)
    title = r"Migration report of ([^<\n]+)"  # Markdown escapes what is in names
    assert {each.replace("\\", "") for each in re.findall(title, out)} == {shop.name}


@pytest.mark.parametrize("asked", ["GET /rates/<name>", "/rates/<name>", "shop.rates"])
def test_one_route_is_shown_with_its_chain(
    asked: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = report(capsys, "--route", asked)
    assert code == 0
    assert out.startswith("GET /rates/<name>  ")
    assert "└── shop.rate  shop.py:6" in out
    assert "❱ 6 │     return requests.get('http://rates.example').text" in out
    assert "time.sleep" not in out


def test_one_route_narrows_formats_for_programs_too(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = report(capsys, "--route", "/nap", "--output-format", "json")
    found = read_report(out)
    assert [route.id for route in found.routes] == ["POST /nap"]
    assert [each.sink for each in found.findings] == ["time.sleep"]


def test_a_mistyped_route_names_the_nearest(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = report(capsys, "--route", "GET /rate/<name>")
    assert (code, out) == (2, "")
    assert "there is no route 'GET /rate/<name>' among the 4 that were found" in err
    assert "wsgi-bridge report --route 'GET /rates/<name>'" in err


def test_a_route_like_none_gets_examples(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, _, err = report(capsys, "--route", "qqqqqqqq")
    assert "such as" in err
    assert "POST /nap" in err


def test_history_shows_what_has_changed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(capsys, "--output-file", "november.json")
    source = (shop / "shop.py").read_text()
    (shop / "shop.py").write_text(source.replace("    time.sleep(1)\n", ""))
    code, out, _ = report(capsys, "--history", "november.json", "--output-format", "html")
    assert code == 0
    assert "<td>november</td>" in out
    assert re.search(r"<code>POST /nap</code>: .*→ .*ready", out)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "there is no such file"),
        (b"{}", "it has no schema_version"),
        (b"\xff\xfe", "it cannot be read"),
        (b'{"schema_version": 9}', "schema_version is 9, expected 1"),
    ],
    ids=["missing", "other", "binary", "later"],
)
def test_a_history_that_is_none_is_refused(
    content: bytes | None, problem: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (shop / "old.json").write_bytes(content)
    code, out, err = report(capsys, "--history", "old.json")
    assert (code, out) == (2, "")
    assert f"--history old.json: {problem}" in err
    assert "wsgi-bridge report --output-file old.json" in err


def test_history_files_of_one_name_are_told_apart(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("a", "b"):
        (shop / folder).mkdir()
        report(capsys, "shop.py", "--output-file", f"{folder}/old.json")
    _, out, _ = report(
        capsys, "--history", "a/old.json", "--history", "b/old.json", "--output-format", "html"
    )
    assert "<td>a/old.json</td>" in out
    assert "<td>b/old.json</td>" in out


def test_a_plain_callable_is_named_with_app(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = "import time\ndef entry(environ, start_response):\n    time.sleep(1)\n    return []\n"
    monkeypatch.chdir(project({"plain.py": source}))
    code, out, _ = report(capsys, "--app", "plain:entry", "--output-format", "json")
    assert code == 0
    assert [route.handler for route in read_report(out).routes] == ["plain.entry"]


@pytest.mark.parametrize("asked", ["shop:applicaton", "shp:app", "nonsense"])
def test_an_application_that_is_not_there_is_an_error_that_names_those_found(
    shop: Path, capsys: pytest.CaptureFixture[str], asked: str
) -> None:
    code, out, err = report(capsys, "--app", asked)
    assert (code, out) == (2, "")
    assert f"the application {asked} is not in the project." in err
    assert [line.split() for line in err.splitlines() if "found" in line] == [["found", "shop:app"]]
    assert "wsgi-bridge report . --app shop:app" in err


@pytest.mark.parametrize("asked", ["shop:app", "shop.app", "shop:rate", "wsgi:application"])
def test_an_application_that_is_there_is_taken_whatever_it_holds(
    shop: Path, capsys: pytest.CaptureFixture[str], asked: str
) -> None:
    (shop / "wsgi.py").write_text("from unknown import make\napplication = make()\n", "utf-8")
    assert report(capsys, "--app", asked)[0] == 0


def test_an_application_that_is_not_there_is_an_error_with_a_cache_too(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert run_main(capsys, "report", "--app", "shop:none")[0] == 2


def test_an_application_of_the_configuration_that_is_not_there_is_an_error_of_every_verb(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "pyproject.toml").write_text('[tool.wsgi-bridge]\napp = "shop:none"\n', "utf-8")
    for verb in ("report", "check", "plan", "lanes"):
        code, _, err = run_main(capsys, verb, "--no-cache")
        assert code == 2
        assert "the application shop:none is not in the project." in err


def test_an_assumption_changes_the_verdict(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = report(capsys, "--assume", "requests=httpx", "--output-format", "json")
    _, before, _ = report(capsys, "--output-format", "json")
    routes = {route.id: route for route in read_report(out).routes}
    old = {route.id: route for route in read_report(before).routes}
    assert routes["GET /rates/<name>"].effort < old["GET /rates/<name>"].effort
    assert routes["POST /nap"].effort == old["POST /nap"].effort


TRACE = {
    "schema_version": 1,
    "command": ["pytest"],
    "requests": [{"method": "GET", "path": "/rates/<name>", "count": 2}],
    "unwatched": [],
    "calls": [
        {
            "phase": "request",
            "method": "GET",
            "path": "/rates/<name>",
            "sink": sink,
            "count": 2,
            "seconds": 0.5,
            "timed": True,
            "direct": True,
            "stack": [{"file": "shop.py", "line": 6, "function": "rate"}],
        }
        for sink in ("requests.get", "redis.Redis.get")
    ],
}


def test_a_trace_marks_what_was_witnessed_and_shows_what_was_missed(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop / "trace.json").write_text(json.dumps(TRACE))
    _, out, _ = report(capsys, "--trace", "trace.json", "--output-format", "json")
    data = json.loads(out)
    assert {each["sink"]: each["witnessed"] for each in data["findings"]} == {
        "requests.get": 2,
        "time.sleep": None,
    }
    assert [(each["route"], each["sink"], each["count"]) for each in data["missed"]] == [
        ("GET /rates/<name>", "redis.Redis.get", 2)
    ]
    _, out, _ = report(capsys, "--trace", "trace.json", "--output-format", "rich")
    assert re.search(r"^GET /rates/<name> .* 4 in 1.000 s", out, re.MULTILINE)
    assert "Witnessed by the trace, not found by the analysis" in out


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "there is no such file"), ("{}", "it is no trace"), ("nonsense", "it is no JSON")],
    ids=["missing", "other", "text"],
)
def test_a_trace_that_is_none_is_refused(
    content: str | None, problem: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (shop / "trace.json").write_text(content)
    code, out, err = report(capsys, "--trace", "trace.json")
    assert (code, out) == (2, "")
    assert f"--trace trace.json: {problem}" in err
    assert "wsgi-bridge trace -o trace.json -- pytest" in err


@pytest.mark.parametrize(
    ("files", "arguments", "expected"),
    [
        ({}, ["missing"], "there is no file or folder missing"),
        ({"notes.txt": "no Python"}, [], "there is no Python file in ."),
        ({"notes.txt": "no Python"}, ["notes.txt"], "notes.txt cannot be read as Python"),
        ({"a.py": "x = 1\n"}, [], "no routes were found"),
        ({"a.py": "print 'x'\n"}, [], "no Python file could be read"),
        ({"pyproject.toml": "[tool.wsgi-bridge]\nexcludes = []\n"}, [], "did you mean 'exclude'?"),
    ],
    ids=["missing", "empty", "not Python", "no framework", "Python 2", "configuration"],
)
def test_what_cannot_be_analysed_is_said(
    files: dict[str, str],
    arguments: list[str],
    expected: str,
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(project(files))
    code, out, err = report(capsys, *arguments)
    assert (code, out) == (2, "")
    assert expected in err


def test_a_reader_that_crashes_is_named_where_nothing_was_found(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(*_: object) -> None:
        raise IndexError("tuple index out of range")

    monkeypatch.setattr(FlaskReader, "read", crash)
    monkeypatch.chdir(project({"a.py": "x = 1\n"}))
    code, _, err = report(capsys, "--no-cache")
    assert code == 2
    assert "a mistake of wsgi-bridge" in err
    assert "the reader of flask: IndexError" in err


def test_where_no_framework_was_found_it_says_which_are_known_and_how_to_name_the_app(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project({"a.py": "x = 1\n"}))
    _, _, err = report(capsys)
    assert "Flask, Django, Pyramid, Bottle" in err
    assert 'app = "package.module:application"' in err
    assert "\n  wsgi-bridge report --app package.module:application\n" in err


def test_a_part_of_the_analysis_that_failed_is_said_and_the_rest_is_there(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashing(*_: object, **__: object) -> object:
        raise KeyError("no such thing")

    monkeypatch.setattr("bridge.analysis.analyse.dependencies_of", crashing)
    code, out, err = report(capsys, "--output-format", "json")
    assert code == 2
    assert "a part of the analysis failed, the rest went on: " in err
    found = read_report(out)
    assert len(found.crashed) == 1
    assert len(found.findings) == 2


def test_a_file_that_cannot_be_written_is_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = report(capsys, "--output-file", "no/such/folder/report.json")
    assert code == 2
    assert "report.json cannot be written: No such file or directory" in err


def test_html_without_jinja_names_the_extra(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bridge.reports import as_html

    monkeypatch.setitem(sys.modules, "jinja2", None)
    as_html._environment.cache_clear()
    code, _, err = report(capsys, "--output-format", "html")
    as_html._environment.cache_clear()
    assert code == 2
    assert "pip install 'wsgi-bridge[html]'" in err


# ---------------------------------------------------------------- a real terminal


def on_terminal(folder: Path, *arguments: str, columns: int, **environment: str) -> str:
    """Return what the command writes to a pseudo-terminal of `columns`."""
    import fcntl
    import struct
    import termios

    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    clean = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR", "TERM")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "report", "--no-cache", *arguments],
        cwd=folder,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**clean, "TERM": "xterm", "PYTHONUTF8": "1", **environment},
    )
    os.close(slave)
    written = b""
    try:
        while block := os.read(master, 65536):
            written += block
    except OSError:  # EIO: the other end is closed
        pass
    finally:
        os.close(master)
    assert process.wait(timeout=50) == 0
    return written.decode().replace("\r\n", "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_colour_its_width_and_progress(shop: Path, columns: int) -> None:
    written = on_terminal(shop, columns=columns)
    assert "planning ..." in written
    shown = written[written.index("Migration report of") :]
    assert "\x1b[1m" in written
    plain = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in shown.split("\n")]
    assert max(len(line.rstrip()) for line in plain) <= columns
    assert len(next(line for line in plain if "█" in line or "▚" in line)) == min(columns, 100)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_no_color_is_honoured(shop: Path) -> None:
    written = on_terminal(shop, columns=80, NO_COLOR="1")
    report_part = written[written.index("Migration report of") :]
    assert not re.search(r"\x1b\[[0-9;]*m", report_part)


def test_findings_of_low_confidence_are_counted_and_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for least in ("low", "medium"):
        code, out, err = report(capsys, str(DOUBTED), "--output-format", "json", "--min-confidence", least)
        assert code == 0
        found[least] = read_report(out), err
        assert json.loads(out)["summary"]["hidden_findings"] == (least == "medium")
    whole, sure = found["low"][0], found["medium"][0]
    doubted = {each.id for each in whole.findings} - {each.id for each in sure.findings}
    assert len(doubted) == 1
    assert sure.summary.findings == len(sure.findings)
    assert not any(doubted & set(each.findings) for each in sure.routes)
    assert [each.verdict for each in sure.routes] == [each.verdict for each in whole.routes]
    assert found["medium"][1] == "1 finding below medium confidence not shown: --min-confidence low\n"
    assert not found["low"][1]
