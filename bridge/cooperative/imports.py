"""Telling when a module has been imported: at once if it is loaded, else right after it has run."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["ImportWatch"]


class ImportWatch(MetaPathFinder):
    """A finder that finds nothing itself, and has the real loader tell when it is done."""

    def __init__(self) -> None:
        self._wanted: dict[str, list[Callable[[ModuleType], None]]] = {}
        self._searching: set[str] = set()

    def when_imported(self, name: str, tell: Callable[[ModuleType], None]) -> None:
        """Call `tell(module)` now, or as soon as the module of that name has been imported."""
        module = sys.modules.get(name)
        if module is not None and not _is_initialising(module):
            tell(module)
        else:
            self._wanted.setdefault(name, []).append(tell)

    def start(self) -> None:
        """Look at imports from now on."""
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Look at them no more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        self._wanted.clear()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - part of the protocol, as the next one
        target: ModuleType | None = None,  # noqa: ARG002 - as the one before
    ) -> ModuleSpec | None:
        """Return the spec that the other finders give, for a module that is waited for; else None."""
        if fullname not in self._wanted or fullname in self._searching:
            return None
        self._searching.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching.discard(fullname)
        if spec is not None and spec.loader is not None:
            self._tell_after(spec)
        return spec

    def _tell_after(self, spec: ModuleSpec) -> None:
        loader = spec.loader
        assert loader is not None
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            for tell in self._wanted.pop(spec.name, ()):
                tell(module)

        loader.exec_module = exec_module  # type: ignore[method-assign]  # of this one loader, made for this module


def _is_initialising(module: ModuleType) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))
