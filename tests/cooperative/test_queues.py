"""`queue.SimpleQueue` between greenlets and threads, and `RLock` between a greenlet and the code around it."""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import Any

import pytest

from bridge import await_
from bridge.cooperative.switch import run_in_greenlet
from bridge.errors import LockHeld
from tests.cooperative.conftest import WAIT, Together

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

SIMPLE = queue.SimpleQueue  # before the installation


@pytest.fixture
def simple(together: Together) -> Any:
    """Return a simple queue that was made after the installation."""
    del together
    return queue.SimpleQueue()


async def test_a_request_waits_for_what_a_thread_puts(simple: Any) -> None:
    waiting = asyncio.ensure_future(run_in_greenlet(simple.get))
    await asyncio.sleep(0)
    thread = threading.Thread(target=lambda: [simple.put(number) for number in range(3)])
    thread.start()
    assert await asyncio.wait_for(waiting, WAIT) == 0
    thread.join()
    assert (simple.get_nowait(), simple.get(block=False), simple.empty()) == (1, 2, True)


async def test_a_thread_waits_for_what_a_request_puts(simple: Any) -> None:
    found = asyncio.get_running_loop().run_in_executor(None, simple.get)
    await run_in_greenlet(simple.put_nowait, "item")
    assert await asyncio.wait_for(found, WAIT) == "item"


async def test_items_come_to_requests_in_the_order_of_their_waiting(simple: Any) -> None:
    waiting = [asyncio.ensure_future(run_in_greenlet(simple.get)) for _ in range(5)]
    await asyncio.sleep(0)
    for number in range(5):
        simple.put(number)
    assert await asyncio.gather(*waiting) == [0, 1, 2, 3, 4]


async def test_an_item_for_a_cancelled_request_goes_to_the_next(simple: Any) -> None:
    cancelled, next_one = (asyncio.ensure_future(run_in_greenlet(simple.get)) for _ in range(2))
    await asyncio.sleep(0)
    simple.put("item")  # wakes the first
    cancelled.cancel()
    assert await asyncio.wait_for(next_one, WAIT) == "item"
    with pytest.raises(asyncio.CancelledError):
        await cancelled


async def test_who_is_woken_for_nothing_keeps_its_place(simple: Any) -> None:
    first, second = (asyncio.ensure_future(run_in_greenlet(simple.get)) for _ in range(2))
    await asyncio.sleep(0)
    simple.put("taken by somebody quicker")
    simple.get_nowait()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    simple.put(1)
    simple.put(2)
    assert list(await asyncio.gather(first, second)) == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((True, 0.01), queue.Empty),
        ((True, 0), queue.Empty),
        ((False,), queue.Empty),
        ((True, -1), ValueError),
    ],
    ids=["late", "no time", "not blocking", "negative"],
)
async def test_nothing_comes(simple: Any, arguments: tuple[Any, ...], error: type[Exception]) -> None:
    for called in (run_in_greenlet, asyncio.to_thread):
        with pytest.raises(error):
            await called(simple.get, *arguments)


def test_one_is_still_the_kind_that_it_was(together: Together) -> None:
    del together
    simple: Any = queue.SimpleQueue()
    assert isinstance(simple, SIMPLE)

    class PutsWhenItGoes:
        def __del__(self) -> None:
            simple.put("from a finalizer")

    simple.put(PutsWhenItGoes())
    simple.get()
    assert simple.get(timeout=WAIT) == "from a finalizer"


# ---------------------------------------------------------------- RLock, which the thread holds in C


async def test_a_request_does_not_enter_with_the_code_around_it(together: Together) -> None:
    del together
    lock: Any = threading.RLock()
    lock.acquire()  # the loop's own code, in the thread of the request
    assert await run_in_greenlet(lock.acquire, False) is False
    waiting = asyncio.ensure_future(run_in_greenlet(lambda: (lock.acquire(), lock.release())))
    await asyncio.sleep(0)
    assert not waiting.done()
    lock.release()
    assert (await asyncio.wait_for(waiting, WAIT))[0] is True


async def test_the_code_around_a_request_does_not_enter_with_it(together: Together) -> None:
    del together
    lock: Any = threading.RLock()
    go = asyncio.Event()

    def hold() -> Any:
        with lock, lock:
            await_(go.wait())
            return lock._recursion_count() if hasattr(lock, "_recursion_count") else 2

    holding = asyncio.ensure_future(run_in_greenlet(hold))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert lock.acquire(False) is False
    assert lock.acquire(timeout=0.01) is False
    assert await asyncio.to_thread(lock.acquire, False) is False
    with pytest.raises(LockHeld):
        lock.acquire()
    with pytest.raises(RuntimeError, match="un-acquired"):
        lock.release()
    go.set()
    assert await asyncio.wait_for(holding, WAIT) == 2
    assert lock.acquire(False) is True
    lock.release()
