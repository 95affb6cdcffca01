"""Names of modules and files: of a path, of a relative import, of a test."""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath, PurePosixPath

__all__ = ["absolute_import", "is_test_file", "module_name"]


def module_name(path: PurePath) -> str:
    """Return the dotted name of a file, `path` being relative to the project's root; "" for its __init__.py."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def absolute_import(module: str, *, is_package: bool, level: int, target: str) -> str:
    """Return what `from <level dots><target> import ...` names in `module`; level 0 is absolute already."""
    if level == 0:
        return target
    parts = module.split(".") if module else []
    base = parts[: len(parts) - level + (1 if is_package else 0)]
    return ".".join([*base, target] if target else base)


@lru_cache(maxsize=100_000)
def is_test_file(file: str) -> bool:
    """Return whether a file holds tests: what it registers is no part of the application, nor is what it calls."""
    path = PurePosixPath(file)
    folders = {"tests", "test", "testing"} & set(path.parts[:-1])
    named = path.name.startswith("test_") or path.name.endswith("_test.py")
    return bool(folders) or named or path.name in {"conftest.py", "tests.py"}
