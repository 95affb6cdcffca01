"""What a project's files say that it needs: requirements files, pyproject.toml, setup.cfg, setup.py, Pipfile, lock files.

Nothing is installed or asked on the network. A file that cannot be read counts as one that is not there: a broken lock
file must not cost anybody the report.
"""

from __future__ import annotations

import ast
import configparser
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same module under its older name

__all__ = ["Requirement", "declared", "normalised"]

SPECIFIER = re.compile(
    r"\s*(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?P<rest>[^;#]*)"
)
PINNED = re.compile(r"===?\s*([\w.!+-]+)")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A distribution that a file names. `version` is "" unless it is pinned; not `is_direct`: a lock file's only."""

    name: str
    version: str
    file: str
    line: int
    is_direct: bool = True


def declared(folder: Path) -> tuple[Requirement, ...]:
    """Return each distribution once: the first file that declares it, its version from a lock file if need be."""
    found: dict[str, Requirement] = {}
    for each in _all(folder):
        name = normalised(each.name)
        known = found.get(name)
        if known is None:
            found[name] = each
        elif not known.version and each.version:
            found[name] = replace(known, version=each.version)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def normalised(name: str) -> str:
    """Return a distribution's name as PyPI compares it: Flask_Login is flask-login (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _all(folder: Path) -> Iterator[Requirement]:
    for path in sorted(
        {
            *folder.glob("*requirements*.txt"),
            *folder.glob("requirements/*.txt"),
            *folder.glob("requirements/*.in"),
        }
    ):
        yield from _requirements_file(path, folder)
    for name, read in (*DECLARING.items(), *LOCKING.items()):
        path = folder / name
        if path.is_file():
            try:
                yield from read(path, name)
            except (
                OSError,
                ValueError,
                SyntaxError,
                configparser.Error,
                KeyError,
                TypeError,
                AttributeError,
            ):
                continue  # see the module's docstring; the last three: a table where a list was expected


def _requirements_file(path: Path, folder: Path) -> Iterator[Requirement]:
    """PEP 508 lines; options (`-r`, `--hash`) and addresses without a name are passed over."""
    name = path.relative_to(folder).as_posix()
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if text and text[0] not in "#-" and "://" not in text.partition("@")[0]:
            yield from _specifiers([text], name, number)


def _specifiers(texts: Iterable[str], file: str, line: int = 0) -> Iterator[Requirement]:
    for text in texts:
        found = SPECIFIER.match(text)
        if found:
            pin = PINNED.search(found["rest"])
            yield Requirement(found["name"], pin[1] if pin else "", file, line)


def _located(requirements: Iterable[Requirement], path: Path) -> Iterator[Requirement]:
    """Give each requirement the first line of its file that names it."""
    lines = path.read_text("utf-8", "replace").splitlines()
    for each in requirements:
        word = re.compile(rf"(?<![\w.-]){re.escape(each.name)}(?![\w-])", re.IGNORECASE)
        line = next((number for number, text in enumerate(lines, start=1) if word.search(text)), 0)
        yield replace(each, line=line)


def _pyproject(path: Path, name: str) -> Iterator[Requirement]:
    data = tomllib.loads(path.read_text("utf-8"))
    project = data.get("project", {})
    texts = [*project.get("dependencies", ())]
    for group in (
        *project.get("optional-dependencies", {}).values(),
        *data.get("dependency-groups", {}).values(),
    ):
        texts.extend(each for each in group if isinstance(each, str))
    yield from _located(_specifiers(texts, name), path)
    poetry = data.get("tool", {}).get("poetry", {})
    tables = [
        poetry.get("dependencies", {}),
        *(each.get("dependencies", {}) for each in poetry.get("group", {}).values()),
    ]
    yield from _located((each for table in tables for each in _table(table, name)), path)


def _table(table: dict[str, Any], file: str) -> Iterator[Requirement]:
    """Poetry's and Pipenv's tables: name = "^1.2", or a table with a version in it."""
    for name, wanted in table.items():
        version = wanted.get("version", "") if isinstance(wanted, dict) else str(wanted)
        if name != "python":
            pin = PINNED.search(version)
            yield Requirement(name, pin[1] if pin else "", file, 0)


def _setup_cfg(path: Path, name: str) -> Iterator[Requirement]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(path.read_text("utf-8"))
    texts = parser.get("options", "install_requires", fallback="").splitlines()
    if parser.has_section("options.extras_require"):
        texts += [line for _, value in parser.items("options.extras_require") for line in value.splitlines()]
    yield from _located(_specifiers((text for text in texts if text.strip()), name), path)


def _setup_py(path: Path, name: str) -> Iterator[Requirement]:
    """The lists of literals that setup() is given, or that a name holds which is called like them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (isinstance(node, ast.keyword) and node.arg == "install_requires") or (
            isinstance(node, ast.Assign) and _is_a_list_of_requirements(node.targets[0])
        ):
            yield from _literals(node.value, name)


def _is_a_list_of_requirements(target: ast.expr) -> bool:
    names = {"install_requires", "requires", "requirements"}
    return isinstance(target, ast.Name) and target.id.lower() in names


def _literals(node: ast.expr, file: str) -> Iterator[Requirement]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from _specifiers([each.value], file, each.lineno)


def _pipfile(path: Path, name: str) -> Iterator[Requirement]:
    data = tomllib.loads(path.read_text("utf-8"))
    found = (each for table in ("packages", "dev-packages") for each in _table(data.get(table, {}), name))
    yield from _located(found, path)


def _toml_lock(path: Path, name: str) -> Iterator[Requirement]:
    for each in tomllib.loads(path.read_text("utf-8")).get("package", ()):
        yield Requirement(each["name"], str(each.get("version", "")), name, 0, is_direct=False)


def _pipfile_lock(path: Path, name: str) -> Iterator[Requirement]:
    data = json.loads(path.read_text("utf-8"))
    for table in ("default", "develop"):
        for package, told in data.get(table, {}).items():
            yield Requirement(package, told.get("version", "").lstrip("="), name, 0, is_direct=False)


DECLARING = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "Pipfile": _pipfile,
}
LOCKING = {
    "poetry.lock": _toml_lock,
    "uv.lock": _toml_lock,
    "pdm.lock": _toml_lock,
    "Pipfile.lock": _pipfile_lock,
}
