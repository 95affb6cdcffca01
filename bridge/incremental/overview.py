"""Where every route of a migration stands: the one view that the command line and the dashboard share. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bridge.incremental.compare.verdict import READY, Verdict, verdict_of
from bridge.incremental.counters import SideNumbers, side_numbers
from bridge.incremental.rules import DEFAULT_ROUTE, Rule
from bridge.incremental.store.base import Counters, Settings
from bridge.incremental.table import RuleTable

__all__ = ["RouteStatus", "overview"]

_SKIPPED = "skipped."


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteStatus:
    """One route. `configured` is what the rules say, None where they are not known here (they stand in Python,
    or are gone); `stored` is what was set at run time, None if nothing was. `ignored`: fields that are
    not compared because somebody said so at run time, `ignored_by_rule`: because the rule says so. `fell`: requests
    that modern, asked first, did not have. `skipped`: why requests were not compared, and how many.
    """

    route: str
    configured: str | None
    stored: str | None
    ignored: tuple[str, ...]
    ignored_by_rule: tuple[str, ...]
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
    table: RuleTable | None, settings: Settings, counters: Counters, *, ready: float = READY
) -> list[RouteStatus]:
    """Return the status of every route that a rule, a setting or a counter names; the default comes last."""
    rules: dict[str, Rule] = {} if table is None else {**table.rules, DEFAULT_ROUTE: table.default}
    names = dict.fromkeys([*rules, *sorted({*settings.routes, *settings.ignored}), *sorted(counters)])
    ordered = sorted(names, key=lambda name: name == DEFAULT_ROUTE)
    return [_status(name, rules.get(name), settings, counters.get(name, {}), ready=ready) for name in ordered]


def _status(
    route: str, rule: Rule | None, settings: Settings, counters: Mapping[str, int], *, ready: float
) -> RouteStatus:
    ignored, by_rule = settings.ignored.get(route, ()), () if rule is None else rule.ignore_fields
    return RouteStatus(
        route=route,
        configured=None if rule is None else str(rule.setting),
        stored=settings.routes.get(route),
        ignored=ignored,
        ignored_by_rule=by_rule,
        legacy=side_numbers(counters, "legacy"),
        modern=side_numbers(counters, "modern"),
        verdict=verdict_of(counters, ready=ready, ignored=(*by_rule, *ignored)),
        fell=counters.get("fallback.fell", 0),
        skipped={
            name.removeprefix(_SKIPPED): number
            for name, number in counters.items()
            if name.startswith(_SKIPPED)
        },
    )
