"""Wraps the callables of the knowledge base where they live.

A method is replaced in its class, a function in its module and in the module that it is defined in, a class by its
`__init__`, a property by its getter. What refuses, being written in C, is handed to `unpatchable`.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import perf_counter
from types import ModuleType
from typing import Any

from .recorder import Recorder

__all__ = ["Patcher"]

Unpatchable = Callable[[str, Any], None]

LOCKS = (threading.Lock, threading.RLock)  # functions, or classes written in C, by the Python version

WRAPPABLE = {
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    staticmethod,
    classmethod,
    property,
}


class Patcher:
    """Patches targets (dotted names) as their modules are imported; `lazy` are those that wait now and then.

    `names` has the sink of those targets that are recorded under another name than their own.
    """

    def __init__(
        self,
        targets: Iterable[str],
        lazy: Iterable[str],
        recorder: Recorder,
        unpatchable: Unpatchable,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self._names = names or {}
        self._lazy = frozenset(lazy)
        self._recorder = recorder
        self._unpatchable = unpatchable
        self._waiting: dict[str, list[tuple[list[str], str]]] = {}  # module -> (rest of the name, sink)
        for name in targets:
            parts = name.split(".")
            for length in range(1, len(parts)):
                self._waiting.setdefault(".".join(parts[:length]), []).append((parts[length:], name))

    @property
    def modules(self) -> Iterable[str]:
        """Every name that may be a module with a target in it."""
        return self._waiting.keys()

    def imported(self, module: ModuleType) -> None:
        """Patch what a module, just imported, has."""
        for rest, sink in self._waiting.get(module.__name__, ()):
            owner = _walk(module, rest[:-1])
            if owner is not None:
                self._patch(owner, rest[-1], sink)

    def _patch(self, owner: Any, name: str, sink: str) -> None:
        """Wrap `owner.name`."""
        found = inspect.getattr_static(owner, name, None)
        kind = type(found)  # not isinstance: it would wake lazy objects up
        if found is None or kind is ModuleType:
            return
        if kind not in WRAPPABLE and not issubclass(kind, type):
            self._recorder.unwatched(sink)
            return
        if getattr(found, "__wsgi_bridge__", False):
            return
        if issubclass(kind, type):
            self._patch_class(found, sink)
            return
        wrapped = self._wrapped(found, sink)
        if wrapped is None:
            return
        try:
            setattr(owner, name, wrapped)
        except (AttributeError, TypeError):  # a type written in C
            self._unpatchable(sink, found)
        else:
            _replace_at_home(owner, name, found, wrapped)

    def _patch_class(self, found: type, sink: str) -> None:
        """Let making an object count: a class itself has to stay what it is, for isinstance and for subclasses."""
        if "__init__" in vars(found):
            self._patch(found, "__init__", sink)
        else:
            self._unpatchable(sink, found)

    def _wrapped(self, found: Any, sink: str) -> Any:
        """Return the wrapper, None for what cannot be or need not be wrapped."""
        if isinstance(found, (staticmethod, classmethod)):
            return type(found)(self._wrapped(found.__func__, sink))
        if isinstance(found, property) and found.fget is not None:
            return property(self._wrapped(found.fget, sink), found.fset, found.fdel, found.__doc__)
        if not callable(found) or inspect.iscoroutinefunction(found):
            return None
        make = _lazy_wrapper if sink in self._lazy else _wrapper
        name = self._names.get(sink, sink)
        watched = functools.update_wrapper(make(found, name, self._recorder), found)
        watched.__wsgi_bridge__ = True  # type: ignore[attr-defined] # marks what is wrapped already
        return watched


def _walk(owner: Any, parts: list[str]) -> Any:
    for part in parts:
        owner = (
            inspect.getattr_static(owner, part, None) if isinstance(owner, type) else vars(owner).get(part)
        )
        if any(owner is lock for lock in LOCKS):  # not `in`: it would compare, and lazy objects would wake up
            owner = type(owner())
        if not issubclass(type(owner), (type, ModuleType)):  # not isinstance, as above
            return None
    return owner


def _replace_at_home(owner: Any, name: str, found: Any, wrapped: Any) -> None:
    """Replace a re-exported function where it is defined too: requests.get is requests.api.get.

    Not where that is a builtin module: the import system calls posix.stat all the time.
    """
    home = sys.modules.get(getattr(found, "__module__", None) or "")
    if home is None or not isinstance(owner, ModuleType) or home.__name__ in sys.builtin_module_names:
        return
    if getattr(home, name, None) is found:
        setattr(home, name, wrapped)


def _wrapper(call: Callable[..., Any], sink: str, recorder: Recorder) -> Callable[..., Any]:
    enter, leave, frame_of = recorder.enter, recorder.leave, sys._getframe  # noqa: SLF001 - as logging and warnings do

    def watched(*args: Any, **kwargs: Any) -> Any:
        if not enter():
            return call(*args, **kwargs)
        started = perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            leave(sink, started, frame_of(1))

    return watched


def _lazy_wrapper(call: Callable[..., Any], sink: str, recorder: Recorder) -> Callable[..., Any]:
    """Return a wrapper that records a call only if another sink was called inside it.

    A generator that the call returns is recorded as well, each of its steps that has waited.
    """
    call = _lazy_call(call, sink, recorder)

    def watched(*args: Any, **kwargs: Any) -> Any:
        result = call(*args, **kwargs)
        return _steps(result, sink, recorder) if type(result) is types.GeneratorType else result

    return watched


def _lazy_call(call: Callable[..., Any], sink: str, recorder: Recorder) -> Callable[..., Any]:
    """Return what calls and records for a function that itself was called by the program."""
    frame_of = sys._getframe  # noqa: SLF001 - as above

    def watched(*args: Any, **kwargs: Any) -> Any:
        if not recorder.enter(lazy=True):
            return call(*args, **kwargs)
        started = perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            if recorder.has_waited():
                recorder.leave(sink, started, frame_of(2))
            else:
                recorder.pass_over()

    return watched


def _steps(rows: Iterator[Any], sink: str, recorder: Recorder) -> Iterator[Any]:
    """Yield what a generator yields. Its steps run for whoever takes the next row, maybe long after the call."""
    step = _lazy_call(rows.__next__, sink, recorder)
    with contextlib.closing(rows):  # type: ignore[type-var] # a generator's iterator closes
        while True:
            try:
                row = step()
            except StopIteration:
                return
            yield row
