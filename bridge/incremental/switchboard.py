"""A table of rules, and what each comes down to: who is called, and where it is counted.

    method, path -> a dictionary of paths seen lately -> way
                    `-- not there: the table's tree -> rule -> way, made once

Belongs to one table and goes with it: a change of rules is a new switchboard, put in place by one assignment,
so no request can meet half of a change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.incremental.ledger import Tally
from bridge.incremental.patterns import METHODS
from bridge.incremental.rules import Rule
from bridge.incremental.table import RuleTable
from bridge.protocol.asgi_types import AsgiApp, Scope

__all__ = ["Switchboard", "Way"]

PATHS_KEPT = 2048  # of a method
PATH_LIMIT = 256  # characters: who makes up long paths fills no memory with them


@dataclass(frozen=True, slots=True)
class Way:
    """How a request is answered. `tally` None: `app` counts by itself.

    `enters`: modern code may call `run_legacy` in it. `choose`: for a canary, which way it is for a client;
    `app` and `tally` say nothing then.
    """

    app: AsgiApp
    tally: Tally | None = None
    enters: bool = True
    choose: Callable[[Scope], Way] | None = None


class Switchboard:
    """`way_of` tells what a rule comes down to."""

    __slots__ = ("_way_of", "_ways", "seen", "table")

    def __init__(self, table: RuleTable, way_of: Callable[[Rule], Way]) -> None:
        self.table = table
        self.seen: dict[str, dict[str, Way]] = {method: {} for method in METHODS}
        self._way_of = way_of
        self._ways: dict[str, Way] = {}

    def way(self, method: str, path: str) -> Way:
        """Return the way of a request, and remember it for the next one to this path."""
        rule = self.table.find(method, path)
        way = self._ways.get(rule.name)
        if way is None:
            way = self._ways[rule.name] = self._way_of(rule)
        seen = self.seen.get(method)
        if seen is not None and len(path) <= PATH_LIMIT:
            if len(seen) >= PATHS_KEPT:
                seen.clear()  # the busy ones are back with their next request
            seen[path] = way
        return way
