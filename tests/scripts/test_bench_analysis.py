from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts.benchmarks import options
from scripts.benchmarks.errors import BenchmarkError
from scripts.benchmarks.scenarios import analysis
from scripts.benchmarks.scenarios.analysis import ANALYSERS, ANALYSIS
from scripts.benchmarks.scenarios.base import Settings


def settings_for(tree: Path, folder: Path) -> Settings:
    return options.settings(options.parse(["--quick", "--no-pin", "--tree", str(tree)]), folder)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    tree, folder = tmp_path / "shop", tmp_path / "files"
    tree.mkdir()
    folder.mkdir()
    (tree / "app.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\n\n@app.get('/')\ndef view():\n    open('x')\n"
    )
    return settings_for(tree, folder)


def test_the_report_is_measured_on_a_copy_of_the_tree(settings: Settings) -> None:
    figures = ANALYSIS.measure("report, warm", settings)
    assert figures["lines"] == 6
    assert 0 < figures["cpu"] == pytest.approx(figures["cpu_per_100k"] * 6 / 100_000)
    assert figures["peak_mib"] > 5
    assert settings.tree is not None
    assert [each.name for each in settings.tree.iterdir()] == ["app.py"]


def test_a_tool_that_is_not_installed_has_a_note_and_no_figures(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANALYSERS_BIN", str(tmp_path))
    with pytest.raises(BenchmarkError, match="hydroid is not installed"):
        ANALYSIS.check("hydroid, cold", settings)


def test_all_analysers_take_part_whatever_bridges_are_chosen() -> None:
    assert set(ANALYSERS) <= set(options.contender_names(options.parse(["--contenders", "native"])))


def test_a_tool_that_does_not_end_has_a_note_and_no_figures(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "flake8-async"
    tool.write_text(f"#!{sys.executable} -S\nwhile True: pass\n")
    tool.chmod(0o755)
    monkeypatch.setenv("ANALYSERS_BIN", str(tmp_path))
    monkeypatch.setattr(analysis, "MOST_CPU", 1)
    with pytest.raises(BenchmarkError, match="had not ended after 1 s of the processor"):
        ANALYSIS.check("flake8-async", settings)
