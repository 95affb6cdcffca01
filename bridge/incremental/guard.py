"""Takes a canary back when modern does clearly worse than legacy on the same route, at the same time.

Each worker looks at the numbers of all workers, in the store, over the last `window` seconds. The first that
sees a bound exceeded changes the setting; "compare and set" keeps it at one change, and one line of history.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping

from bridge.incremental.counters import SideNumbers, side_numbers
from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.rules import GuardBounds, Mode, Rule
from bridge.incremental.store.base import Store
from bridge.incremental.table import RuleTable

__all__ = ["Guard", "reason_to_roll_back"]

logger = logging.getLogger("bridge.incremental")

LOOK_EVERY = 1.0  # seconds

Numbers = Mapping[str, int]


def reason_to_roll_back(bounds: GuardBounds, legacy: SideNumbers, modern: SideNumbers) -> str | None:
    """Return why a canary must end, in words; None when it may go on. Pure.

    Without legacy's answers to compare with, at 100 %, its error rate counts as 0 and latency is not judged.
    """
    if modern.requests < bounds.min_requests:
        return None
    if modern.error_rate > legacy.error_rate + bounds.error_rate:
        return (
            f"errors of modern are {modern.error_rate:.1%} of {modern.requests} requests, legacy's "
            f"{legacy.error_rate:.1%} of {legacy.requests}; the bound is {bounds.error_rate:.1%} more"
        )
    enough = legacy.requests >= bounds.min_requests and legacy.p95 is not None and modern.p95 is not None
    if not enough or legacy.p95 is None or modern.p95 is None:
        return None
    if modern.p95 > max(legacy.p95 * bounds.p95_ratio, bounds.p95_floor):
        return (
            f"p95 of modern is {modern.p95 * 1000:.0f} ms, legacy's {legacy.p95 * 1000:.0f} ms; "
            f"the bound is {bounds.p95_ratio:g} times that"
        )
    return None


class Guard:
    """Watches the canaries of a table whose rules have bounds; `look` is called in the ledger's thread."""

    def __init__(
        self, store: Store, table: Callable[[], RuleTable], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._table = table
        self._clock = clock
        self._next_look = 0.0
        # For each route: its setting, and its counters with the time they were read.
        self._seen: dict[str, tuple[str, deque[tuple[float, Numbers]]]] = {}

    def look(self) -> None:
        """Judge every guarded canary, once a second."""
        now = self._clock()
        table = self._table()
        rules = [
            rule
            for rule in (*table.rules.values(), table.default)
            if rule.guard is not None and rule.mode is Mode.CANARY
        ]
        if not rules or now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY
        try:
            counters = self._store.counters()
            for rule in rules:
                self._judge(rule, counters.get(rule.name, {}), now)
        except StoreUnavailable:  # the ledger says so; without numbers there is nothing to judge
            return

    def _judge(self, rule: Rule, counters: Numbers, now: float) -> None:
        assert rule.guard is not None
        recent = self._recent(rule, counters, now)
        reason = reason_to_roll_back(
            rule.guard, side_numbers(recent, "legacy"), side_numbers(recent, "modern")
        )
        if reason is not None:
            self._roll_back(rule, reason)

    def _recent(self, rule: Rule, counters: Numbers, now: float) -> Numbers:
        """Return what was counted within the window, and under the setting that holds now."""
        assert rule.guard is not None
        setting, readings = self._seen.get(rule.name, ("", deque[tuple[float, Numbers]]()))
        if setting != str(rule.setting) or any(
            number < readings[-1][1].get(name, 0) for name, number in counters.items() if readings
        ):
            readings = deque()  # another percentage, or counters that began anew
            self._seen[rule.name] = (str(rule.setting), readings)
        readings.append((now, dict(counters)))
        while len(readings) > 2 and readings[1][0] <= now - rule.guard.window:
            readings.popleft()
        before = readings[0][1]
        return {name: number - before.get(name, 0) for name, number in counters.items()}

    def _roll_back(self, rule: Rule, reason: str) -> None:
        """Set the route to legacy, unless somebody has just changed it."""
        stored = self._store.settings().routes.get(rule.name)
        if stored is not None and stored != str(rule.setting):
            return
        made = self._store.change(
            {rule.name: "legacy"}, by="guard", reason=reason, expected={rule.name: stored}
        )
        if made is not None:
            self._store.add({rule.name: {"guard.rollbacks": 1}})
            logger.warning("%s goes back to legacy from %s: %s", rule.name, rule.setting, reason)
