from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tomli

from bridge.analysis.rules import rules
from tests.cli.conftest import Project
from tests.cli.test_check import SHOP
from tests.cli.test_main import run_main

Capture = pytest.CaptureFixture[str]

CHAIN = """\
shop.slow reaches requests.get

  shop.slow  shop.py:16
       15 |     time.sleep(1)
  >    16 |     return ask()

  shop.ask  shop.py:10
        9 | def ask():
  >    10 |     return requests.get("http://carrier").text
"""

PLAN = """\
1 route: 0 ready, 0 offload, 0 greenlet, 0 keep-sync, 1 rewrite, 0 redesign

Change 2 functions and 1 route are free:

  1. shop.ask  (1 point, 1 route)
       shop.py:10: requests.get -> httpx.AsyncClient.get
  2. shop.slow  (1 point, 1 route)
       shop.py:15: time.sleep -> asyncio.sleep

Packages first:

  requests -> httpx  (1 point, 1 route)

Wave 1: 1 point

  shop.ask  (1 point)
       shop.py:10: requests.get -> httpx.AsyncClient.get

Wave 2: 1 point

  shop.slow  (1 point, frees GET /slow)
       shop.py:15: time.sleep -> asyncio.sleep
       make it async def, await shop.ask

The longest chain: shop.ask < shop.slow
"""


