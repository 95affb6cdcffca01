"""A loop that is late gets no second calls for a while, and for longer each time."""

from __future__ import annotations

import pytest

from bridge.incremental.pressure import CALM, LATE, LONGEST, SHORTEST, Pressure
from tests.incremental.applications import asked, counters, migrated


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pause(pressure: Pressure, clock: Clock) -> float:
    """Be late, and return how long the pause is."""
    assert pressure.was_late(clock.now - 2 * LATE)
    began = clock.now
    while pressure.is_high():
        clock.now += SHORTEST / 10
    return clock.now - began


def test_a_loop_in_time_is_under_no_pressure(clock: Clock) -> None:
    pressure = Pressure(clock)
    assert not pressure.was_late(clock.now - LATE / 2)
    assert not pressure.is_high()


def test_each_pause_is_longer_up_to_a_limit_and_short_again_after_calm(clock: Clock) -> None:
    pressure = Pressure(clock)
    pauses = [pause(pressure, clock) for _ in range(9)]
    assert pauses[:3] == pytest.approx([SHORTEST, 2 * SHORTEST, 4 * SHORTEST], rel=0.15)
    assert pauses[-1] == pytest.approx(LONGEST, rel=0.05)
    clock.now += LONGEST + CALM + 1
    assert pause(pressure, clock) == pytest.approx(SHORTEST, rel=0.15)


def test_several_that_are_late_together_make_one_pause(clock: Clock) -> None:
    pressure = Pressure(clock)
    assert [pressure.was_late(clock.now - 1) for _ in range(10)] == [True] * 10
    clock.now += SHORTEST * 1.1
    assert not pressure.is_high()


async def test_a_request_under_pressure_is_answered_and_counted_as_skipped() -> None:
    async with migrated({"GET /x": "shadow"}) as migration:
        pressure = migration._shadows._pressure
        pressure.clock = Clock()
        pressure.was_late(pressure.clock.now - 1)
        assert (await asked(migration, path="/x")).status == 200
        assert (await counters(migration, "GET /x"))["skipped.busy"] == 1
        pressure.clock.now += 10
        await asked(migration, path="/x")
        assert (await counters(migration, "GET /x"))["compared"] == 1


async def test_copies_of_answers_are_bounded() -> None:
    async with migrated({"GET /x": "shadow"}, shadow={"copies": 1}) as migration:
        migration._shadows._copied = 1  # one answer that has not ended
        assert (await asked(migration, path="/x")).status == 200
        assert await counters(migration, "GET /x") == {"legacy.requests": 1, "skipped.busy": 1}
