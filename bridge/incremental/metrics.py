"""A migration's numbers for Prometheus: what the store has counted, and which mode each rule is in.

    requests --> ledgers of all workers --> store <-- read when a scrape asks

The store has counted for every worker, so any of them answers a scrape with the whole truth, and there is no
`pid` among the labels. Labels are names of rules, modes and the like, never a path that somebody asked for: there
are as many series as the rules make, however many addresses are tried. Requests pay nothing for metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bridge.incremental.compare.noise import Outcome
from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.rules import DEFAULT_ROUTE, Mode, Rule
from bridge.incremental.store.base import Store
from bridge.incremental.table import RuleTable

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

__all__ = ["METRICS", "MigrationCollector"]

_PREFIX = "wsgi_bridge_migration_"
# Name without the prefix and without `_total` -> kind, labels, HELP.
METRICS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "requests": ("counter", ("route", "mode", "target"), "Requests that an application has answered."),
    "errors": ("counter", ("route", "target"), "Answers of an application that failed: 5xx, or broken off."),
    "comparisons": ("counter", ("route", "outcome"), "Requests by what the two answers were."),
    "skipped": ("counter", ("route", "reason"), "Requests whose answers were not compared."),
    "rollbacks": ("counter", ("route",), "Canaries that the guard has taken back."),
    "mode": ("gauge", ("route", "mode"), "1 for the mode that a rule is in, 0 for the others."),
    "canary_ratio": ("gauge", ("route",), "Share of the clients that a canary gives to modern."),
    "store_up": ("gauge", (), "1 if the store could be read, else 0."),
}

_ONE_SIDE = {Mode.LEGACY: ("legacy",), Mode.MODERN: ("modern",)}
_BOTH_SIDES = ("legacy", "modern")
_COMPARED = frozenset({Mode.SHADOW, Mode.DARK})
_SKIPPED = "skipped."

Numbers = Mapping[str, int]
Series = Iterator[tuple[tuple[str, ...], float]]  # the labels' values, and the number


class MigrationCollector:
    """A prometheus-client collector; each `collect()` reads the store once, which blocks.

    `table`: returns the rules that are in force in this process. Where the store cannot be read, its counters
    are left out and `store_up` is 0.
    """

    def __init__(self, store: Store, table: Callable[[], RuleTable]) -> None:
        self._store = store
        self._table = table

    def collect(self) -> Iterator[Metric]:
        """Yield the metric families, those of the rules first."""
        table = self._table()
        rules = (*table.rules.values(), table.default)
        yield _family("mode", _modes(rules))
        yield _family("canary_ratio", _ratios(rules))
        try:
            counters = self._store.counters()
        except StoreUnavailable:  # the ledger says so in the log
            yield _family("store_up", iter([((), 0)]))
            return
        yield _family("store_up", iter([((), 1)]))
        # Of rules only: the store also knows routes that no rule has any more.
        counted = [(rule, _label(rule), counters.get(rule.name, {})) for rule in rules]
        for name, series in _COUNTERS.items():
            yield _family(name, (each for known in counted for each in series(*known)))


def _family(name: str, series: Series) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    kind, labels, text = METRICS[name]
    made = CounterMetricFamily if kind == "counter" else GaugeMetricFamily
    family: CounterMetricFamily | GaugeMetricFamily = made(f"{_PREFIX}{name}", text, labels=labels)
    for values, number in series:
        family.add_metric(values, number)
    return family


def _label(rule: Rule) -> str:
    """Return a rule's name; "default", as `wsgi-bridge migrate` has it, for what no rule is for."""
    return "default" if rule.name == DEFAULT_ROUTE else rule.name


def _modes(rules: Sequence[Rule]) -> Series:
    for rule in rules:
        for mode in Mode:
            yield (_label(rule), str(mode)), int(rule.mode is mode)


def _ratios(rules: Sequence[Rule]) -> Series:
    return (((_label(rule),), rule.setting.percent / 100) for rule in rules if rule.mode is Mode.CANARY)


# ---------------------------------------------------------------- counters of one rule
# What can be counted in its mode is there from the beginning, as 0: Prometheus' increase() does not see the
# first value of a series.


def _requests(rule: Rule, route: str, counters: Numbers) -> Series:
    for mode in Mode:
        for side in _BOTH_SIDES:
            number = counters.get(f"{side}.in.{mode}")
            if number is not None or (mode is rule.mode and side in _ONE_SIDE.get(mode, _BOTH_SIDES)):
                yield (route, str(mode), side), number or 0


def _errors(rule: Rule, route: str, counters: Numbers) -> Series:
    for side in _BOTH_SIDES:
        if f"{side}.requests" in counters or side in _ONE_SIDE.get(rule.mode, _BOTH_SIDES):
            yield (route, side), counters.get(f"{side}.errors", 0)


def _comparisons(rule: Rule, route: str, counters: Numbers) -> Series:
    if rule.mode in _COMPARED or "compared" in counters:
        for outcome in Outcome:
            yield (route, outcome.value), counters.get(outcome.value, 0)


def _skips(rule: Rule, route: str, counters: Numbers) -> Series:  # noqa: ARG001 - the table's signature
    for name, number in sorted(counters.items()):
        if name.startswith(_SKIPPED):
            yield (route, name.removeprefix(_SKIPPED)), number


def _rollbacks(rule: Rule, route: str, counters: Numbers) -> Series:
    if rule.guard is not None or "guard.rollbacks" in counters:
        yield (route,), counters.get("guard.rollbacks", 0)


_COUNTERS: Mapping[str, Callable[[Rule, str, Numbers], Series]] = {
    "requests": _requests,
    "errors": _errors,
    "comparisons": _comparisons,
    "skipped": _skips,
    "rollbacks": _rollbacks,
}
