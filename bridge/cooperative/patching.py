"""Scoped, reversible replacements: inert outside of a bridge greenlet, and taken back exactly.

    install()      time.sleep -> scoped(time.sleep, clocks.sleep)

    anywhere else  time.sleep(1) -> the original            (at a cost of at most 200 ns)
    in a request   time.sleep(1) -> clocks.sleep, which yields to the event loop

Methods are replaced and not classes, so sockets that were made before and modules that were imported before
take part. A function that a module has imported by name (`from time import sleep`) is found in it and
replaced there, too, and `uninstall()` finds and restores those that were imported since.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from greenlet import getcurrent

from bridge.cooperative.switch import BridgeGreenlet

__all__ = ["Patch", "Patches", "replacing", "scoped"]

_MISSING: Any = object()
# Their names for what is replaced stay as they are: the machinery that greenlets wait with, and modules that
# have threads of their own and run before or below everything else.
_EXEMPT = ("bridge", "asyncio", "uvloop", "greenlet", "importlib", "_frozen_importlib", "_thread", "_socket")


@dataclass(frozen=True, slots=True)
class Patch:
    """One attribute of a module or class, and what takes its place.

    `everywhere`: also replace it where modules have imported it by name.
    """

    owner: Any
    name: str
    replacement: Any
    everywhere: bool = False


def scoped(original: Callable[..., Any], cooperative: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls `cooperative` in a bridge greenlet and `original` everywhere else."""

    def chosen(*arguments: Any, **options: Any) -> Any:
        if type(getcurrent()) is BridgeGreenlet:
            return cooperative(*arguments, **options)
        if not options:  # a copy of {} costs 12 ns
            return original(*arguments)
        return original(*arguments, **options)

    try:
        functools.update_wrapper(chosen, original)
    except (AttributeError, TypeError):  # a C function with attributes of its own mind
        chosen.__name__ = getattr(original, "__name__", "chosen")
    return chosen


def replacing(owner: Any, **cooperative: Callable[..., Any]) -> Iterator[Patch]:
    """Yield a scoped patch for each named function or method of `owner`."""
    for name, function in cooperative.items():
        original = getattr(owner, name, None)
        if original is not None:  # not on this platform or version
            yield Patch(owner, name, scoped(original, function), everywhere=isinstance(owner, ModuleType))


class Patches:
    """Patches that are in place."""

    def __init__(self) -> None:
        self._restore: list[tuple[Any, str, Any]] = []  # the last first; _MISSING: it was inherited
        self._exchanged: list[tuple[Any, Any]] = []  # original, replacement: where imported by name
        self._at_end: list[Callable[[], object]] = []
        self._gathered: list[tuple[Any, Any]] | None = None  # as _exchanged, but not looked for yet

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Apply all that comes in one walk over the modules: a large application has thousands, and 30 adapters."""
        self._gathered = []
        try:
            yield
        finally:
            found, self._gathered = self._gathered, None
            _exchange_names(found)

    def apply(self, patches: Iterable[Patch]) -> None:
        """Put each patch in place."""
        exchanged = []
        for patch in patches:
            original = vars(patch.owner).get(patch.name, _MISSING)
            self._restore.append((patch.owner, patch.name, original))
            setattr(patch.owner, patch.name, patch.replacement)
            if patch.everywhere and original is not _MISSING:
                exchanged.append((original, patch.replacement))
        self._exchanged += exchanged
        if self._gathered is None:
            _exchange_names(exchanged)
        else:
            self._gathered += exchanged

    def at_end(self, undo: Callable[[], object]) -> None:
        """Have `undo()` called by `restore`, for what is no attribute."""
        self._at_end.append(undo)

    def restore(self) -> None:
        """Take all of them back."""
        for undo in reversed(self._at_end):
            undo()
        for owner, name, original in reversed(self._restore):
            if original is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        _exchange_names([(replacement, original) for original, replacement in self._exchanged])
        self._restore, self._exchanged, self._at_end = [], [], []


def _exchange_names(pairs: list[tuple[Any, Any]]) -> None:
    """Rebind, in every module that is loaded, each name whose value is the first of a pair to the second."""
    wanted = {id(old): new for old, new in pairs}
    if not wanted:
        return
    for module in list(sys.modules.values()):
        if type(module) is not ModuleType or module.__name__.partition(".")[0] in _EXEMPT:
            continue
        for name, value in list(vars(module).items()):
            if id(value) in wanted:
                setattr(module, name, wanted[id(value)])
