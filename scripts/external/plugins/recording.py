"""Pytest plugin: one JSON line a test into the file that `EXTERNAL_RESULTS` names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

__all__ = ["RESULTS_VARIABLE", "pytest_runtest_logreport", "record"]

RESULTS_VARIABLE = "EXTERNAL_RESULTS"  # path of the file that a run appends to
_path = os.environ.get(RESULTS_VARIABLE, os.devnull)  # read once: suites empty the environment in their tests


def record(test: str, outcome: str, message: str = "") -> None:
    """Append one outcome: `passed`, `failed` or `skipped`, with the last line of what went wrong."""
    line = json.dumps({"test": test, "outcome": outcome, "message": message[:300]})
    with Path(_path).open("a", encoding="utf-8") as results:
        results.write(line + "\n")


def pytest_runtest_logreport(report: Any) -> None:
    """Record the call, and a set-up or tear-down that did not pass (the reader keeps the worst)."""
    if report.when == "call" or report.outcome != "passed":
        outcome = "skipped" if hasattr(report, "wasxfail") else report.outcome
        record(report.nodeid, outcome, _last_line(report))


def _last_line(report: Any) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else str(report.longrepr or "")
    return text.strip().splitlines()[0] if text.strip() else ""
