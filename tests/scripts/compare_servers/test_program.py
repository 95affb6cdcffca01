"""The whole tool on a small site and on the examples: silent where nothing differs, and not where something does."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from scripts.compare_servers import program
from tests.examples import live

HERE = Path(__file__).parent
SCENARIOS = live.ROOT / "scripts" / "compare_servers" / "scenarios"
SCENARIO = """
[login]
page = "/login"
fields = {name = "ada"}
[[requests]]
method = "POST"
target = "/login"
body = "name=x"
headers = {Content-Type = "application/x-www-form-urlencoded"}
"""


@pytest.fixture
def site(tmp_path: Path) -> list[str]:
    folder = tmp_path / "site"
    folder.mkdir()
    shutil.copy(HERE / "small_site.py", folder)
    (folder / "scenario.toml").write_text(SCENARIO)
    return [
        "small_site:app",
        "--folder",
        str(folder),
        "--scenario",
        str(folder / "scenario.toml"),
        "--python",
        sys.executable,
    ]


def test_a_site_that_answers_alike_is_reported_so(
    site: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = tmp_path / "found.json"
    code = program.main([*site, "--json", str(found), "--load", "0.3"])
    said = capsys.readouterr().out
    assert code == 0, said
    assert "SAME: " in said
    result = json.loads(found.read_text("utf-8"))
    assert result["unexpected"] == []
    assert result["undecided"] == []
    assert result["noisy"] > 5
    assert result["loads"]["bridge"]["requests"] > 0
    assert {"crawl logged in", "forms, filled in, chunked", "odd requests"} <= result["compared"].keys()
    assert {"200", "206", "302", "304", "404", "405", "416"} <= result["statuses"].keys()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("status", "status: waitress '200"),
        ("body", "<p>other of None"),
        ("cookie", "set-cookie: waitress 'seen="),
        ("upload", "120"),
        ("traceback", "log of bridge: "),
    ],
)
def test_a_fault_behind_the_bridge_is_found(
    site: list[str], fault: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = program.main([*site, "--env", f"FAULT={fault}"])
    said = capsys.readouterr().out
    assert code == 1, said
    assert words in said
    assert ("unexpected difference" in said) == (fault != "traceback")
    assert said.splitlines()[-2].startswith("NOT THE SAME: ")


def test_what_cannot_be_tried_is_said(
    site: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site" / "scenario.toml").write_text('[login]\npage = "/"\nfields = {absent = "x"}')
    assert program.main(site) == 2
    assert "/ has no form with the fields absent" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", live.EXAMPLES)
def test_an_example_answers_behind_the_bridge_as_behind_waitress(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = live.EXAMPLES[name]
    folder = tmp_path / name
    shutil.copytree(example.folder, folder, ignore=shutil.ignore_patterns("instance"))
    live.fill_instance(example, folder / "instance")
    code = program.main(
        [
            *(f"{example.module}:application", "--folder", str(folder), "--pages", "8", "--per-shape", "1"),
            *("--env", f"{example.variable}={{folder}}/instance", "--env", "FLASK_SHOP_SHIPPING_DELAY=0.01"),
            *("--scenario", str(SCENARIOS / f"{name}.toml")),
        ]
    )
    assert code == 0, capsys.readouterr().out
