"""Each example passes its own tests, under its framework's own test client, before any bridge is involved."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import live

LIMIT = 50.0  # seconds
COMMANDS = {
    "flask_shop": ["-m", "unittest", "tests"],
    "django_library": ["manage.py", "test"],
    "pyramid_notes": ["-m", "unittest", "tests"],
}


@pytest.mark.parametrize("name", live.EXAMPLES)
def test_example_passes_its_own_tests(name: str, tmp_path: Path) -> None:
    example = live.EXAMPLES[name]
    done = subprocess.run(
        [sys.executable, *COMMANDS[name]],
        cwd=example.folder,
        env=live.example_environment(example, tmp_path),
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    count = re.search(r"^Ran (\d+) tests in", done.stderr, re.MULTILINE)
    assert count
    assert int(count[1]) >= 10
