"""`wsgi-bridge replay`: two applications, a file of requests, and what comes of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import command

OLD = """
import json
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"path": environ["PATH_INFO"], "price": 5}).encode()]
"""
NEW = """
import json
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    price = 6 if scope["path"].startswith("/items") else 5
    body = json.dumps({"path": scope["path"], "price": price}).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
"""
LOG = """\
10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET /about HTTP/1.1" 200 5 "-" "-"
10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET /items/7 HTTP/1.1" 200 5 "-" "-"
10.0.0.2 - - [22/Nov/2026:10:00:00 +0000] "GET /items/8?q=1 HTTP/1.1" 200 5 "-" "-"
10.0.0.2 - - [22/Nov/2026:10:00:00 +0000] "DELETE /items/8 HTTP/1.1" 200 5 "-" "-"
"""


@pytest.fixture
def folder(
    project: Callable[[dict[str, str]], Path], import_system: None, monkeypatch: pytest.MonkeyPatch
) -> Path:
    made = project({"replayed_old.py": OLD, "replayed_new.py": NEW, "access.log": LOG})
    monkeypatch.chdir(made)
    monkeypatch.setenv("COLUMNS", "200")
    return made


def run(
    *words: str, exit_code: int, targets: tuple[str, str] = ("replayed_old:app", "replayed_new:app")
) -> Result:
    done = CliRunner().invoke(command, ["replay", "access.log", *targets, *words], catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return done


def test_differences_are_shown_with_a_table_of_routes(folder: Path) -> None:
    output = run(exit_code=1).output
    assert output.splitlines()[:4] == ["GET /items/7", "  $.price", "    - 5", "    + 6"]
    assert output.splitlines()[4] == "  so does /items/8?q=1", "one mistake is shown once"
    (row,) = [line.split() for line in output.splitlines() if line.startswith("GET /items/<int>")]
    assert row[2:6] == ["2", "0", "0", "2"]
    assert "1 left out with an unsafe method" in output
    assert output.splitlines()[-1] == "3 requests replayed, 2 answered differently"


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (["/items/7"] * 2, "so does the same request again"),
        (["/items/7"] * 3, "so do 2 more"),
        (["/items/7", "/items/8", "/items/8", "/items/9", "/items/9"], "so do 4 more: /items/8, /items/9"),
        ([f"/items/{number}" for number in range(7, 13)], "so do 5 more: /items/8, /items/9, ..."),
    ],
    ids=["the same", "the same twice", "two others", "many others"],
)
def test_requests_that_differ_alike_are_counted_and_named_once(
    folder: Path, targets: list[str], said: str
) -> None:
    line = '10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET {} HTTP/1.1" 200 5 "-" "-"\n'
    Path("access.log").write_text("".join(map(line.format, targets)))
    assert run(exit_code=1).output.splitlines()[4] == f"  {said}"


def test_equal_targets_end_with_0(folder: Path) -> None:
    output = run(exit_code=0, targets=("replayed_old:app", "replayed_old:app")).output
    assert output.splitlines()[-1] == "3 requests replayed, 0 answered differently"
    run("--ignore-field", "$.price", exit_code=0)
    assert "1 request replayed, 0 answered" in run("--limit", "1", exit_code=0).output


def test_json_has_every_difference(folder: Path) -> None:
    run("--output-format", "json", "--output-file", "out.json", "--unsafe", exit_code=1)
    document = json.loads(Path("out.json").read_text("utf-8"))
    assert document["summary"] == {"requests": 4, "different": 3, "left_out": {}}
    assert [each["target"] for each in document["differences"]] == ["/items/7", "/items/8?q=1", "/items/8"]
    assert document["differences"][0]["fields"] == [{"field": "$.price", "legacy": "5", "modern": "6"}]
    assert {each["route"]: each["differing_fields"] for each in document["routes"]}["GET /items/<int>"] == {
        "$.price": 2
    }


def test_junit_has_a_failure_for_each_difference(folder: Path) -> None:
    root = ET.fromstring(run("--output-format", "junit", exit_code=1).output)
    suites = {suite.get("name"): (suite.get("tests"), suite.get("failures")) for suite in root}
    assert suites == {"GET /about": ("1", "0"), "GET /items/<int>": ("2", "2")}
    failures = [failure.get("message") for failure in root.iter("failure")]
    assert failures == ["differs in $.price"] * 2


def test_requests_are_grouped_by_the_rules_that_are_here(folder: Path) -> None:
    (folder / "migration.toml").write_text('[routes]\n"GET /items/<int:id>" = "shadow"\n')
    assert "GET /items/<int:id>" in run(exit_code=1).output


def test_functions_that_the_rules_name_compare_here_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry not in {"", str(folder)}])
    Path("replayed_prices.py").write_text(
        "def near(legacy, modern): return abs(legacy.json()['price'] - modern.json()['price']) < 2\n"
        "def broken(legacy, modern): return legacy.json()['cents']\n"
    )
    rules = '[routes]\n"GET /items/<int:id>" = { mode = "shadow", compare = "replayed_prices:%s" }\n'
    Path("migration.toml").write_text(rules % "near")
    assert "3 requests replayed, 0 answered differently" in run(exit_code=0).output
    Path("migration.toml").write_text(rules % "broken")
    output = " ".join(run(exit_code=2).output.split())
    assert "the compare function replayed_prices:broken failed: KeyError: 'cents'" in output
    Path("migration.toml").write_text(rules % "gone")
    assert "has no attribute 'gone'" in " ".join(run(exit_code=2).output.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--header", "nonsense"], "is no header"),
        (["--output-format", "json", "--output-file", "none/x.json"], "cannot be written"),
        (["--output-file", "none/x.txt"], "cannot be written"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_told(folder: Path, words: list[str], said: str) -> None:
    assert said in run(*words, exit_code=2).output


def test_a_file_that_has_nothing_to_send_is_told(folder: Path) -> None:
    (folder / "access.log").write_text(LOG.splitlines()[3])
    assert "no request that can be sent: 1 with an unsafe method" in " ".join(run(exit_code=2).output.split())
    (folder / "access.log").write_text("what is this")
    assert "neither an HTTP Archive" in " ".join(run(exit_code=2).output.split())


def test_a_target_that_is_not_there_is_told_as_serve_does(folder: Path) -> None:
    assert "replayed_none" in run(exit_code=2, targets=("replayed_none:app", "replayed_new:app")).output
