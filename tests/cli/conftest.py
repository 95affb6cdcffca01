"""Folders with applications in them, and an import system that is as before afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Project = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a function that writes files below a folder: `project({"shop.py": "..."})`."""

    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def import_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Undo what importing applications does to sys.path, sys.modules and the environment."""
    modules, path, environment = set(sys.modules), list(sys.path), dict(os.environ)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    for name in set(sys.modules) - modules:
        del sys.modules[name]
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(environment)
