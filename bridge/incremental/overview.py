"""Where every route of a migration stands: the one view that the command line and the dashboard share. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bridge.incremental.compare.verdict import READY, Verdict, verdict_of
from bridge.incremental.counters import SideNumbers, side_numbers
from bridge.incremental.rules import DEFAULT_ROUTE
from bridge.incremental.store.base import Counters
from bridge.incremental.table import RuleTable

__all__ = ["RouteStatus", "overview"]

_SKIPPED = "skipped."


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStatus:
    """One route. `configured` is what the rules say, None where they are not known here (they stand in Python,
    or are gone); `stored` is what was set at run time, None if nothing was. `fell`: requests that modern, asked
    first, did not have. `skipped`: why requests were not compared, and how many.
    """

    route: str
    configured: str | None
    stored: str | None
    legacy: SideNumbers
    modern: SideNumbers
    verdict: Verdict
    fell: int
    skipped: Mapping[str, int]

    @property
    def setting(self) -> str | None:
        """Return what is in force; None where that is not known."""
        return self.stored or self.configured

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "setting": self.setting}


def overview(
    table: RuleTable | None, stored: Mapping[str, str], counters: Counters, *, ready: float = READY
) -> list[RouteStatus]:
    """Return the status of every route that a rule, a setting or a counter names; the default comes last."""
    configured = {} if table is None else {name: str(rule.setting) for name, rule in table.rules.items()}
    if table is not None:
        configured[DEFAULT_ROUTE] = str(table.default.setting)
    names = dict.fromkeys([*configured, *sorted(stored), *sorted(counters)])
    ordered = sorted(names, key=lambda name: name == DEFAULT_ROUTE)
    return [
        _status(name, configured.get(name), stored.get(name), counters.get(name, {}), ready)
        for name in ordered
    ]


def _status(
    route: str, configured: str | None, stored: str | None, counters: Mapping[str, int], ready: float
) -> RouteStatus:
    return RouteStatus(
        route=route,
        configured=configured,
        stored=stored,
        legacy=side_numbers(counters, "legacy"),
        modern=side_numbers(counters, "modern"),
        verdict=verdict_of(counters, ready=ready),
        fell=counters.get("fallback.fell", 0),
        skipped={
            name.removeprefix(_SKIPPED): number
            for name, number in counters.items()
            if name.startswith(_SKIPPED)
        },
    )
