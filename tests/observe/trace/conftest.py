"""Runs commands under `wsgi-bridge trace`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Traced:
    """How a traced command ended, and its trace ({} where none was written)."""

    code: int
    output: str
    said: str
    trace: dict[str, Any]

    def calls(self, route: str = "", *, phase: str = "request") -> dict[str, int]:
        """Return sink -> count for a route, of calls with a line of the project below them."""
        counted: dict[str, int] = {}
        for call in self.trace["calls"]:
            if call["phase"] == phase and call["route"] == route and call["stack"]:
                counted[call["sink"]] = counted.get(call["sink"], 0) + call["count"]
        return counted

    def call(self, sink: str) -> dict[str, Any]:
        """Return the one record of a sink."""
        (found,) = [call for call in self.trace["calls"] if call["sink"] == sink]
        assert isinstance(found, dict)
        return found


Trace = Callable[..., Traced]


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    """Return a function from a command (a program's text is run by this Python) and files to how it ended."""

    def run(*command: str, program: str = "", folder: Path = tmp_path, **environment: str) -> Traced:
        if program:
            (tmp_path / "program.py").write_text(dedent(program), "utf-8")
            command = (sys.executable, "program.py")
        output = tmp_path / "trace.json"
        done = subprocess.run(
            [sys.executable, "-m", "bridge", "trace", "-o", str(output), "--", *command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=50,
        )
        found = json.loads(output.read_text("utf-8")) if output.exists() else {}
        return Traced(done.returncode, done.stdout, done.stderr, found)

    return run
