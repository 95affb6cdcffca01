from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Project
from tests.cli.test_main import run_main

FILES = {
    "pkg/mod.py": "import requests\ndef f():\n    requests.get('x')\nclass A:\n    def m(self): f()\n",
    "main.py": "from pkg.mod import A\nA().m()\nx = lambda: len([])\nx()\n",
}


def test_json_is_caller_to_callees(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run_main(capsys, "graph", str(project(FILES)), "--output-format", "json", "--no-cache")
    assert code == 0
    assert json.loads(out) == {
        "main": ["main.<lambda1>", "pkg.mod.A.m"],
        "main.<lambda1>": ["<builtin>.len"],
        "pkg.mod": [],
        "pkg.mod.A.m": ["pkg.mod.f"],
        "pkg.mod.f": ["requests.get"],
    }


def test_application_only_drops_external_callees(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    root = str(project(FILES))
    _, out, _ = run_main(capsys, "graph", root, "--output-format", "json", "--no-cache", "--application-only")
    table = json.loads(out)
    assert (table["main.<lambda1>"], table["pkg.mod.f"], table["pkg.mod.A.m"]) == ([], [], ["pkg.mod.f"])


def test_edges_have_their_evidence(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run_main(capsys, "graph", str(project(FILES)), "--output-format", "edges", "--no-cache")
    edges = [json.loads(line) for line in out.splitlines()]
    assert {"caller": "pkg.mod.f", "callee": "requests.get", "file": "pkg/mod.py", "lines": [3]} in edges


def test_text_indents_callees(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run_main(capsys, "graph", str(project({"a.py": "def f(): pass\nf()\n"})), "--no-cache")
    assert out == "a\n    a.f\na.f\n"


def test_a_file_can_be_written(project: Project, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    root = str(project(FILES))
    code, out, _ = run_main(
        capsys, "graph", root, "--no-cache", "--output-format", "json", "--output-file", str(target)
    )
    assert (code, out) == (0, "")
    assert json.loads(target.read_text())["pkg.mod.f"] == ["requests.get"]


def test_what_is_not_resolved_or_read_is_said(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    root = project({"a.py": "def f(x):\n    x()\n", "old.py": "print 'x'\n"})
    code, _, err = run_main(capsys, "graph", str(root), "--no-cache")
    assert code == 0
    assert err.splitlines()[0].startswith("old.py:1: cannot be parsed")
    assert err.splitlines()[1:] == [
        "1 modules, 2 lines, 0 edges; 1 calls, 0.0% resolved",
        "  1 unresolved: a parameter that no known call passes",
    ]


def test_the_cache_is_kept_in_the_project(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(FILES)
    first = run_main(capsys, "graph", str(root))
    assert (root / ".wsgi-bridge-cache").is_dir()
    assert run_main(capsys, "graph", str(root)) == first


def test_a_missing_path_and_an_empty_folder_are_refused(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project({"notes.txt": "no Python"})
    code, _, err = run_main(capsys, "graph", str(root))
    assert code == 2
    assert "there is no Python file in" in err
    code, _, err = run_main(capsys, "graph", str(root / "missing"))
    assert code == 2
    assert "there is no file or folder" in err
