"""What locks and thread-locals cost a request, in calls of Python functions: the same on every machine."""

from __future__ import annotations

import concurrent.futures
import queue
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import asgiref.local
import pytest

from bridge import cooperative
from bridge.cooperative import (
    lines,
    locals as locals_module,
    locks,  # not the names in it: uninstall() gives them their originals back
)
from tests.cooperative.conftest import Together

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")


def calls_in(function: Callable[[], object]) -> int:
    """Return how many Python functions `function` calls."""
    called = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal called
        called += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return called - 1  # itself


def events_in(function: Callable[[], object]) -> tuple[int, int]:
    """Return how many functions of Python and of C a second call of `function` calls, itself included."""
    counts = {"call": 0, "c_call": 0, "return": 0, "c_return": 0, "c_exception": 0}

    def count(frame: FrameType, event: str, argument: Any) -> None:
        counts[event] += 1

    function()
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return counts["call"], counts["c_call"]


def taken_by_with(lock: Any) -> Callable[[], None]:
    def take() -> None:
        with lock:
            pass

    return take


def taken(lock: Any) -> Callable[[], None]:
    def take() -> None:
        lock.acquire()
        lock.release()

    return take


@pytest.mark.parametrize(
    ("make", "by_with"), [(locks.Lock, 2), (locks.RLock, 3)], ids=["Lock", "RLock"]
)  # RLock in a request: __enter__ calls acquire
async def test_a_free_lock_costs_a_call_to_take_and_one_to_release(
    together: Together, make: Callable[[], Any], by_with: int
) -> None:
    lock = make()
    assert await together(lambda: calls_in(taken(lock)), lambda: calls_in(taken_by_with(lock))) == [
        2,
        by_with,
    ]
    assert (calls_in(taken(lock)), calls_in(taken_by_with(lock))) == (2, 2)


def _finished() -> concurrent.futures.Future[int]:
    future: concurrent.futures.Future[int] = concurrent.futures.Future()
    future.set_result(1)
    return future


def _filled() -> Any:
    """Return a simple queue with something for two calls."""
    simple: queue.SimpleQueue[int] = queue.SimpleQueue()
    simple.put(1)
    simple.put(2)
    return simple


def _assign(local: Any) -> None:
    local.x = 1


_Case = tuple[Callable[[], Any], Callable[[Any], object], int, int]
# What is made, what is done with it, and what installing adds to that outside of a request: frames of Python and
# calls of C, some 50 and 25 ns each. What `with` and an attribute call in C themselves does not count, what takes
# their place does.
EXTRA: dict[str, _Case] = {
    "SimpleQueue()": (lambda: None, lambda _: queue.SimpleQueue(), 0, 0),
    "SimpleQueue.put": (_filled, lambda simple: simple.put(3), 1, 0),
    "SimpleQueue.put_nowait": (_filled, lambda simple: simple.put_nowait(3), 1, 0),
    "SimpleQueue.get": (_filled, lambda simple: simple.get(), 1, 1),
    "SimpleQueue.get_nowait": (_filled, lambda simple: simple.get_nowait(), 0, 0),
    "RLock.acquire": (lambda: threading.RLock(), lambda lock: lock.acquire(), 1, 1),
    "with RLock": (lambda: threading.RLock(), lambda lock: taken_by_with(lock)(), 2, 3),
    "with Lock": (lambda: threading.Lock(), lambda lock: taken_by_with(lock)(), 2, 3),
    "Future.result": (_finished, lambda future: future.result(), 2, 1),
    "Future.done": (_finished, lambda future: future.done(), 2, 1),
    "a local's x": (lambda: threading.local(), lambda local: getattr(local, "x", None), 1, 4),
    "a local's x =": (lambda: threading.local(), _assign, 1, 3),
    "time.sleep": (lambda: None, lambda _: time.sleep(0), 1, 1),
}


@pytest.mark.parametrize("name", EXTRA)
def test_outside_of_a_request_a_call_costs_a_frame_and_a_look_at_the_greenlet(name: str) -> None:
    make, use, frames, calls = EXTRA[name]
    thing = make()
    before = events_in(lambda: use(thing))
    cooperative.install()
    try:
        thing = make()
        after = events_in(lambda: use(thing))
    finally:
        cooperative.uninstall()
    extra = after[0] - before[0], after[1] - before[1]
    assert extra[0] <= frames, extra
    assert extra[1] <= calls, extra


async def test_a_lock_that_nobody_waited_for_has_no_line(together: Together) -> None:
    lock = locks.Lock()
    await together(taken(lock))
    assert lock._line is None


def test_a_line_is_begun_once_however_many_threads_begin_it() -> None:
    lock = locks.Lock()
    found: list[Any] = []
    barrier = threading.Barrier(8)

    def begin() -> None:
        barrier.wait()
        found.append(lines.line_of(lock))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 8
    assert {id(line) for line in found} == {id(lock._line)}


async def test_reading_a_local_costs_one_call_and_setting_it_another(together: Together) -> None:
    local = threading.local()

    def use() -> tuple[int, int]:
        local.x = 1
        setting = calls_in(lambda: setattr(local, "x", 2))
        return setting, calls_in(lambda: local.x)

    assert await together(use) == [(1, 1)]


@pytest.mark.parametrize("wrong", ["acquire", "again"])
async def test_a_timeout_without_blocking_is_refused_by_every_lock(together: Together, wrong: str) -> None:
    def misuse() -> None:
        lock = threading.RLock()
        if wrong == "again":
            lock.acquire()
        with pytest.raises(ValueError, match="can't specify a timeout"):
            lock.acquire(False, 1)

    await together(misuse)


# ---------------------------------------------------------------- asgiref's Local, where Django has its connections


@pytest.fixture
def older_local(request: pytest.FixtureRequest) -> Any:
    """A `Local` that was made before the installation, with a C `threading.local` for the whole thread."""
    return asgiref.local.Local(thread_critical=True)


async def test_asgirefs_local_is_each_requests_own_whenever_it_was_made(
    older_local: Any, together: Together
) -> None:
    newer = asgiref.local.Local(thread_critical=True)

    def keep(value: int) -> Callable[[], list[int]]:
        def request() -> list[int]:
            found = []
            for local in (older_local, newer):
                assert not hasattr(local, "connection")
                local.connection = value
            threading.Event().wait(0.01)
            for local in (older_local, newer):
                found.append(local.connection)
                del local.connection
                assert not hasattr(local, "connection")
            return found

        return request

    assert await together(*[keep(value) for value in range(5)]) == [[value, value] for value in range(5)]
    assert not hasattr(newer, "connection")


@pytest.mark.skipif(not hasattr(asgiref.local, "_ThreadCriticalLocal"), reason="an older asgiref")
async def test_asgirefs_local_makes_no_context_variable_a_request(together: Together) -> None:
    local: Any = asgiref.local.Local(thread_critical=True)
    assert type(vars(local)["_storage"]) is locals_module.CooperativeLocal

    def use() -> dict[str, Any]:
        local.connection = 1
        return dict(vars(vars(local)["_storage"]))

    assert await together(use) == [{"connection": 1}]
