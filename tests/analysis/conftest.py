"""Small projects, and what their call graph says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.analysis.callgraph import CallGraph, build_call_graph
from bridge.analysis.project import read_project
from tests.analysis.making import write_modules

Graph = Callable[..., CallGraph]
Callees = Callable[..., dict[str, list[str]]]


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    """Return a function from files, as `pkg__mod="..."` for pkg/mod.py, to their call graph."""

    def build(**files: str) -> CallGraph:
        write_modules(tmp_path, files)
        return build_call_graph(read_project(tmp_path))

    return build


@pytest.fixture
def callees(graph: Graph) -> Callees:
    """Return a function from files to caller -> callees inside the project, callers of nothing left out."""

    def build(**files: str) -> dict[str, list[str]]:
        table = graph(**files).callees(application_only=True)
        return {caller: called for caller, called in table.items() if called}

    return build
