"""The measurable part of the house style, for the package and the suite."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "bridge").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
MODULE_LIMIT = 400  # lines
FUNCTION_LIMIT = 45  # lines behind signature and docstring; a table or a state loop comes near it
NAMES_THAT_SAY_NOTHING = {"common.py", "helpers.py", "manager.py", "misc.py", "utils.py"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    start = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        start = function.body[min(1, len(function.body) - 1)]
    return (function.end_lineno or 0) - start.lineno + 1


@pytest.mark.parametrize("path", SOURCES, ids=ids)
def test_a_module_is_small_and_well_named(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MODULE_LIMIT
    assert path.name not in NAMES_THAT_SAY_NOTHING
    assert not UNFINISHED.search(text)


@pytest.mark.parametrize("path", SOURCES, ids=ids)
def test_a_function_is_short(path: Path) -> None:
    long = [(node.name, length(node)) for node in functions(path) if length(node) > FUNCTION_LIMIT]
    assert not long


@pytest.mark.parametrize("path", SOURCES, ids=ids)
def test_a_silenced_checker_says_why(path: Path) -> None:
    silenced = re.compile(r"#\s*(noqa: [A-Z0-9, ]+|type: ignore\[[^]]+\]|pragma: no cover)\s*$", re.MULTILINE)
    found = [match[0] for match in silenced.finditer(path.read_text("utf-8"))]
    assert not found, "write the reason behind it: # noqa: RULE - why"


@pytest.mark.parametrize("path", TESTS, ids=ids)
def test_a_test_does_not_sleep_to_wait(path: Path) -> None:
    """An application under test may sleep; a test orders events with events."""
    sleeping = [
        function.name
        for function in functions(path)
        if function.name.startswith("test_")
        for statement in function.body
        if isinstance(statement, ast.Expr) and ast.unparse(statement).startswith("time.sleep(")
    ]
    assert not sleeping
