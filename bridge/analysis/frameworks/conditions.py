"""The setting that a registration depends on, read from the lines around it.

if app.config["ADMIN"]:
    app.register_blueprint(admin)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

__all__ = ["condition_around", "condition_at"]

SETTING = re.compile(r"config|setting|environ|getenv|debug|feature|enable|allow|option", re.IGNORECASE)
CONDITION = re.compile(r"(?:el)?if\s+(.+?):\s*(?:#.*)?$")
OWN_SCOPE = ("def ", "async def ", "class ")
BETWEEN = ("elif ", "except")  # what may stand between an `else` and its head


def condition_at(root: Path, file: str, line: int) -> str:
    """Return the condition about settings that a line of a project's file stands behind, "" where there is none."""
    lines = _lines(root / file)
    return condition_around(lines, line) if 0 < line <= len(lines) else ""


def condition_around(lines: Sequence[str], line: int) -> str:
    """Return the innermost `if` about a setting around a line of a function (module, class body); "" without one.

    It is told by indentation: a condition of several lines is not seen.
    """
    indentation, negated = _indentation(lines[line - 1]), False
    for text in reversed(lines[: line - 1]):
        here, header = _indentation(text), text.strip()
        beside = negated and here == indentation
        if not header or header.startswith("#") or not (here < indentation or beside):
            continue
        found = CONDITION.match(header)
        if found and SETTING.search(found[1]):
            return f"not ({found[1]})" if negated else found[1]
        if header.startswith(OWN_SCOPE):
            return ""
        negated = header.startswith("else:") or (beside and header.startswith(BETWEEN))
        indentation = here
    return ""


def _indentation(text: str) -> int:
    return len(text) - len(text.lstrip())


@lru_cache(maxsize=256)
def _lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text("utf-8", "replace").splitlines())
    except OSError:
        return ()
