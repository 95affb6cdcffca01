"""Module names: of a path, of a relative import."""

from __future__ import annotations

from pathlib import PurePath

__all__ = ["absolute_import", "module_name"]


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
