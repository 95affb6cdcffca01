"""What a migration is told, from Python or from a file: one form, one check.

default = "legacy"                       # migration.toml; in pyproject.toml below
store = "sqlite:///migration.sqlite3"    # [tool.wsgi-bridge.migration]
ready = 0.99
secrets = ["customer_number"]

[options]                                # of every rule
sticky = "cookie:session"

[routes]
"GET /users/<int:id>" = "shadow"
"GET /search" = { mode = "canary", percent = 5, guard = true }

[shadow]
concurrency = 8
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bridge.incremental.compare.own import NamedFunction
from bridge.incremental.compare.verdict import READY
from bridge.incremental.errors import DuplicateRoute, InvalidConfiguration, InvalidPattern, InvalidSetting
from bridge.incremental.rules import Rule, parse_rule
from bridge.incremental.shadow import ShadowLimits
from bridge.incremental.store.base import Store
from bridge.incremental.table import RuleTable

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["FILE_NAMES", "Configuration", "ConfigurationFile", "find_configuration"]

FILE_NAMES = ("migration.toml", "pyproject.toml")  # in the order in which they are looked for
_KEYS = ("default", "store", "ready", "secrets", "options", "routes", "shadow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All that a migration is told. `store` None: the default one."""

    table: RuleTable
    store: str | Store | None = None
    ready: float = READY
    secrets: tuple[str, ...] = ()
    shadow: ShadowLimits = field(default_factory=ShadowLimits)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Configuration:
        """Return what these keys say. Raises `InvalidSetting`, `InvalidPattern` or `DuplicateRoute`."""
        for key in given:
            if key not in _KEYS:
                raise InvalidSetting(key, f"one of {', '.join(_KEYS)}")
        options = _table(given, "options")
        rules = [_rule(route, setting, options) for route, setting in _table(given, "routes").items()]
        return cls(
            table=RuleTable(rules, _rule(None, given.get("default", "legacy"), options)),
            store=given.get("store"),
            ready=_ready(given.get("ready", READY)),
            secrets=_secrets(given.get("secrets", ())),
            shadow=_shadow_limits(_table(given, "shadow")),
        )

    def load_functions(self) -> None:
        """Import the functions that rules name; raises `InvalidSetting` for one that is not there."""
        for rule in (*self.table.rules.values(), self.table.default):
            if isinstance(rule.compare, NamedFunction):
                rule.compare.load()


def _rule(route: str | None, setting: Any, options: Mapping[str, Any]) -> Rule:
    if isinstance(setting, Rule):
        return setting
    own = setting if isinstance(setting, Mapping) else {"mode": setting}
    if "mode" not in own:
        raise InvalidSetting(dict(own), 'a mode: { mode = "shadow", ... }', route=route or "default")
    return parse_rule(route, {**options, **own})


def _table(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = given.get(key) or {}
    if not isinstance(value, Mapping):
        raise InvalidSetting(value, f"[{key}]: a table")
    return value


def _ready(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
        raise InvalidSetting(value, "ready: a share between 0 and 1, such as 0.99")
    return float(value)


def _secrets(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise InvalidSetting(value, 'secrets: a list of names of fields, such as ["customer_number"]')
    return tuple(value)


def _shadow_limits(given: Mapping[str, Any]) -> ShadowLimits:
    known = {each.name for each in fields(ShadowLimits)}
    for key, value in given.items():
        if key not in known:
            raise InvalidSetting(key, f"[shadow]: one of {', '.join(sorted(known))}")
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InvalidSetting(value, f"[shadow] {key}: a whole number, 1 or more")
    return ShadowLimits(**given)


# ---------------------------------------------------------------- files


def find_configuration(folder: Path) -> Path | None:
    """Return the file in `folder` that configures a migration; None where there is none."""
    for name in FILE_NAMES:
        path = folder / name
        if path.is_file() and (name != "pyproject.toml" or _section(path) is not None):
            return path
    return None


def _section(path: Path) -> Mapping[str, Any] | None:
    """Return the migration's part of a file; None where pyproject.toml has none."""
    with path.open("rb") as file:
        document: dict[str, Any] = tomllib.load(file)
    if path.name != "pyproject.toml":
        return document
    section = document.get("tool", {}).get("wsgi-bridge", {}).get("migration")
    return section if isinstance(section, Mapping) else None


class ConfigurationFile:
    """A file that is read again when it has changed."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).absolute()  # the application may change the working folder
        self._stamp: object = None

    def read(self, *, load_functions: bool = False) -> Configuration:
        """Return what it says; raises `InvalidConfiguration`, which names the file.

        `load_functions`: import the functions that it names, as who serves by it has to and who looks at it must not.
        """
        self._stamp = self._look()
        try:
            configuration = Configuration.from_mapping(_section(self.path) or {})
            if load_functions:
                configuration.load_functions()
            return configuration
        except (InvalidSetting, InvalidPattern, DuplicateRoute) as error:
            raise InvalidConfiguration(str(self.path), str(error)) from error
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InvalidConfiguration(str(self.path), f"cannot be read: {error}") from error

    def has_changed(self) -> bool:
        """Tell whether the file is another than the one last read; a file that is gone has not changed."""
        stamp = self._look()
        return stamp is not None and stamp != self._stamp

    def _look(self) -> object:
        """Return what changes with every way to write a file: in place, or by renaming another over it."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
