"""Runs what belongs to an example of a migration, as its README says, in another working folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.examples import live

__all__ = ["played"]

LIMIT = 55.0  # seconds


def played(
    folder: Path, *words: str, variable: str, instance: Path, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run Python with `words`; the legacy application keeps its data in `instance`."""
    environment = {
        **os.environ,
        variable: str(instance),
        "PYTHONPATH": os.pathsep.join([str(live.ROOT), str(folder)]),
        "COLUMNS": "160",
    }
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=LIMIT
    )
