"""Reads one table of a knowledge file by its description; errors name the file, the row and the nearest key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn, TypeVar

from bridge.analysis.knowledge.errors import InvalidRow

__all__ = ["Key", "Row", "is_dotted", "read_row"]

E = TypeVar("E", bound=Enum)


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a table may have: the type of its value, and whether it must be there."""

    kind: type | tuple[type, ...]
    required: bool = False


KIND_NAMES = {str: "a string", bool: "true or false", int: "a whole number", list: "a list", dict: "a table"}


class Row:
    """A table whose keys and types were checked, asked for values by key."""

    __slots__ = ("values", "where")

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self.values = values
        self.where = where

    def text(self, key: str, default: str = "") -> str:
        """Return the string under `key`."""
        return str(self.values.get(key, default))

    def names(self, key: str) -> tuple[str, ...]:
        """Return the list of dotted names under `key`, () if it is not there."""
        names = self.values.get(key, ())
        for name in names:
            if not (isinstance(name, str) and is_dotted(name)):
                self.refuse(f"{key} has {name!r} in it", 'expected dotted names, as "requests.Session.get"')
        return tuple(names)

    def one_of(self, key: str, kind: type[E], default: E | None = None) -> E:
        """Return the member of `kind` whose value stands under `key`."""
        found = self.values.get(key)
        if found is None and default is not None:
            return default
        for member in kind:
            if member.value == found:
                return member
        options = [str(member.value) for member in kind]
        raise InvalidRow(self.where, f"{key} is {found!r}", f"expected {_nearest(str(found), options)}")

    def refuse(self, problem: str, instead: str) -> NoReturn:
        """Raise `InvalidRow` for this row."""
        raise InvalidRow(self.where, problem, instead)


def read_row(table: object, keys: Mapping[str, Key], where: str) -> Row:
    """Return `table` as a row; `InvalidRow` for an unknown key, a missing one or a value of the wrong type."""
    if not isinstance(table, Mapping):
        raise InvalidRow(where, f"it is {table!r}", "expected a table")
    row = Row(table, where)
    for key, value in table.items():
        if key not in keys:
            row.refuse(f"there is no key {key!r}", f"expected {_nearest(str(key), list(keys))}")
        _check_type(row, key, value, keys[key].kind)
    for key, description in keys.items():
        if description.required and key not in table:
            row.refuse(f"{key} is missing", f"write {key} = ...")
        if description.required and table[key] in ("", []):
            row.refuse(f"{key} is empty", "no row is without it")
    return row


def _check_type(row: Row, key: str, value: object, kind: type | tuple[type, ...]) -> None:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        row.refuse(f"{key} is {value!r}", f"expected {' or '.join(KIND_NAMES[each] for each in kinds)}")


def _nearest(word: str, options: list[str]) -> str:
    near = difflib.get_close_matches(word, options, n=1)
    return f"{near[0]!r}" if near else f"one of {', '.join(options)}"


def is_dotted(name: str) -> bool:
    """Return whether `name` is a dotted name, `*` for any part and a last `**` for several allowed."""
    parts = name.split(".")
    return all(part.isidentifier() or part == "*" for part in parts[:-1]) and (
        parts[-1].isidentifier() or parts[-1] in {"*", "**"}
    )
