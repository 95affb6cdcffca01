"""The setting that a registration depends on, read from the lines around it.

if app.config["ADMIN"]:
    app.register_blueprint(admin)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

__all__ = [
    "Test",
    "condition_around",
    "condition_at",
    "is_about_a_setting",
    "lines_of",
    "tests_at",
    "tree_of",
]

Test = tuple[ast.expr, bool]  # what an `if` asks, and whether it holds

SETTING = re.compile(r"config|setting|environ|getenv|debug|feature|enable|allow|option", re.IGNORECASE)
CONDITION = re.compile(r"(?:el)?if\s+(.+?):\s*(?:#.*)?$")
OWN_SCOPE = ("def ", "async def ", "class ")
OWN_NAMES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
LEAVING = (ast.Continue, ast.Return, ast.Raise, ast.Break)
BETWEEN = ("elif ", "except")  # what may stand between an `else` and its head


def condition_at(root: Path, file: str, line: int) -> str:
    """Return the condition about settings that a line of a project's file stands behind, "" where there is none."""
    lines = lines_of(root / file)
    return condition_around(lines, line) if 0 < line <= len(lines) else ""


def condition_around(lines: Sequence[str], line: int) -> str:
    """Return the innermost `if` about a setting around a line of a function (module, class body); "" without one.

    It is told by indentation: a condition of several lines is not seen.
    """
    indentation, negated = _indentation(lines[line - 1]), False
    for text in reversed(lines[: line - 1]):
        here, header = _indentation(text), text.strip()
        beside = negated and here == indentation
        if not header or header.startswith("#") or not (here < indentation or beside):
            continue
        found = CONDITION.match(header)
        if found and SETTING.search(found[1]):
            return f"not ({found[1]})" if negated else found[1]
        if header.startswith(OWN_SCOPE):
            return ""
        negated = header.startswith("else:") or (beside and header.startswith(BETWEEN))
        indentation = here
    return ""


def is_about_a_setting(text: str) -> bool:
    """Return whether a condition asks for what somebody configures."""
    return bool(SETTING.search(text))


def tests_at(root: Path, file: str, line: int) -> list[Test]:
    """Return the tests that lead to a line of a function (module), the outermost first.

    After `if test: continue` (`return`, `raise`, `break`) the test does not hold.
    """
    tree = tree_of(root / file)
    return [] if tree is None else list(_tests(tree.body, line))


@lru_cache(maxsize=32)
def tree_of(path: Path) -> ast.Module | None:
    """Return the syntax of a project's file, None if it cannot be read."""
    try:
        return ast.parse("\n".join(lines_of(path)))
    except (SyntaxError, ValueError):
        return None


def _tests(block: Sequence[ast.stmt], line: int) -> Iterator[Test]:
    passed: list[Test] = []
    for statement in block:
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            yield from () if isinstance(statement, OWN_NAMES) else passed
            yield from _inside(statement, line)
        elif isinstance(statement, ast.If) and isinstance(statement.body[-1], LEAVING):
            passed.append((statement.test, False))


def _inside(statement: ast.stmt, line: int) -> Iterator[Test]:
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for block in _blocks(getattr(statement, name, [])):
            if block and block[0].lineno <= line <= (block[-1].end_lineno or 0):
                if isinstance(statement, ast.If):
                    yield statement.test, name == "body"
                yield from _tests(block, line)


def _blocks(found: list[ast.AST]) -> list[list[ast.stmt]]:
    inner = [each.body for each in found if isinstance(each, (ast.ExceptHandler, ast.match_case))]
    return inner or [[each for each in found if isinstance(each, ast.stmt)]]


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip())


@lru_cache(maxsize=256)
def lines_of(path: Path) -> tuple[str, ...]:
    """Return the lines of a project's file, none if it cannot be read."""
    try:
        return tuple(path.read_text("utf-8", "replace").splitlines())
    except OSError:
        return ()
