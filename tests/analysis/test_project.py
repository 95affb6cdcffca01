from __future__ import annotations

import ast
import errno
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.analysis.callgraph import build_call_graph
from bridge.analysis.facts import ModuleFacts
from bridge.analysis.lowering import lower_module
from bridge.analysis.project import LARGEST_FILE, find_files, read_facts, read_project


def messages(root: Path) -> dict[str, str]:
    return {each.file: each.message for each in read_project(root).diagnostics}


def test_an_empty_folder_is_an_empty_project(tmp_path: Path) -> None:
    project = read_project(tmp_path)
    assert (project.modules, project.diagnostics, project.lines) == ((), (), 0)


def test_a_missing_path_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_project(tmp_path / "missing")


def test_one_file_is_a_project(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(): pass\nf()\n")
    assert build_call_graph(read_project(tmp_path / "app.py")).callees()["app"] == ["app.f"]


@pytest.mark.parametrize(
    ("content", "line", "part"),
    [
        pytest.param(b"def f(:\n", 1, "cannot be parsed", id="syntax"),
        pytest.param(b"x = 1\nprint 'hello'\n", 2, "looks like Python 2", id="python-2"),
        pytest.param(b"# coding: nonsense\n", 1, "cannot be decoded", id="unknown-encoding"),
        pytest.param(b"x = '\xff'\n", 1, "cannot be decoded", id="not-utf-8"),
        pytest.param(b"x = 1\0\n", None, "cannot be parsed", id="null-byte"),
        pytest.param(b"x = " + b"(" * 5000 + b")" * 5000, None, "cannot be parsed", id="too-deep"),
        pytest.param(b"x = " + b"-" * 50_000 + b"1", None, "cannot be parsed", id="too-deep-unary"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_diagnostic(content: bytes, line: int | None, part: str) -> None:
    found = read_facts(content)
    assert not isinstance(found, ModuleFacts)
    assert part in found[1]
    assert line is None or found[0] == line


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python has the grammar that an older one lacks")
@pytest.mark.parametrize(
    "text",
    [
        "def first[T](x: T): ...",
        "class Box[T]: ...",
        "type Name = str",
        "type Pair[T] = tuple[T, T]",
        "f'{f'{x}'}'",
    ],
)
def test_a_file_for_a_newer_python_says_which(text: str) -> None:
    found = read_facts(text.encode())
    assert not isinstance(found, ModuleFacts)
    assert "it looks like Python 3.12: run wsgi-bridge with that or a later one, this is 3.1" in found[1]


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python has the grammar that an older one lacks")
@pytest.mark.parametrize(
    ("line", "looks"),
    [
        ("except KeyError, ValueError:", "Python 3.14"),
        ("except KeyError, db.Missing, OSError:", "Python 3.14"),
        ("except KeyError, error:", "Python 2)"),
    ],
)
def test_exceptions_without_parentheses_are_a_newer_python_or_a_very_old_one(line: str, looks: str) -> None:
    found = read_facts(f"try:\n    f()\n{line}\n    pass\n".encode())
    assert not isinstance(found, ModuleFacts)
    assert f"it looks like {looks}" in found[1]


@pytest.mark.parametrize(
    "content", [b"# coding: latin-1\nx = '\xff'\n", b"\xef\xbb\xbfx = 1\n", b"", b"\r\n"]
)
def test_a_declared_encoding_is_obeyed(content: bytes) -> None:
    assert isinstance(read_facts(content), ModuleFacts)


def test_the_rest_is_read_when_one_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "main.py").write_text("import broken\nbroken.f()\ndef g(): pass\ng()\n")
    project = read_project(tmp_path)
    assert list(messages(tmp_path)) == ["broken.py"]
    assert build_call_graph(project).callees()["main"] == ["broken.f", "main.g"]


def test_a_generated_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "data.py").write_bytes(b"x = 1\n" * (LARGEST_FILE // 6 + 1))
    assert messages(tmp_path)["data.py"].startswith("not read: ")


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "mod.py").write_text("x = 1\n")
    (tmp_path / "pkg" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "nowhere.py").symlink_to(tmp_path / "missing.py")
    assert [path.name for path in find_files(tmp_path)] == ["nowhere.py", "mod.py"]
    assert messages(tmp_path)["nowhere.py"].startswith("cannot be read: ")


def test_a_closed_folder_is_told_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "app.py").write_text("x = 1\n")

    def closed_to_us(name: str, part: str) -> None:  # root could list it whatever its mode
        function = getattr(os, name)

        def asked(path: Any = ".", *arguments: Any, **options: Any) -> Any:
            if str(path).startswith(str(tmp_path / "closed")) and part in str(path):
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return function(path, *arguments, **options)

        monkeypatch.setattr(os, name, asked)

    closed_to_us("scandir", "closed")
    closed_to_us("stat", "pyvenv.cfg")
    assert messages(tmp_path) == {
        "closed": "cannot be read: Permission denied; nothing in this folder is known"
    }
    assert [each.file for each in read_project(tmp_path).modules] == ["app.py"]


def test_environments_and_hidden_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("venv", ".git", "node_modules", "my-env", "app"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mod.py").write_text("x = 1\n")
    (tmp_path / "my-env" / "pyvenv.cfg").write_text("")
    assert [path.parent.name for path in find_files(tmp_path)] == ["app"]


def test_workers_read_the_same(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"m{number}.py").write_text(f"def f{number}(): pass\nf{number}()\n")
    assert read_project(tmp_path, workers=2) == read_project(tmp_path)


def test_a_package_given_as_the_root_knows_its_own_name(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    (root / "views").mkdir(parents=True)
    (root / "__init__.py").write_text("from shop.db import load\n")
    (root / "db.py").write_text("def load(): pass\n")
    (root / "views" / "__init__.py").write_text(
        "import shop\nimport shop.db\nfrom shop.db import load\nload()\nshop.db.load()\nshop.load()\n"
    )
    graph = build_call_graph(read_project(root))
    assert [(edge.callee, edge.lines) for edge in graph.edges] == [("db.load", (4, 5, 6))]


def test_a_mistake_of_ours_in_one_file_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(tree: ast.Module, *, lines: int) -> ModuleFacts:
        if lines == 2:
            raise KeyError("x")
        return lower_module(tree, lines=lines)

    monkeypatch.setattr("bridge.analysis.project.lower_module", mistaken)
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("x = 1\ny = 2\n")
    assert messages(tmp_path) == {"b.py": "cannot be analysed, a mistake of wsgi-bridge: KeyError: 'x'"}
    assert [each.name for each in read_project(tmp_path).modules] == ["a"]


def names(root: Path, *files: str, **texts: str) -> list[str]:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(texts.get(Path(file).stem, ""))
    return sorted(module.name for module in read_project(root).modules)


def test_modules_of_a_src_layout_are_called_as_they_are_imported(tmp_path: Path) -> None:
    assert names(tmp_path, "src/shop/__init__.py", "src/shop/views.py", "tests/test_views.py") == [
        "shop",
        "shop.views",
        "tests.test_views",
    ]


def test_modules_beside_a_manage_py_are_called_as_they_are_imported(tmp_path: Path) -> None:
    assert names(tmp_path, "backend/manage.py", "backend/shop/urls.py") == ["manage", "shop.urls"]


def test_a_folder_that_imports_name_is_part_of_the_names(tmp_path: Path) -> None:
    found = names(tmp_path, "src/shop.py", "src/app.py", "run.py", run="from src import app\n")
    assert found == ["run", "src.app", "src.shop"]


def test_two_modules_that_would_get_one_name_keep_their_folders(tmp_path: Path) -> None:
    assert names(tmp_path, "one/src/app.py", "two/src/app.py", "two/src/other.py") == [
        "one.src.app",
        "other",
        "two.src.app",
    ]


def test_a_folder_whose_name_is_none_of_a_package_is_no_package(tmp_path: Path) -> None:
    root = tmp_path / "my-shop"
    (root / "shop").mkdir(parents=True)
    for each in (root, root / "shop"):
        (each / "__init__.py").touch()
    assert read_project(root).package == ""
    assert read_project(root / "shop").package == "shop"
