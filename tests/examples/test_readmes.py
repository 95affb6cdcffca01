"""Each example's README lists every route that the example has, and none that it has not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import live

LIMIT = 30.0  # seconds
# Static files and Django's own admin stand in the READMEs as words.
SKIPPED = {
    "flask_shop": re.compile("/static/"),
    "pyramid_notes": re.compile("/static/"),
    "django_library": re.compile("/admin/"),
}


def real_routes(name: str, instance: Path) -> set[str]:
    example = live.EXAMPLES[name]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("print_routes.py")), name],
        env=live.example_environment(example, instance),
        capture_output=True,
        check=True,
        timeout=LIMIT,
    )
    return {route for route in json.loads(done.stdout) if not SKIPPED[name].search(route)}


def documented_routes(name: str) -> set[str]:
    """The routes in the first column of the README's tables."""
    text = (live.EXAMPLES[name].folder / "README.md").read_text("utf-8")
    cells = re.findall(r"^\| (`[A-Z]+ /.*?) \|", text, re.MULTILINE)
    return {route for cell in cells for route in re.findall(r"`([A-Z]+ /[^`]*)`", cell)}


def path_of(route: str) -> str:
    return route.rpartition(" ")[2]


@pytest.mark.parametrize("name", live.EXAMPLES)
def test_readme_lists_every_route_and_no_other(name: str, tmp_path: Path) -> None:
    real, documented = real_routes(name, tmp_path), documented_routes(name)
    assert len(real) > 15
    assert {path_of(route) for route in documented} == {path_of(route) for route in real}
    # Django's routes have no methods; what a framework knows must be in the README too.
    assert {route for route in real if " " in route} <= documented


@pytest.mark.parametrize("name", live.EXAMPLES)
def test_readme_names_the_files_that_are_there(name: str) -> None:
    folder = live.EXAMPLES[name].folder
    text = (folder / "README.md").read_text("utf-8")
    named = re.findall(r"`([\w/]+\.py)`", text)
    assert named
    parents = {path.parent for path in folder.rglob("*.py")}
    assert not [file for file in named if not any((parent / file).is_file() for parent in parents)]
