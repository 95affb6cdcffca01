"""What a user installs: the wheel's files, its metadata, its version."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path

import pytest

import bridge

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same module under its older name

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=50)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_package_its_type_marker_and_its_licence(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    dist_info = f"wsgi_bridge-{bridge.__version__}.dist-info"
    assert {"bridge/__init__.py", "bridge/py.typed", f"{dist_info}/licenses/LICENSE"} <= names
    suffixes = {".py", ".toml", ".html", ".css", ".js", ".json"}
    files = [path for path in (ROOT / "bridge").rglob("*") if path.suffix in suffixes]
    sources = {path.relative_to(ROOT).as_posix() for path in files}
    assert "bridge/reports/templates/report.html" in sources
    assert sources <= names
    data = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bridge" / "analysis" / "knowledge").glob("*.toml")
    }
    assert data
    assert data <= names
    assert {name.split("/")[0] for name in names} == {"bridge", dist_info}


def test_the_wheel_installs_the_command_and_not_one_called_bridge(wheel: zipfile.ZipFile) -> None:
    entry_points = wheel.read(f"wsgi_bridge-{bridge.__version__}.dist-info/entry_points.txt").decode()
    assert "wsgi-bridge = bridge.cli.main:main" in entry_points
    assert not re.search(r"^bridge\s*=", entry_points, re.MULTILINE)  # iproute2's name on Linux


def test_the_extras_are_the_documented_ones(wheel: zipfile.ZipFile) -> None:
    text = wheel.read(f"wsgi_bridge-{bridge.__version__}.dist-info/METADATA").decode()
    extras = HeaderParser().parsestr(text).get_all("Provides-Extra")
    assert set(extras or ()) == {"serve", "metrics", "html", "redis", "all"}


def test_the_installed_version_is_the_source_version() -> None:
    assert metadata.version("wsgi-bridge") == bridge.__version__


def test_the_changelog_knows_the_version() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased" or headings[0] == bridge.__version__


def test_every_classified_python_is_one_that_scripts_test_looks_for() -> None:
    classified = re.findall(r"Python :: 3\.(\d+)", "\n".join(PYPROJECT["project"]["classifiers"]))
    script = (ROOT / "scripts" / "environment.bash").read_text("utf-8")
    assert f"OLDEST={classified[0]}\n" in script
    assert f"NEWEST={classified[-1]} " in script
    assert PYPROJECT["project"]["requires-python"] == f">=3.{classified[0]}"


def test_every_ruff_rule_that_is_ignored_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    block = text.split("\nignore = [\n")[1].split("\n]")[0]
    rules = [line for line in block.splitlines() if line.strip().startswith('"')]
    unexplained = [
        line
        for number, line in enumerate(block.splitlines())
        if line in rules and "#" not in line and not _explained_above(block.splitlines(), number)
    ]
    assert len(rules) > 5
    assert not unexplained


def _explained_above(lines: list[str], number: int) -> bool:
    """Tell whether a comment stands over this run of rules without reasons of their own."""
    above = number - 1
    while lines[above].strip().startswith('"') and "#" not in lines[above]:
        above -= 1
    return lines[above].strip().startswith("#")
