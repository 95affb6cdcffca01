"""Fields of answers that are not compared: by the rules, or because somebody said so at run time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bridge.incremental.errors import InvalidSetting

__all__ = ["FIELD_LIMIT", "is_ignored", "parse_field"]

FIELD_LIMIT = 400  # characters; a longer path is cut off where it is kept, and can only be named by a pattern


def is_ignored(field: str, ignored: Iterable[str]) -> bool:
    """Tell whether a field is one of `ignored`, or stands below one; `*` in those is any one step.

    `field` is a path with indices, as it is found, or a key without them, as it is counted.
    """
    pattern = _pattern(tuple(ignored))
    return pattern is not None and pattern.fullmatch(field) is not None


@lru_cache(maxsize=256)
def _pattern(fields: tuple[str, ...]) -> re.Pattern[str] | None:
    if not fields:
        return None
    steps = (re.escape(field).replace(r"\*", r"[^.\[\]/]*") for field in fields)
    return re.compile("|".join(f"(?:{step})(?:[.\\[/].*)?" for step in steps), re.DOTALL)


def parse_field(text: str, *, route: str | None = None) -> str:
    """Return a field as somebody has named it, to be ignored; raises `InvalidSetting`."""
    field = text.strip()
    if not field or len(field) >= FIELD_LIMIT or not field.isprintable():
        expected = f"a field as the differences show it, shorter than {FIELD_LIMIT} characters: $.items[*].id"
        raise InvalidSetting(text, expected, route=route)
    return field
