"""A call for every module of interest, when it has been imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["watch_imports"]

Imported = Callable[[ModuleType], None]


class _Finder(MetaPathFinder):
    """Stands first on sys.meta_path, lets the others find, and has `imported` called after a module's code ran."""

    def __init__(self, names: Collection[str], imported: Imported) -> None:
        self._names = names
        self._imported = imported
        self._searching: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the other finders give, its loader's exec_module wrapped; None for other modules."""
        if fullname not in self._names or fullname in self._searching:
            return None
        self._searching.add(fullname)
        try:
            spec = self._found(fullname, path, target)
        finally:
            self._searching.discard(fullname)
        if spec is not None and spec.loader is not None and not isinstance(spec.loader, type):
            _wrap(spec.loader, self._imported)
        return spec

    def _found(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is not self and find is not None:
                spec: ModuleSpec | None = find(fullname, path, target)
                if spec is not None:
                    return spec
        return None


def _wrap(loader: Any, imported: Imported) -> None:
    """Wrap `exec_module` on the instance: a loader in its place would lack what resources and debuggers ask for."""
    execute = loader.exec_module

    def execute_and_tell(module: ModuleType) -> None:
        del loader.exec_module
        execute(module)
        imported(module)

    try:
        loader.exec_module = execute_and_tell
    except AttributeError:  # a loader with slots: its module stays unwatched
        return


def watch_imports(names: Collection[str], imported: Imported) -> None:
    """Call `imported` for every module of `names`: now for those that are imported, later for the others."""
    sys.meta_path.insert(0, _Finder(names, imported))
    for name in list(sys.modules):
        module = sys.modules.get(name)
        if name in names and isinstance(module, ModuleType):
            imported(module)
