"""Reads what `wsgi-bridge trace` wrote: which blocking calls really happened, on which route.

A request has one method, a route of the report may have several or any: `observed` puts both together, so that it
speaks of the report's ids.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.analysis.frameworks.django.urls import strip_anchors
from bridge.errors import BridgeError

__all__ = ["Frame", "InvalidTrace", "Observed", "Trace", "read_trace"]

VERSION = 1


class InvalidTrace(BridgeError, ValueError):
    """A file is no trace, or one of another version."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(f"{file}: {problem}; write one with: wsgi-bridge trace -o {file} -- pytest")
        self.file = file
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of the project that was on the stack. `function` has no module in front: "Order.total"."""

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Observed:
    """A blocking call as it happened: on the route with this id, `count` times, for `seconds` in all.

    `stack` is the project's, the outermost first: the last frame is the line that called (or that called the library
    which did: not `direct`). `seconds` 0.0 with not `timed`: nobody measured.
    """

    route: str
    sink: str
    count: int
    seconds: float
    stack: tuple[Frame, ...]
    timed: bool = True
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace. `requests` counts requests by (method, path); `unwatched` are sinks that could not be seen."""

    command: tuple[str, ...]
    requests: Mapping[tuple[str, str], int]
    unwatched: frozenset[str]
    calls: tuple[Mapping[str, Any], ...]

    def observed(self, routes: Collection[str] = (), *, libraries: bool = False) -> Iterator[Observed]:
        """Return what happened during requests, the most expensive first.

        `routes` are ids of a report; a request that belongs to none of them keeps the id "METHOD /path".
        `libraries`: also what happened without any line of the project on the stack.
        """
        known = _by_path(routes)
        for call in self.calls:
            if call["phase"] == "request" and (call["stack"] or libraries):
                yield Observed(
                    _route_id(call["method"], call["path"], known),
                    call["sink"],
                    call["count"],
                    call["seconds"],
                    tuple(Frame(each["file"], each["line"], each["function"]) for each in call["stack"]),
                    call["timed"],
                    call["direct"],
                )

    def routes(self, routes: Collection[str] = ()) -> dict[str, int]:
        """Return how many requests each route had, by id."""
        known = _by_path(routes)
        counted: dict[str, int] = {}
        for (method, path), count in self.requests.items():
            name = _route_id(method, path, known)
            counted[name] = counted.get(name, 0) + count
        return counted


def _by_path(routes: Collection[str]) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for route in routes:
        known.setdefault(route.partition(" ")[2], []).append(route)
    return known


def _route_id(method: str, path: str, known: Mapping[str, list[str]]) -> str:
    """Return the id of the route that serves the request: one with its method before one that takes any."""
    # Django's own name of a regular expression keeps its anchors, as routers of REST framework write them.
    candidates = known.get(path, known.get(f"/{strip_anchors(path[1:])}", []))
    fitting = [route for route in candidates if method in route.partition(" ")[0].split(",")]
    anything = [route for route in candidates if route.startswith("ANY ")]
    return next(iter((*fitting, *anything)), f"{method} {path}")


def read_trace(file: Path) -> Trace:
    """Return the trace in `file`. Raises `InvalidTrace`, and OSError where it cannot be read."""
    try:
        data = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise InvalidTrace(file, f"it is no JSON ({error})") from None
    if not isinstance(data, dict) or "calls" not in data:
        raise InvalidTrace(file, "it is no trace")
    if data.get("schema_version") != VERSION:
        raise InvalidTrace(file, f"its schema_version is {data.get('schema_version')!r}, expected {VERSION}")
    return _trace(file, data)


def _trace(file: Path, data: Mapping[str, Any]) -> Trace:
    try:
        return Trace(
            tuple(data["command"]),
            {(each["method"], each["path"]): each["count"] for each in data["requests"]},
            frozenset(data["unwatched"]),
            tuple(data["calls"]),
        )
    except (KeyError, TypeError) as error:
        raise InvalidTrace(file, f"it lacks {error}") from None
