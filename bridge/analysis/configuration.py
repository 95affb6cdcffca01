"""`[tool.wsgi-bridge]` of a project's pyproject.toml: read, checked, and with the nearest right key where one is wrong."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bridge.analysis.environment import packages_of
from bridge.analysis.rules import FAMILIES, rules
from bridge.errors import BridgeError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same module under its older name

__all__ = ["Configuration", "InvalidConfiguration", "read_configuration"]

TABLE = "[tool.wsgi-bridge]"


class InvalidConfiguration(BridgeError, ValueError):
    """The table cannot be used. `problem` is what was got, `instead` what to write."""

    def __init__(self, file: str, problem: str, instead: str) -> None:
        super().__init__(f"{file}, {TABLE}: {problem}; {instead}")
        self.file = file
        self.problem = problem
        self.instead = instead


def _key_of(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What the user says; the names are the table's keys. `folder` is where the table's file stands."""

    paths: tuple[str, ...] = _key_of(
        (), 'What is analysed where no PATH is given: the folder that imports start from, as `["src"]`.'
    )
    exclude: tuple[str, ...] = _key_of(
        (), 'Files and folders that are left out, relative to PATH: `["legacy/*", "scripts"]`.'
    )
    app: str = _key_of("", "A plain WSGI callable, `package.module:application`, where no framework is used.")
    settings: str = _key_of(
        "", "Django's settings module, where it is not found from `manage.py` or `wsgi.py`."
    )
    environment: str = _key_of(
        "",
        "The virtual environment with the project's packages, relative to pyproject.toml, where it is not beside the code.",
    )
    sinks: tuple[str | Mapping[str, Any], ...] = _key_of(
        (),
        "Callables of your own that block: names, or tables with `name`, `category`, `cooperative`, `replacement`.",
    )
    offloaders: tuple[str, ...] = _key_of(
        (), "Callables of your own that run the function they are given in a thread."
    )
    baseline: str = _key_of("", "The file of known findings, relative to pyproject.toml.")
    select: tuple[str, ...] = _key_of(
        (), "The rules that `check` asks for: codes or their beginnings; empty is all."
    )
    ignore: tuple[str, ...] = _key_of((), "The rules that `check` does not ask for.")
    folder: Path = Path()

    @property
    def environment_folder(self) -> Path | None:
        """Return the folder of `environment`, None where none is named."""
        return self.folder / self.environment if self.environment else None

    @property
    def rows(self) -> dict[str, Any]:
        """Return what `load_knowledge` takes of it."""
        return {"sinks": list(self.sinks), "offloaders": list(self.offloaders)}


KEYS = {each.name: each for each in fields(Configuration) if "meaning" in each.metadata}
OTHERS = {"migration"}  # bridge.incremental.configuration reads that table


def read_configuration(path: Path) -> Configuration:
    """Return the table of the nearest pyproject.toml at `path` or above; the defaults where there is none.

    Raises `InvalidConfiguration`.
    """
    start = path.resolve()
    for folder in (start, *start.parents) if start.is_dir() else start.parents:
        file = folder / "pyproject.toml"
        if file.is_file():
            return _read(file)
    return Configuration(folder=start if start.is_dir() else start.parent)


def _read(file: Path) -> Configuration:
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidConfiguration(file.name, f"the file cannot be read: {error}", "correct it") from None
    table = data.get("tool", {}).get("wsgi-bridge", {})
    if not isinstance(table, dict):
        raise InvalidConfiguration(file.name, f"it is {table!r}", "expected a table")
    own = [key for key in table if key not in OTHERS]
    return Configuration(
        folder=file.parent, **{_key(file, key): _value(file, key, table[key]) for key in own}
    )


def _key(file: Path, key: str) -> str:
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, n=1)
        instead = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(KEYS)}"
        raise InvalidConfiguration(file.name, f"there is no key {key!r}", instead)
    return key


def _value(file: Path, key: str, value: object) -> Any:
    if KEYS[key].default == "":
        if not isinstance(value, str):
            raise InvalidConfiguration(
                file.name, f"{key} is {value!r}", f'expected a string, as {key} = "..."'
            )
        if key == "environment":
            _check_environment(file, value)
        return value
    tables = key == "sinks"
    if not isinstance(value, list) or not all(
        isinstance(each, (str, dict) if tables else str) for each in value
    ):
        raise InvalidConfiguration(
            file.name, f"{key} is {value!r}", f'expected a list of strings, as {key} = ["..."]'
        )
    if key in {"select", "ignore"}:
        for code in value:
            _check_code(file, key, code)
    return tuple(value)


def _check_environment(file: Path, value: str) -> None:
    if value and not packages_of(file.parent / value):
        raise InvalidConfiguration(
            file.name, f"there is no environment {value!r}", "name the folder that has a pyvenv.cfg"
        )


def _check_code(file: Path, key: str, code: str) -> None:
    if code != "WB" and not any(known.startswith(code) for known in rules()):
        near = difflib.get_close_matches(code, [*rules(), *FAMILIES], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"codes begin with {', '.join(FAMILIES)}"
        raise InvalidConfiguration(file.name, f"{key} has {code!r}, which is no rule", hint)
