"""Which functions are kept apart by call site: those whose inside may keep what a call gives, and no others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest

from bridge.analysis.project import read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program

CALLS = "\nmade(1)\nmade(2)\nmade(3)\n"


@pytest.mark.parametrize(
    ("contexts", "source"),
    [
        pytest.param(
            1,
            """
            def made(value):
                def halved(number): return number / 2
                return halved(value)
            """,
            id="inside-captures-nothing",
        ),
        pytest.param(3, "def made(value):\n    return lambda: value", id="lambda"),
        pytest.param(3, "def made(value):\n    return lambda kept=value: kept", id="default"),
        pytest.param(
            3,
            """
            def made(value):
                class Made:
                    held = value
                return Made
            """,
            id="class",
        ),
        pytest.param(
            3,
            """
            def made(value):
                def outer():
                    def inner(): return value
                    return inner
                return outer
            """,
            id="two-levels-down",
        ),
        pytest.param(
            3,
            """
            def made(value):
                def changed():
                    nonlocal value
                    value = 1
                return changed
            """,
            id="nonlocal",
        ),
        pytest.param(
            3,
            """
            def made(value):
                if value:
                    value = value.real
                return value
            """,
            id="gives-back-what-it-is-given",
        ),
    ],
)
def test_a_function_has_a_context_for_each_call_only_where_its_inside_keeps_arguments(
    tmp_path: Path, contexts: int, source: str
) -> None:
    (tmp_path / "main.py").write_text(dedent(source) + CALLS)
    state = solve(Program(read_project(tmp_path).modules))
    found = Counter(state.program.qualified(each.scope) for each in state.instances)
    assert found["main.made"] == contexts
