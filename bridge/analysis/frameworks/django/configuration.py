"""Libraries that settings read the environment with, as they answer when the environment is empty."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from bridge.analysis.frameworks.django.data import (
    External,
    Native,
    NativeObject,
    Place,
    Raised,
    Unknown,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["CONFIGURATION", "Environment"]

MISSING = Unknown("not in the environment, and without a default")

ENGINES: MappingProxyType[str, str] = MappingProxyType(
    {
        "sqlite": "django.db.backends.sqlite3",
        "sqlite3": "django.db.backends.sqlite3",
        "postgres": "django.db.backends.postgresql",
        "postgresql": "django.db.backends.postgresql",
        "psql": "django.db.backends.postgresql",
        "pgsql": "django.db.backends.postgresql",
        "postgis": "django.contrib.gis.db.backends.postgis",
        "mysql": "django.db.backends.mysql",
        "mysql2": "django.db.backends.mysql",
        "oracle": "django.db.backends.oracle",
    }
)


def database_of(url: object) -> Any:
    """Return the settings of a database address."""
    if not isinstance(url, str):
        return Unknown("a database address that is not known")
    scheme = urlsplit(url).scheme.partition("+")[0]
    return {"ENGINE": ENGINES.get(scheme, scheme), "NAME": urlsplit(url).path.lstrip("/")}


class Environment(NativeObject):
    """django-environ's `Env`, environs' `Env`: `env("X", default=...)`, `env.bool("X")`."""

    def __init__(self) -> None:
        self._defaults: dict[str, Any] = {}

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return a reader of one type, or one of the functions that load a file."""
        if name == "__init__":
            return Native(name, self._start)
        if name in {"read_env", "read_envfile", "seal", "prefixed"}:
            return Native(name, lambda *_: None)
        if name in {"db", "db_url", "dj_db_url"}:
            return Native(name, self._database)
        if name in {"cache", "cache_url", "dj_cache_url", "email_url", "email", "search_url"}:
            return Native(name, lambda *_: Unknown("the settings that an address stands for"))
        return Native(name, self._read)

    def _start(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> None:
        self._defaults.update(
            {
                name: value[1]
                for name, value in keywords.items()
                if isinstance(value, tuple) and len(value) > 1
            }
        )

    def _read(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> Any:
        if "default" in keywords:
            return keywords["default"]
        if len(arguments) > 1 and not isinstance(arguments[1], External):
            return arguments[1]
        return self._defaults.get(arguments[0] if arguments else "", MISSING)

    def _database(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> Any:
        return database_of(self._read(interpreter, arguments, keywords, place))

    def call(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> Any:
        """Return what `env("X", ...)` gives."""
        return self._read(interpreter, arguments, keywords, place)


def _decouple(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    """`config("X", default=..., cast=...)`: the default, cast."""
    default = arguments[1] if len(arguments) > 1 else keywords.get("default", MISSING)
    cast = keywords.get("cast")
    if isinstance(default, Unknown) or cast is None:
        return default
    if isinstance(cast, External) and cast.name.endswith("dj_database_url.parse"):
        return database_of(default)
    return _cast(interpreter, default, cast, place)


def _cast(interpreter: Interpreter, default: Any, cast: Any, place: Place) -> Any:
    if isinstance(cast, External) and cast.name == "builtins.bool" and isinstance(default, str):
        return default.lower() in {"1", "true", "yes", "on", "y", "t"}
    try:
        return interpreter.call(cast, (default,), {}, place)
    except Raised:
        return default


def _separated(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    def split(_: Interpreter, values: tuple[Any, ...], named: dict[str, Any], at: Place) -> Any:
        value = values[0] if values else ""
        return (
            [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value
        )

    return Native("Csv", split)


def _parsed(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    return database_of(arguments[0] if arguments else keywords.get("default"))


def _default(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    return database_of(keywords.get("default", arguments[0] if arguments else None))


def _split(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> None:
    """split_settings' `include`: other files run in the scope of the one that includes them."""
    for each in arguments:
        if isinstance(each, str):
            interpreter.run_files(place, each)


CONFIGURATION: MappingProxyType[str, Native] = MappingProxyType(
    {
        "decouple.config": Native("decouple.config", _decouple),
        "decouple.Csv": Native("decouple.Csv", _separated),
        "dj_database_url.parse": Native("dj_database_url.parse", _parsed),
        "dj_database_url.config": Native("dj_database_url.config", _default),
        "split_settings.tools.include": Native("split_settings.include", _split),
        "split_settings.tools.optional": Native(
            "split_settings.optional", lambda _, arguments, *__: arguments[0]
        ),
    }
)
