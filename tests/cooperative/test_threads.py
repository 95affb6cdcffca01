"""Threads that requests start: that is no wait, so it is neither cancelled nor holds a lock while others run."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bridge.cooperative.switch import run_in_greenlet
from tests.cooperative.conftest import Together
from tests.faults.rig import CancelledAt

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")


async def test_requests_with_pools_of_their_own_do_not_stop_the_loop(together: Together) -> None:
    """`submit` starts a thread with a lock of the process held, which is older than the installation."""

    def request() -> int:
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(len, ["one", "two", "three"]))

    for _ in range(3):
        assert await together(*[request] * 10) == [11] * 10


@pytest.mark.usefixtures("installed")
async def test_a_thread_is_started_in_one_go() -> None:
    ran: list[str] = []
    for _ in range(20):
        thread = threading.Thread(target=lambda: ran.append(threading.current_thread().name))
        driven = CancelledAt(run_in_greenlet(thread.start), 1)
        await driven
        assert driven.suspensions == 0
        thread.join()
    assert len(set(ran)) == 20


async def test_a_thread_that_can_not_be_started_is_the_requests_own_error(together: Together) -> None:
    def request() -> None:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError, match="threads can only be started once"):
            thread.start()

    await together(request)
