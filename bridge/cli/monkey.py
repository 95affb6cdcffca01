"""Did importing the application monkey-patch the standard library, with what, and in which line?"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["find_patching_line", "patched_by"]

# Either library can patch selectively; one of these is enough to break an event loop or its threads.
MODULES = ("socket", "select", "threading", "thread", "ssl", "time", "os", "queue")
PATCHING = re.compile(r"\b(?:patch_all|monkey_patch|patch_socket|patch_thread)\s*\(")


def patched_by() -> str | None:
    """Return `gevent` or `eventlet` if it has patched the standard library of this process; else None."""
    # Only what has been imported already can have patched; importing either here would be no news.
    gevent = sys.modules.get("gevent.monkey")
    if gevent is not None and _any_patched(gevent, "is_module_patched"):
        return "gevent"
    eventlet = sys.modules.get("eventlet.patcher")
    if eventlet is not None and _any_patched(eventlet, "is_monkey_patched"):
        return "eventlet"
    return None


def _any_patched(library: ModuleType, predicate: str) -> bool:
    is_patched: Any = getattr(library, predicate, None)
    return is_patched is not None and any(is_patched(name) for name in MODULES)


def find_patching_line(module_names: Iterable[str], folders: Iterable[str]) -> str | None:
    """Return `file, line N` of the first call that patches, in modules of `module_names` below `folders`.

    None: the call is not written out in a file of the user's.
    """
    roots = [Path(folder).resolve() for folder in folders]
    for name in module_names:
        file = getattr(sys.modules.get(name), "__file__", None)
        if (
            file
            and not _is_installed(Path(file))
            and any(root in Path(file).resolve().parents for root in roots)
        ):
            line = _line_of_call(Path(file))
            if line is not None:
                return f"{file}, line {line}"
    return None


def _is_installed(file: Path) -> bool:
    return "site-packages" in file.parts


def _line_of_call(file: Path) -> int | None:
    with suppress(OSError, UnicodeDecodeError):  # a module of another kind: there is no line to show
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if PATCHING.search(line) and not line.lstrip().startswith("#"):
                return number
    return None