@pytest.fixture
def shop(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = project({"shop.py": SHOP})
    monkeypatch.chdir(folder)
    return folder


# --- explain


@pytest.mark.parametrize("code", rules())
def test_every_rule_is_explained(capsys: Capture, code: str) -> None:
    exit_code, out, _ = run_main(capsys, "explain", code.lower())
    assert exit_code == 0
    assert out.startswith(f"{code} {rules()[code].name}\n")
    assert "\nWhy it blocks\n" in out


def test_an_unknown_rule_is_refused_with_the_families(capsys: Capture) -> None:
    code, _, err = run_main(capsys, "explain", "ZZ9")
    assert code == 2
    assert "there is no rule 'ZZ9'" in err
    assert "WB2  Network and databases" in err


def test_a_chain_is_shown_with_its_code(shop: Path, capsys: Capture) -> None:
    code, out, _ = run_main(capsys, "explain", "shop.slow", "--sink", "requests.get", "--no-cache")
    assert code == 0
    assert out.startswith(CHAIN)
    assert "instead: httpx.AsyncClient.get of httpx" in out


def test_without_a_sink_all_are_shown_the_nearest_first(shop: Path, capsys: Capture) -> None:
    _, out, _ = run_main(capsys, "explain", "GET /slow", "--no-cache")
    assert [line for line in out.splitlines() if " reaches " in line] == [
        "GET /slow reaches time.sleep",
        "GET /slow reaches requests.get",
    ]


def test_what_has_no_name_is_said_in_words_and_asked_for_by_them(project: Project, capsys: Capture) -> None:
    text = (
        SHOP
        + "\n\n@app.get('/all')\ndef everything():\n    with open('all') as f:\n        return [each for each in f]\n"
    )
    root = str(project({"shop.py": text}))
    _, out, _ = run_main(capsys, "explain", "GET /all", "--path", root, "--no-cache")
    spoken = [line.split(" reaches ")[1] for line in out.splitlines() if " reaches a loop over " in line]
    assert len(spoken) == 1
    _, alone, _ = run_main(capsys, "explain", "GET /all", "--path", root, "--sink", spoken[0], "--no-cache")
    assert [line for line in alone.splitlines() if " reaches " in line] == [f"GET /all reaches {spoken[0]}"]


@pytest.mark.parametrize("arguments", [("plan",), ("explain", "GET /slow"), ("explain", "WB210")])
def test_a_terminal_gets_lines_that_fit_but_for_code_and_long_names(
    shop: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    def lines() -> list[str]:
        return run_main(capsys, *arguments, *([] if arguments[-1] == "WB210" else ["--no-cache"]))[
            1
        ].splitlines()

    whole = lines()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    wide = [line for line in lines() if len(line) > 40 and " | " not in line and not line.startswith(" " * 6)]
    assert any(len(line) > 40 for line in whole)
    assert [line for line in wide if len(line.split()) > 1] == []
    assert " ".join(" ".join(lines()).split()) == " ".join(" ".join(whole).split())


def test_a_hook_is_called_a_hook(project: Project, capsys: Capture) -> None:
    text = SHOP + "\n\n@app.before_request\ndef check():\n    open('closed')\n"
    root = str(project({"shop.py": text}))
    _, out, _ = run_main(capsys, "explain", "GET /slow", "--path", root, "--sink", "open", "--no-cache")
    assert out.startswith("GET /slow reaches open, by its before_request\n")


def test_the_folder_stands_behind_what_is_explained_as_behind_other_verbs(
    project: Project, capsys: Capture
) -> None:
    root = str(project({"shop.py": SHOP}))
    named = run_main(capsys, "explain", "GET /slow", "--path", root, "--no-cache")
    assert run_main(capsys, "explain", "GET /slow", root, "--no-cache") == named
    assert named[0] == 0


def test_what_is_not_reached_is_said(shop: Path, capsys: Capture) -> None:
    code, out, _ = run_main(capsys, "explain", "shop.ask", "--sink", "psycopg2", "--no-cache")
    assert (code, out) == (0, "shop.ask reaches psycopg2 in no way that is known.\n")


def test_an_unknown_function_is_refused_with_the_nearest(shop: Path, capsys: Capture) -> None:
    code, _, err = run_main(capsys, "explain", "shop.slo", "--no-cache")
    assert code == 2
    assert "wsgi-bridge explain 'shop.slow'" in err


# --- plan


def test_the_plan_is_a_text(shop: Path, capsys: Capture) -> None:
    code, out, _ = run_main(capsys, "plan", "--no-cache")
    assert (code, out) == (0, PLAN)


def test_a_terminal_gets_the_first_units_of_a_wave_and_how_many_are_left(
    project: Project, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = "".join(
        f"\n\n@app.get('/{number}')\ndef view_{number:02}():\n    open('{number}')\n" for number in range(15)
    )
    root = str(project({"shop.py": SHOP + views}))
    _, whole, _ = run_main(capsys, "plan", root, "--no-cache")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    _, out, _ = run_main(capsys, "plan", root, "--no-cache")
    (left,) = re.findall(
        r"^  and (\d+) more units, \d+ points: --output-file PLAN.md has them all$", out, re.MULTILINE
    )
    wave = whole[whole.index("Wave 1:") :].partition("Wave 2:")[0]
    units = re.findall(r"^  shop\.\w+  \(", wave, re.MULTILINE)
    assert len(units) == 12 + int(left)
    assert "more units" not in whole


def test_the_plan_is_json_as_in_the_report(shop: Path, capsys: Capture) -> None:
    _, out, _ = run_main(capsys, "plan", "--no-cache", "--output-format", "json")
    assert set(json.loads(out)) >= {"waves", "packages_first"}


def test_the_plan_is_markdown_with_boxes(shop: Path, capsys: Capture) -> None:
    assert (
        run_main(capsys, "plan", "--no-cache", "--output-format", "markdown", "--output-file", "p.md")[1]
        == ""
    )
    assert "- [ ] " in (shop / "p.md").read_text()


def test_an_assumption_changes_the_plan(shop: Path, capsys: Capture) -> None:
    _, out, _ = run_main(capsys, "plan", "--no-cache", "--assume", "requests=httpx")
    assert "requests" not in out
    assert "time.sleep -> asyncio.sleep" in out


@pytest.mark.parametrize(
    ("assumed", "problem"),
    [
        ("requests", "it is no exchange"),
        ("requests=", "it is no exchange"),
        ("requests=nothing-known", "nothing is known of nothing-known"),
    ],
)
def test_a_wrong_assumption_is_refused(shop: Path, capsys: Capture, assumed: str, problem: str) -> None:
    code, _, err = run_main(capsys, "plan", "--no-cache", "--assume", assumed)
    assert code == 2
    assert problem in err


# --- lanes


def test_lanes_are_written_once(shop: Path, capsys: Capture) -> None:
    code, _, err = run_main(capsys, "lanes", "--no-cache")
    assert (code, err) == (0, "lanes.toml: 0 thread, 1 greenlet, 0 stream\n")
    assert tomli.loads((shop / "lanes.toml").read_text())["routes"] == {"GET /slow": "greenlet"}
    code, _, err = run_main(capsys, "lanes", "--no-cache")
    assert code == 2
    assert "lanes.toml is there already" in err
    assert run_main(capsys, "lanes", "--no-cache", "--force")[0] == 0


def test_lanes_go_to_standard_output(shop: Path, capsys: Capture) -> None:
    _, out, _ = run_main(capsys, "lanes", "--no-cache", "--output-file", "-")
    assert tomli.loads(out)["default"] == "thread"
    assert not (shop / "lanes.toml").exists()
