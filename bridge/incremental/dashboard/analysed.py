"""What the analyser says of the routes: a JSON report, and which rule each of its routes goes by.

The report is the one that `wsgi-bridge report --output-format json` writes (migration_guide/report-json.md).
Only this file knows its fields here: the runtime half never imports the analyser.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bridge.errors import BridgeError
from bridge.incremental.errors import DuplicateRoute, InvalidPattern
from bridge.incremental.rules import DEFAULT_ROUTE, Rule, parse_rule
from bridge.incremental.table import RuleTable

__all__ = ["VERDICTS", "AnalysedRoute", "InvalidReport", "ReportFile", "rules_of"]

VERDICTS = ("ready", "offload", "greenlet", "keep-sync", "rewrite", "redesign")  # in the report's own order

_GROUP = re.compile(
    r"\((?:\?P<\w+>)?(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)[*+?]?"
)  # of a regular expression
_PARAMETER = re.compile(r"<(?:(\w+)(?:\(([^()<>]*)\))?:)?\w+>|\{\w+(?::([^{}]*))?\}")
_EXAMPLES = {"": "x", "int": "1", "float": "1", "uuid": "00000000-0000-0000-0000-000000000000"}
_TEXT_KINDS = frozenset({"str", "string", "slug", "path", "default"})


class InvalidReport(BridgeError, ValueError):
    """A file is no report of the analyser."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(
            f"cannot read the report {path}: {problem}. Write it with: "
            f"wsgi-bridge report --output-format json --output-file {path.name}"
        )
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class AnalysedRoute:
    """One route of the report; `route` is its id, `effort` in points."""

    route: str
    methods: tuple[str, ...]
    path: str
    verdict: str
    effort: int
    handler: str
    reasons: tuple[str, ...]


class ReportFile:
    """A report that is read again when it has changed; after a mistake in it the last good one stands."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Read it for the first time; raises `InvalidReport`."""
        self.path = Path(path).absolute()
        self._stamp = self._look()
        self._routes = _read(self.path)

    def routes(self) -> tuple[AnalysedRoute, ...]:
        """Return its routes."""
        stamp = self._look()
        if stamp is not None and stamp != self._stamp:
            self._stamp = stamp
            try:
                self._routes = _read(self.path)
            except InvalidReport:  # half written, in all likelihood
                return self._routes
        return self._routes

    def _look(self) -> tuple[int, int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _read(path: Path) -> tuple[AnalysedRoute, ...]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidReport(path, str(error)) from error
    if not isinstance(document, dict) or document.get("schema_version") != 1 or "routes" not in document:
        raise InvalidReport(path, "it has no schema_version 1 and routes")
    try:
        return tuple(_route(plain) for plain in document["routes"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidReport(path, f"a route of it has no {error}") from error


def _route(plain: dict[str, Any]) -> AnalysedRoute:
    return AnalysedRoute(
        route=plain["id"],
        methods=tuple(plain["methods"]),
        path=plain["path"],
        verdict=plain["verdict"],
        effort=int(plain["effort"]),
        handler=plain["handler"],
        reasons=tuple(plain["reasons"]),
    )


# ---------------------------------------------------------------- which rule


@lru_cache(maxsize=4)  # an open page asks every second, and neither changes often
def rules_of(routes: tuple[AnalysedRoute, ...], names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return, for each route, the names of the rules its requests go by: one, or one for each method.

    `names` are those of all rules. A route is led to its rule as a request is: by an example of its path.
    """
    table = _table(names)
    return [
        tuple(dict.fromkeys(_name(table, method, route.path) for method in route.methods or ("GET",)))
        for route in routes
    ]


def _table(names: Sequence[str]) -> RuleTable:
    rules = [rule for name in names if name != DEFAULT_ROUTE and (rule := _rule(name)) is not None]
    while True:
        try:
            return RuleTable(rules, parse_rule(None, {"mode": "legacy"}))
        except DuplicateRoute as error:  # the later one is of the store, and no rule has that name any more
            rules = [rule for rule in rules if rule.name != error.second]


def _rule(name: str) -> Rule | None:
    try:
        return parse_rule(name, {"mode": "legacy"})
    except InvalidPattern:  # a name from the store that no rule has any more
        return None


def _name(table: RuleTable, method: str, path: str) -> str:
    found = (table.find(method, example).name for example in _examples(path))
    return next((name for name in found if name != DEFAULT_ROUTE), DEFAULT_ROUTE)


def _examples(path: str) -> Iterator[str]:
    """Yield paths that a route takes; a parameter of no kind may be a word or a number."""
    plain = _GROUP.sub("1", path.replace("^", "").replace("$", "")) if "(?" in path else path
    for word in ("x", "1"):
        yield _PARAMETER.sub(lambda found, word=word: _example(found, word), plain)  # type: ignore[misc] # mypy cannot infer a lambda with a default


def _example(found: re.Match[str], word: str) -> str:
    kind, arguments, braced = found.groups()
    if kind == "any":
        return str(arguments).split(",")[0].strip(" '\"")
    name = kind or braced or ""
    return word if not name or name in _TEXT_KINDS else _EXAMPLES.get(name, "1")
