"""A canary that does worse than legacy ends by itself; one that does not goes on."""

from __future__ import annotations

import pytest

from bridge.incremental.counters import SideNumbers, bucket_of
from bridge.incremental.guard import LOOK_EVERY, Guard, reason_to_roll_back
from bridge.incremental.rules import GuardBounds, parse_rule
from bridge.incremental.store.memory import MemoryStore
from bridge.incremental.table import RuleTable
from tests.incremental.applications import asked, echo, migrated, responder

BOUNDS = GuardBounds(error_rate=0.05, p95_ratio=2.0, p95_floor=0.05, min_requests=20, window=60.0)
ROUTE = "GET /x"


def numbers(requests: int = 100, errors: int = 0, p95: float | None = 0.1) -> SideNumbers:
    return SideNumbers(requests, errors, p95, p95)


@pytest.mark.parametrize(
    ("legacy", "modern", "reason"),
    [
        (numbers(), numbers(), None),
        (numbers(errors=3), numbers(errors=8), None),
        (numbers(errors=3), numbers(errors=9), "errors of modern are 9.0% of 100 requests, legacy's 3.0%"),
        (numbers(), numbers(requests=19, errors=19), None),
        (numbers(requests=0, p95=None), numbers(errors=6), "errors of modern"),
        (numbers(p95=0.1), numbers(p95=0.2), None),
        (
            numbers(p95=0.1),
            numbers(p95=0.21),
            "p95 of modern is 210 ms, legacy's 100 ms; the bound is 2 times",
        ),
        (numbers(p95=0.001), numbers(p95=0.04), None),
        (numbers(requests=19, p95=0.1), numbers(p95=9.0), None),
        (numbers(requests=0, p95=None), numbers(p95=9.0), None),
    ],
)
def test_a_reason_is_a_bound_that_is_exceeded_by_enough_requests(
    legacy: SideNumbers, modern: SideNumbers, reason: str | None
) -> None:
    found = reason_to_roll_back(BOUNDS, legacy, modern)
    assert found is None if reason is None else reason in str(found)


class Bench:
    """A guard with a clock, a store and a table of one canary."""

    def __init__(self, setting: str = "canary:5") -> None:
        self.now = 0.0
        self.store = MemoryStore()
        self.setting = setting
        self.guard = Guard(self.store, self.table, clock=lambda: self.now)

    def table(self) -> RuleTable:
        mode, _, percent = self.setting.partition(":")
        rule = parse_rule(
            ROUTE, {"mode": mode, "percent": float(percent), "guard": True} if percent else mode
        )
        return RuleTable([rule], parse_rule(None, "legacy"))

    def serve(self, side: str, requests: int, errors: int = 0, seconds: float = 0.01) -> None:
        names = {f"{side}.requests": requests, f"{side}.errors": errors}
        self.store.add({ROUTE: names | {f"{side}.latency.{bucket_of(seconds)}": requests}})

    def look(self, after: float = LOOK_EVERY) -> dict[str, str]:
        self.now += after
        self.guard.look()
        return dict(self.store.settings().routes)


def test_a_canary_that_fails_is_rolled_back_once_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    assert bench.look() == {}
    bench.serve("legacy", 1000)
    bench.serve("modern", 60, errors=10)
    assert bench.look() == {ROUTE: "legacy"}
    bench.look()
    (change,) = bench.store.history()
    assert (change.by, change.after) == ("guard", "legacy")
    assert bench.store.counters()[ROUTE]["guard.rollbacks"] == 1
    assert "errors of modern are 16.7%" in change.reason
    assert "goes back to legacy from canary:5" in caplog.text


def test_what_happened_before_the_canary_does_not_count() -> None:
    bench = Bench()
    bench.serve("modern", 1000, errors=1000)
    assert bench.look() == {}
    bench.serve("modern", 1000)
    bench.serve("legacy", 1000)
    assert bench.look() == {}


def test_a_new_percentage_begins_anew() -> None:
    bench = Bench()
    bench.look()
    bench.serve("modern", 1000, errors=15)
    assert bench.look() == {}
    bench.setting = "canary:50"
    bench.serve("modern", 49, errors=49)
    assert bench.look() == {}


def test_what_is_older_than_the_window_is_forgotten() -> None:
    bench = Bench()
    bench.look()
    bench.serve("modern", 10_000)
    bench.serve("legacy", 10_000)
    for _ in range(70):
        assert bench.look() == {}
    bench.serve("modern", 100, errors=10)
    assert bench.look() == {ROUTE: "legacy"}


def test_counters_that_were_dropped_do_not_confuse_it() -> None:
    bench = Bench()
    bench.serve("modern", 1000)
    bench.look()
    bench.store.forget(ROUTE)
    bench.serve("modern", 60)
    assert bench.look() == {}
    bench.serve("modern", 60, errors=60)
    assert bench.look() == {ROUTE: "legacy"}


def test_somebody_who_was_faster_has_the_last_word() -> None:
    bench = Bench()
    bench.look()
    bench.serve("modern", 60, errors=60)
    bench.store.change({ROUTE: "modern"}, by="ann")  # and this worker's table does not know it yet
    assert bench.look() == {ROUTE: "modern"}


@pytest.mark.parametrize("setting", ["legacy", "modern", "shadow"])
def test_only_a_canary_is_watched(setting: str) -> None:
    bench = Bench(setting)
    bench.look()
    bench.serve("modern", 100, errors=100)
    assert bench.look() == {}


async def test_a_migration_rolls_its_canary_back_by_itself() -> None:
    rule = {"mode": "canary", "percent": 50, "guard": {"min_requests": 10}}
    async with migrated({ROUTE: rule}, legacy=echo(b"fine"), modern=responder(500)) as migration:
        migration._guard._next_look = 0.0
        migration.ledger.turn()  # the guard's first reading
        for number in range(60):
            await asked(migration, path="/x", client=(f"10.0.0.{number}", 1))
        migration.ledger.turn()
        migration._guard._next_look = 0.0
        migration.ledger.turn()
        assert migration.store.history()[0].by == "guard"
        for number in range(20):
            assert (await asked(migration, path="/x", client=(f"10.0.0.{number}", 1))).status == 200
