"""Starts the tracer in this process, by the plan that the command line wrote."""

from __future__ import annotations

import atexit
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

from .audits import listen
from .entries import ENTRIES, wrap_entries
from .frames import Project
from .importing import watch_imports
from .monitoring import maybe_watch_c_calls
from .patching import Patcher
from .recorder import Recorder

__all__ = ["start"]

STARTED_BY_PATCHES = ("time", "os", "subprocess", "select")  # their functions are often imported by name


def start(plan_file: str) -> None:
    """Trace this process from here on.

    The plan is JSON: `root` of the project, `folder` for part files, `targets` (dotted names), which of them are
    `lazy` or `minor` (see `Recorder`), and the `names` that some are recorded under.
    """
    plan = json.loads(Path(plan_file).read_text("utf-8"))
    project = Project(plan["root"])
    recorder = Recorder(project, plan["folder"], plan["minor"])
    c_calls = maybe_watch_c_calls(project, recorder)

    def unpatchable(sink: str, found: Any) -> None:
        if c_calls is None:
            recorder.unwatched(sink)
        else:
            c_calls.add(sink, found)

    patcher = Patcher(plan["targets"], plan["lazy"], recorder, unpatchable, plan["names"])

    def imported(module: ModuleType) -> None:
        try:
            wrap_entries(module, recorder.finished)
            patcher.imported(module)
        except Exception:  # what a library's module holds may do anything when it is looked at
            recorder.unwatched(module.__name__)

    for name in STARTED_BY_PATCHES:
        __import__(name)
    watch_imports({*patcher.modules, *ENTRIES}, imported)
    listen(recorder)
    _write_at_the_end(recorder)


def _write_at_the_end(recorder: Recorder) -> None:
    """Write when the interpreter ends, and before `os._exit`, which multiprocessing and test runners end with."""
    atexit.register(recorder.write)
    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(after_in_child=recorder.forget)
    leave = os._exit

    def write_and_leave(status: int) -> None:
        recorder.write()
        leave(status)

    os._exit = write_and_leave  # type: ignore[assignment] # it returns as little as the original
