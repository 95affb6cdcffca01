"""Which executor serves which route: the lanes file, checked, and the choice for a request.

The format is described in migration_guide/lanes.md; `wsgi-bridge lanes` writes it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import InvalidLanes, InvalidOption
from bridge.executors.base import Executor
from bridge.executors.route_patterns import RoutePattern, pattern_or_error
from bridge.executors.threads import ThreadExecutor

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same module under its older name

__all__ = ["LANES", "LaneTable", "lane_table"]

LANES = ("thread", "greenlet", "stream")
_VERSION = 1
_SLASHES = re.compile(r"/{2,}")
_KEYS = {"version", "default", "lanes", "routes"}


@dataclass(frozen=True, slots=True)
class LaneTable:
    """The lanes that are in use, their limits, and the routes, the most specific first.

    `source` is the file, or None for a mapping.
    """

    default: str
    limits: Mapping[str, Mapping[str, Any]]
    routes: tuple[tuple[RoutePattern, str], ...]
    source: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the lanes that serve something, the default first."""
        used = {lane for _, lane in self.routes}
        return (self.default, *(lane for lane in LANES if lane in used and lane != self.default))

    def lane(self, method: str, path: str) -> str:
        """Return the lane of a request; `path` is decoded and without the mount's prefix.

        Repeated slashes count as one, as in the rules of a migration: frameworks differ in what they make of them, and
        `//events` must not fill the lane of all other requests.
        """
        if "//" in path:
            path = _SLASHES.sub("/", path)
        for pattern, lane in self.routes:
            if pattern.matches(method, path):
                return lane
        return self.default

    def executors(self, *, shutdown_timeout: float, report_holds: bool = False) -> dict[str, Executor]:
        """Return a new executor for each lane. Raises `InvalidLanes` for limits that make no sense."""
        return {name: self._executor(name, shutdown_timeout, report_holds) for name in self.names}

    def _executor(self, lane: str, shutdown_timeout: float, report_holds: bool) -> Executor:  # noqa: FBT001 - private, called once
        limits = dict(self.limits.get(lane, {}))
        try:
            if lane == "greenlet":
                from bridge.executors.greenlets import GreenletExecutor

                return GreenletExecutor(
                    **limits, shutdown_timeout=shutdown_timeout, report_holds=report_holds
                )
            name = "bridge" if lane == "thread" else "bridge-stream"
            return ThreadExecutor(**limits, shutdown_timeout=shutdown_timeout, name=name)
        except InvalidOption as error:
            raise InvalidLanes(self.source, f"[lanes.{lane}]: {error}") from None


def lane_table(given: str | Path | Mapping[str, Any] | LaneTable) -> LaneTable:
    """Return the table of a TOML file, or of the same as a mapping.

    Raises `InvalidLanes`, which names the file and the line's key, for all that is wrong with it.
    """
    if isinstance(given, LaneTable):
        return given
    if isinstance(given, Mapping):
        return _checked(given, None)
    source = str(given)
    try:
        return _checked(tomllib.loads(Path(source).read_text("utf-8")), source)
    except OSError as error:
        raise InvalidLanes(source, f"it can't be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidLanes(source, f"it is no TOML: {error}") from None


def _checked(plain: Mapping[str, Any], source: str | None) -> LaneTable:
    for key in plain:
        if key not in _KEYS:
            raise InvalidLanes(source, f"{key!r} is unknown; expected {', '.join(sorted(_KEYS))}")
    if plain.get("version", _VERSION) != _VERSION:
        raise InvalidLanes(
            source, f"version = {plain['version']!r} is unknown; this bridge reads version {_VERSION}"
        )
    default = plain.get("default", "thread")
    _known(default, "default", source)
    limits = _table(plain, "lanes", source)
    for lane, options in limits.items():
        _known(lane, f"[lanes.{lane}]", source)
        _check_limits(lane, options, source)
    routes = _table(plain, "routes", source)
    return LaneTable(default, limits, _routes(routes, source), source)


def _table(plain: Mapping[str, Any], name: str, source: str | None) -> Mapping[str, Any]:
    found = plain.get(name, {})
    if not isinstance(found, Mapping):
        raise InvalidLanes(source, f"{name} is {found!r}; expected a table, [{name}]")
    return found


def _known(lane: object, where: str, source: str | None) -> None:
    if lane not in LANES:
        raise InvalidLanes(source, f"{where}: there is no lane {lane!r}; expected {', '.join(LANES)}")


def _check_limits(lane: str, options: Any, source: str | None) -> None:
    allowed = ("max_greenlets" if lane == "greenlet" else "max_threads", "max_queue", "queue_timeout")
    if not isinstance(options, Mapping):
        raise InvalidLanes(source, f"lanes.{lane} is {options!r}; expected a table, [lanes.{lane}]")
    for name in options:
        if name not in allowed:
            raise InvalidLanes(source, f"[lanes.{lane}]: {name} is unknown; expected {', '.join(allowed)}")


def _routes(routes: Mapping[str, Any], source: str | None) -> tuple[tuple[RoutePattern, str], ...]:
    found = []
    for text, lane in routes.items():
        _known(lane, f"route {text!r}", source)
        try:
            found.append((pattern_or_error(text), str(lane)))
        except ValueError as error:
            raise InvalidLanes(source, f"route {text!r}: {error}") from None
    return tuple(sorted(found, key=lambda each: each[0].rank))  # stable: then the one that stands first
