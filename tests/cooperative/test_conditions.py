"""Conditions whose waiters are cancelled: no lock is lost or stolen, and no notification either."""

from __future__ import annotations

import asyncio
import queue
import threading

import pytest

from bridge import await_
from bridge.cooperative.switch import run_in_greenlet
from tests.cooperative.conftest import WAIT

pytestmark = [
    pytest.mark.may_block("the layer replaces the very methods that the guard replaces"),
    pytest.mark.usefixtures("installed"),
]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("make", ["Lock", "RLock"])
async def test_cancelled_while_it_takes_the_lock_again_it_has_the_lock(make: str) -> None:
    condition = threading.Condition(getattr(threading, make)())
    go, held = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    def waiter() -> None:
        with condition:
            condition.wait()

    def notifier() -> None:
        with condition:
            condition.notify()
            held.set()
            await_(go.wait())  # the waiter is notified, and wants the lock
            order.append("notifier still has it")

    def other() -> None:
        with condition:
            order.append("other")

    waiting = asyncio.ensure_future(run_in_greenlet(waiter))
    await turns()
    notifying = asyncio.ensure_future(run_in_greenlet(notifier))
    await held.wait()
    await turns()
    waiting.cancel()
    await turns()
    last = asyncio.ensure_future(run_in_greenlet(other))
    await turns()
    go.set()
    await asyncio.wait_for(asyncio.gather(notifying, last), WAIT)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert order == ["notifier still has it", "other"]


async def test_what_a_cancelled_request_was_told_is_told_to_the_next() -> None:
    items: queue.Queue[int] = queue.Queue()
    first = asyncio.ensure_future(run_in_greenlet(items.get))
    second = asyncio.ensure_future(run_in_greenlet(items.get))
    await turns()
    items.put(1)  # notifies the first, which is cancelled before it goes on
    first.cancel()
    assert await asyncio.wait_for(second, WAIT) == 1
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_waiting_without_the_lock_is_refused_as_before() -> None:
    def wrong() -> None:
        with pytest.raises(RuntimeError, match="un-acquired"):
            threading.Condition().wait()

    await run_in_greenlet(wrong)


@pytest.mark.parametrize("make", ["Lock", "RLock"])
async def test_a_consumer_that_was_overtaken_waits_in_the_first_place(make: str) -> None:
    """It is woken in the loop's next turn; until then the item is there for whoever comes."""
    pool: list[str] = []
    condition = threading.Condition(getattr(threading, make)())
    order: list[str] = []

    def take(name: str) -> None:
        with condition:
            while not pool:
                condition.wait()
            order.append(f"{name} {pool.pop()}")

    def give(item: str) -> None:
        with condition:
            pool.append(item)
            condition.notify()

    waiting = [asyncio.ensure_future(run_in_greenlet(take, name)) for name in ("first", "second")]
    await turns()
    await asyncio.gather(run_in_greenlet(give, "a"), run_in_greenlet(take, "newer"))
    await turns()
    assert order == ["newer a"]
    for item in ("b", "c"):
        await run_in_greenlet(give, item)
        await turns()
    await asyncio.wait_for(asyncio.gather(*waiting), WAIT)
    assert order == ["newer a", "first b", "second c"]


async def test_a_consumer_that_comes_back_waits_in_the_last_place() -> None:
    items: queue.Queue[str] = queue.Queue()
    order: list[str] = []

    def consume(name: str) -> None:
        order.append(f"{name} {items.get()}")
        order.append(f"{name} {items.get()}")

    consumers = [asyncio.ensure_future(run_in_greenlet(consume, name)) for name in ("one", "other")]
    await turns()
    for item in "abcd":
        await run_in_greenlet(items.put, item)
        await turns()
    await asyncio.wait_for(asyncio.gather(*consumers), WAIT)
    assert order == ["one a", "other b", "one c", "other d"]
