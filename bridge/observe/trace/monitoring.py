"""Calls of what is written in C, seen from the project's own code by `sys.monitoring` (PEP 669, Python 3.12).

CALL events are asked for in the code objects of the project alone, so a library's code runs at full speed. A module's
code object has all others of its file inside it: they are found when the module starts to run.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from time import perf_counter
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    MethodDescriptorType,
    WrapperDescriptorType,
)
from typing import Any

from .frames import Project
from .recorder import Recorder

__all__ = ["CCalls", "maybe_watch_c_calls"]

TOOL = 4  # 0 debugger, 1 coverage, 2 profiler, 5 optimizer are taken by convention

# What a sink written in C is. Others are not looked up: hashing runs their own code, and a mock records that.
KINDS = frozenset(
    {BuiltinFunctionType, ClassMethodDescriptorType, MethodDescriptorType, WrapperDescriptorType, type}
)


class _Running(threading.local):
    started: float | None = None


class CCalls:
    """Which C callables are sinks; `add` them at any time."""

    def __init__(self, project: Project, recorder: Recorder) -> None:
        self._project = project
        self._recorder = recorder
        self._sinks: dict[Any, str] = {}
        self._running = _Running()

    def add(self, sink: str, function: Any) -> None:
        """Record calls of `function`: a method descriptor or a builtin function."""
        try:
            self._sinks[function] = sink
        except TypeError:  # not hashable, so it was no function
            self._recorder.unwatched(sink)

    def begin(self, code: CodeType, _: int) -> object:
        """PY_START of any code, once: watch what belongs to the project."""
        if self._project.relative(code.co_filename) is not None:
            monitoring = sys.monitoring  # type: ignore[attr-defined] # since 3.12, and types are checked for 3.10
            for each in _nested(code):
                monitoring.set_local_events(TOOL, each, monitoring.events.CALL)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined] # as above

    def call(self, _: CodeType, __: int, function: Any, ___: object) -> None:
        """CALL in the project's code: note when a sink starts."""
        if type(function) in KINDS and function in self._sinks and self._recorder.enter():
            self._running.started = perf_counter()

    def done(self, _: CodeType, __: int, function: Any, ___: object) -> None:
        """C_RETURN or C_RAISE: record the call that `call` noted."""
        started = self._running.started
        if started is not None and type(function) in KINDS and function in self._sinks:
            self._running.started = None
            self._recorder.leave(self._sinks[function], started, sys._getframe(1))  # noqa: SLF001 - the caller's frame


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def maybe_watch_c_calls(project: Project, recorder: Recorder) -> CCalls | None:
    """Return what C callables can be added to; None before 3.12, or where another tool has our number."""
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is None:
        return None
    try:
        monitoring.use_tool_id(TOOL, "wsgi-bridge")
    except ValueError:
        return None
    calls = CCalls(project, recorder)
    events = monitoring.events
    monitoring.register_callback(TOOL, events.PY_START, calls.begin)
    monitoring.register_callback(TOOL, events.CALL, calls.call)
    monitoring.register_callback(TOOL, events.C_RETURN, calls.done)
    monitoring.register_callback(TOOL, events.C_RAISE, calls.done)
    monitoring.set_events(TOOL, events.PY_START)
    return calls
