"""Werkzeug's `tests/test_serving.py`, its live applications served by uvicorn through a bridge.

Its tests start `tests/live_apps/run.py` as a process, which calls `run_simple`; that process is
started as `scripts.external.plugins.werkzeug_live` instead, which puts the bridge behind `run_simple`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.external.contenders import BRIDGE_VARIABLE, bridge_name

__all__ = ["LIVE_VARIABLE", "pytest_configure"]

LIVE_VARIABLE = "EXTERNAL_LIVE"  # path of the checkout's run.py
_ROOT = Path(__file__).parents[3]


def pytest_configure(config: Any) -> None:
    """Start the suite's live applications behind the bridge."""
    direct = subprocess.Popen

    class BridgedPopen(direct):  # type: ignore[misc, valid-type]  # a class made at run time
        def __init__(self, args: Any, *rest: Any, **options: Any) -> None:
            if len(args) > 1 and str(args[1]).endswith("live_apps/run.py"):
                options["env"] = _environment(options["env"], run=args[1])
                args = [sys.executable, str(_ROOT / "scripts/external/plugins/werkzeug_live.py"), *args[2:]]
            super().__init__(args, *rest, **options)

    subprocess.Popen = BridgedPopen  # type: ignore[misc]  # for the suite's conftest


def _environment(given: dict[str, str], *, run: str) -> dict[str, str]:
    path = os.pathsep.join((given["PYTHONPATH"], str(_ROOT)))
    return {**given, "PYTHONPATH": path, LIVE_VARIABLE: run, BRIDGE_VARIABLE: bridge_name()}
