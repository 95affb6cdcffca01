"""Counts, seconds and stacks of a process's blocking calls, and the part file that they are written to.

A call inside another recorded call of the same thread is that call's business and not recorded: `requests.get` stands
for the socket calls that it makes, as it does in the report.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

from .entries import BORDER, Request, current
from .frames import Frame, Project

__all__ = ["Recorder"]

FLUSH_AFTER = 1.0  # seconds: what is lost at most when a process is killed

Key = tuple[str, str, str, str, tuple[Frame, ...]]  # phase, method, path, sink, stack


class Tally:
    """What is known of equal calls. `direct`: the project's own line made the call."""

    __slots__ = ("count", "direct", "longest", "seconds", "timed")

    def __init__(self, seconds: float, *, timed: bool, direct: bool) -> None:
        self.count = 1
        self.seconds = self.longest = seconds
        self.timed = timed
        self.direct = direct

    def add(self, other: Tally) -> None:
        """Count the calls of another tally too."""
        self.count += other.count
        self.seconds += other.seconds
        self.longest = max(self.longest, other.longest)

    def as_list(self) -> list[Any]:
        """Return what a part file has of it."""
        return [self.count, self.seconds, self.longest, self.timed, self.direct]


class _Inside(threading.local):
    depth = 0
    has_waited = False  # another sink was called inside the one that is recorded


class Recorder:
    """Takes calls from any thread. `folder` receives the part file.

    `minor` are sinks that are recorded only where a line of the project calls them: a template engine that looks
    whether a file has changed says nothing about the project.
    """

    def __init__(self, project: Project, folder: str, minor: Iterable[str] = ()) -> None:
        self._minor = frozenset(minor)
        self._project = project
        self._folder = folder
        self._lock = threading.RLock()  # a signal's handler may record while its thread writes
        self._calls: dict[Any, Tally] = {}  # by Key
        self._requests: dict[tuple[str, str], int] = {}
        self._unwatched: set[str] = set()
        self._inside = _Inside()
        self._written = perf_counter()
        self._part = ""

    def enter(self, *, lazy: bool = False) -> bool:
        """Tell whether a call that starts now is to be recorded; `leave` must follow if it is.

        A `lazy` call waits only now and then: a relation that is loaded already, a queryset that has its rows.
        """
        inside = self._inside
        if inside.depth:
            if not lazy:
                inside.has_waited = True
            return False
        inside.depth = 1
        inside.has_waited = False
        return True

    def has_waited(self) -> bool:
        """Return whether a call that is not lazy happened inside the one that is recorded."""
        return self._inside.has_waited

    def leave(self, sink: str, started: float, frame: Any, *, timed: bool = True) -> None:
        """Record the call that `enter` allowed. `started` is its perf_counter, `frame` its caller's."""
        seconds = perf_counter() - started
        try:
            self._record(sink, seconds if timed else 0.0, frame, timed=timed)
        finally:
            self._inside.depth = 0

    def pass_over(self) -> None:
        """Take back what `enter` allowed."""
        self._inside.depth = 0

    def finished(self, request: Request) -> None:
        """Count a request, and its calls under the route that it turned out to have."""
        method, path = request.describe()
        with self._lock:
            if request.is_inner:
                self._requests[method, path] = self._requests.get((method, path), 0) + 1
            for called, tally in request.calls.items():
                _add(self._calls, ("request", method, path, *called), tally)
            request.calls.clear()

    def unwatched(self, sink: str) -> None:
        """Note that calls of `sink` cannot be seen in this process."""
        self._unwatched.add(sink)

    def _record(self, sink: str, seconds: float, frame: Any, *, timed: bool) -> None:
        direct = self._project.relative(frame.f_code.co_filename) is not None
        if not direct and sink in self._minor:
            return
        request = current()
        stack = self._project.stack(frame, BORDER)
        if request is None and not stack:
            return  # a library's own business: pytest reading its cache, an import
        tally = Tally(seconds, timed=timed, direct=direct)
        with self._lock:
            if request is None:
                phase = _phase(stack)
                if direct or phase == "command":  # what a library does while it is imported says nothing
                    _add(self._calls, (phase, "", "", sink, stack), tally)
            elif request.has_ended:  # in a thread that it left behind
                _add(self._calls, ("request", *request.describe(), sink, stack), tally)
            else:
                _add(request.calls, (sink, stack), tally)
        if perf_counter() - self._written > FLUSH_AFTER:
            self.write()

    def forget(self) -> None:
        """Start anew in a forked child: what the parent recorded is the parent's to write."""
        self._lock = threading.RLock()  # another thread of the parent may have held it
        self._calls = {}
        self._requests = {}
        self._inside = _Inside()
        self._part = ""

    def write(self) -> None:
        """Write the part file, whole or not at all."""
        depth, self._inside.depth = self._inside.depth, 1  # what writing opens is not the program's
        try:
            with self._lock:
                self._written = perf_counter()
                text = json.dumps(self._as_json())
                self._part = self._part or f"{os.getpid()}-{os.urandom(4).hex()}.json"
                new = Path(self._folder, f"{self._part}.new")
                new.write_text(text, "utf-8")
                new.replace(Path(self._folder, self._part))
        except OSError as error:  # a full disk, or a folder that the command removed
            sys.stderr.write(f"wsgi-bridge trace: cannot write what was recorded: {error}\n")
        finally:
            self._inside.depth = depth

    def _as_json(self) -> dict[str, Any]:
        calls = [
            [*key[:4], [list(frame) for frame in key[4]], *tally.as_list()]
            for key, tally in self._calls.items()
        ]
        requests = [[*route, count] for route, count in self._requests.items()]
        return {"calls": calls, "requests": requests, "unwatched": sorted(self._unwatched)}


def _add(calls: dict[Any, Tally], key: Any, tally: Tally) -> None:
    known = calls.get(key)
    if known is None:
        calls[key] = tally
    else:
        known.add(tally)


def _phase(stack: tuple[Frame, ...]) -> str:
    """Return "startup" for what runs while a module of the project is imported, else "command"."""
    return "startup" if any(function == "<module>" for _, _, function in stack[-3:]) else "command"
