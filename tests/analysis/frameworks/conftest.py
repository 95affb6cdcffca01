"""Small applications, read from their files and imported: both must tell the same routes."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.analysis.frameworks import READERS
from bridge.analysis.frameworks.base import Options, discover
from bridge.analysis.model import Discovery
from bridge.analysis.project import read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program
from scripts.route_recall_score import pairs_of
from scripts.runtime_routes import routes_of
from tests.analysis.making import write_modules

Files = Callable[..., Path]
Read = Callable[..., Discovery]
Agree = Callable[..., Discovery]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Return a function that writes files, `main="..."` for main.py and `pkg__mod` for pkg/mod.py, in a folder."""

    def write(**texts: str) -> Path:
        write_modules(tmp_path, texts)
        return tmp_path

    return write


def discovered(folder: Path, **options: Any) -> Discovery:
    project = read_project(folder)
    state = solve(Program(project.modules, package=project.package))
    found = discover(state, project, Options(**options), readers=READERS)
    assert not found.crashed
    return found


@pytest.fixture
def read(files: Files) -> Read:
    """Return a function from files to what the readers discover."""
    return lambda **texts: discovered(files(**texts))


@pytest.fixture
def loaded(files: Files, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Return a function from files to the attribute `app` (or what it gives) of main.py, imported."""
    before = set(sys.modules)

    def load() -> Any:
        monkeypatch.syspath_prepend(files())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # frameworks import what later Pythons drop
            module = importlib.import_module("main")
            return module.create_app() if hasattr(module, "create_app") else module.app

    yield load
    folder = str(files())
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(folder):
            del sys.modules[name]


@pytest.fixture
def agree(files: Files, loaded: Callable[..., Any]) -> Agree:
    """Return a function that reads files and imports them, and fails where the routes differ."""

    def check(**texts: str) -> Discovery:
        found = discovered(files(**texts))
        running = {(method, path) for method, path, _ in routes_of(loaded())}
        assert pairs_of(found) == running
        return found

    return check


def handlers(found: Discovery) -> dict[str, str]:
    """Return route id -> handler, Flask's own static files left out."""
    return {each.id: each.handler for each in found.routes if not each.handler.endswith("send_static_file")}


def roles(found: Discovery, route: str) -> list[str]:
    """Return "role symbol" for each root of a route, in order."""
    (only,) = [each for each in found.routes if each.id == route]
    return [f"{root.role} {root.symbol}" for root in only.roots]
