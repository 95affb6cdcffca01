"""Two JSON documents: which of their fields differ. Order in objects and spelling of numbers say nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from bridge.incremental.store.base import FieldValues

__all__ = ["json_differences"]

_NAME = re.compile(r"[A-Za-z_][\w-]*")
# Keys that are data and no names: an object with many of them, or with numbers for names, is a table.
_TABLE_SIZE = 50
_ALIGNED_LIMIT = 300  # elements: aligning two lists takes quadratic time

_NOTHING: Any = object()


def json_differences(legacy: bytes, modern: bytes) -> Iterator[FieldValues] | None:
    """Return what differs, by path; None if either is no JSON, or nested too deeply to be read."""
    try:
        ours, theirs = json.loads(legacy), json.loads(modern)
        found = list(_tree("$", ours, theirs))
    except (ValueError, RecursionError):
        return None
    return iter(found)


def _tree(path: str, one: Any, other: Any) -> Iterator[FieldValues]:
    if isinstance(one, dict) and isinstance(other, dict):
        yield from _objects(path, one, other)
    elif isinstance(one, list) and isinstance(other, list):
        yield from _lists(path, one, other)
    elif not _same(one, other):
        yield FieldValues(path, _text(one), _text(other))


def _same(one: Any, other: Any) -> bool:
    """Compare scalars: 1 and 1.0 are the same number, but True, which Python equals with 1, is not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    # NaN, which is no JSON but which Python writes, is here the same as itself.
    return bool(one == other or (one != one and other != other))  # noqa: PLR0124 - the test for NaN


def _objects(path: str, one: dict[str, Any], other: dict[str, Any]) -> Iterator[FieldValues]:
    keys = list(one) + [key for key in other if key not in one]
    is_table = len(keys) > _TABLE_SIZE or any(key[:1].isdecimal() for key in keys)
    for index, key in enumerate(keys):
        step = f"[{index}]" if is_table else _step(key)
        yield from _entries(path + step, one.get(key, _NOTHING), other.get(key, _NOTHING))


def _step(key: str) -> str:
    return f".{key}" if _NAME.fullmatch(key) else f".{json.dumps(key, ensure_ascii=False)}"


def _entries(path: str, one: Any, other: Any) -> Iterator[FieldValues]:
    if one is _NOTHING or other is _NOTHING:
        yield FieldValues(path, _text(one), _text(other))
    else:
        yield from _tree(path, one, other)


def _lists(path: str, one: list[Any], other: list[Any]) -> Iterator[FieldValues]:
    if len(one) == len(other):
        for index, (ours, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _tree(f"{path}[{index}]", ours, theirs)
        return
    yield FieldValues(f"{path}.length", str(len(one)), str(len(other)))
    yield from _aligned(path, one, other)


def _aligned(path: str, one: list[Any], other: list[Any]) -> Iterator[FieldValues]:
    """Yield what one list has and the other has not: one element too many is one difference, not all."""
    if max(len(one), len(other)) > _ALIGNED_LIMIT:
        return
    ours, theirs = ([json.dumps(each, sort_keys=True) for each in side] for side in (one, other))
    for kind, start, end, other_start, other_end in SequenceMatcher(
        None, ours, theirs, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            continue
        for index in range(start, end):
            yield FieldValues(f"{path}[{index}]", _text(one[index]), None)
        for index in range(other_start, other_end):
            yield FieldValues(f"{path}[{index}]", None, _text(other[index]))


def _text(value: Any) -> str | None:
    return None if value is _NOTHING else json.dumps(value, ensure_ascii=False)
