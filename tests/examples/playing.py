"""Runs what belongs to an example of a migration, as its README says, in another working folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.examples import live

__all__ = ["commands_of_the_guide", "commands_of_the_story", "played"]

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


def commands_of_the_guide(heading: str) -> list[str]:
    """Return the commands of a section of migration_guide/incremental.md; the story needs no server."""
    text = (live.ROOT / "migration_guide" / "incremental.md").read_text("utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"^\$ (wsgi-bridge .*)$", section, re.MULTILINE)
    return [command for command in found if not command.startswith("wsgi-bridge serve")]


def commands_of_the_story(output: str, instance: Path) -> list[str]:
    """Return the commands that a story has run, as they would be typed in its folder."""
    found = re.findall(r"^\$ (wsgi-bridge .*)$", output, re.MULTILINE)
    return [command.replace(str(instance), "../flask_shop/instance") for command in found]
