"""The environment that libraries are read from: where their source stands, never imported.

Looked for in this order: what the configuration names; `.venv`, `venv` or `env` in the analysed folder, or in one above it
up to the project's (the one with a pyproject.toml or .git); the active one, VIRTUAL_ENV; this Python's own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Environment", "environment_of", "packages_of"]

NAMES = (".venv", "venv", "env")
PROJECT_MARKS = ("pyproject.toml", ".git")
INSTALLED = (".dist-info", ".egg-info")


@dataclass(frozen=True, slots=True)
class Environment:
    """The site-packages folders that are read. `words` name it in a report, the same on every machine.

    `is_complete`: it is the project's own, so what is not in it is not there. Of another one nobody knows.
    """

    folders: tuple[Path, ...] = ()
    is_complete: bool = False
    words: str = "no environment"

    def signature(self) -> list[str]:
        """Return what changes when something is installed or removed: distributions with their versions, by folder."""
        return [f"{folder}: {', '.join(_distributions(folder))}" for folder in self.folders]


def environment_of(
    root: Path, named: Path | None = None, variables: Mapping[str, str] = os.environ
) -> Environment:
    """Return the environment of the project at `root`; `named` is the one that the configuration says."""
    if named is not None:
        return Environment(packages_of(named), is_complete=True, words="the environment of the configuration")
    for folder in _project_folders(root.absolute()):
        for name in NAMES:
            found = packages_of(folder / name)
            if found:
                # One above may be for tools alone, with the packages of this part in an image of their own.
                return Environment(
                    found, is_complete=folder == root.absolute(), words=f"the project's {name}"
                )
    active = packages_of(Path(variables["VIRTUAL_ENV"])) if variables.get("VIRTUAL_ENV") else ()
    if active:
        return Environment(active, words="the active environment")
    own = tuple(Path(each) for each in sys.path if each.endswith(("site-packages", "dist-packages")))
    return Environment(own, words="the environment of wsgi-bridge")


def packages_of(environment: Path) -> tuple[Path, ...]:
    """Return the site-packages of a virtual environment, none where the folder is not one."""
    if not (environment / "pyvenv.cfg").is_file():
        return ()
    windows = environment / "Lib" / "site-packages"
    return (*sorted(environment.glob("lib*/python*/site-packages")), *([windows] if windows.is_dir() else []))


def _project_folders(root: Path) -> Iterator[Path]:
    """Yield the folder, and those above it up to the project's; nothing above where no project is marked."""
    folders = [root, *root.parents]
    marked = (
        index for index, each in enumerate(folders) if any((each / mark).exists() for mark in PROJECT_MARKS)
    )
    yield from folders[: next(marked, 0) + 1]


def _distributions(folder: Path) -> list[str]:
    try:
        return sorted(each.name for each in os.scandir(folder) if each.name.endswith(INSTALLED))
    except OSError:
        return []
