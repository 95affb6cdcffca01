from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.call_graph_score import main, score


def case(folder: Path, name: str, code: str, expected: dict[str, list[str]]) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "main.py").write_text(code)
    (folder / name / "callgraph.json").write_text(json.dumps(expected))


def test_missing_and_extra_edges_are_told_apart(tmp_path: Path) -> None:
    code = "def f(): pass\ndef g(): pass\nf()\n"
    case(tmp_path, "a/exact", code, {"main": ["main.f"]})
    case(tmp_path, "a/unsound", code, {"main": ["main.f", "main.g"]})
    case(tmp_path, "b/incomplete", code, {"main": []})
    exact, unsound, incomplete = score(tmp_path)
    assert (exact.missing, exact.extra) == (frozenset(), frozenset())
    assert (unsound.missing, unsound.extra) == (frozenset({("main", "main.g")}), frozenset())
    assert (incomplete.missing, incomplete.extra) == (frozenset(), frozenset({("main", "main.f")}))


def test_builtin_types_are_respelled_unless_strict(tmp_path: Path) -> None:
    case(tmp_path, "a/text", "' '.join([])\n", {"main": ["<**PyStr**>.join"]})
    assert not score(tmp_path)[0].missing
    assert score(tmp_path, strict=True)[0].missing


def test_a_floor_that_is_not_reached_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case(tmp_path, "a/exact", "len([])\n", {"main": ["<builtin>.len"]})
    assert main([str(tmp_path), "--sound", "1", "--complete", "1"]) == 0
    assert main([str(tmp_path), "--sound", "2"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].split() == ["all", "1", "1", "1"]


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
