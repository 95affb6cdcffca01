"""What locks and thread-locals cost a request, in calls of Python functions: the same on every machine."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import asgiref.local
import pytest

from bridge.cooperative import (
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
)  # RLock: __exit__ calls release
async def test_a_free_lock_costs_a_call_to_take_and_one_to_release(
    together: Together, make: Callable[[], Any], by_with: int
) -> None:
    lock = make()
    assert await together(lambda: calls_in(taken(lock)), lambda: calls_in(taken_by_with(lock))) == [
        2,
        by_with,
    ]
    assert (calls_in(taken(lock)), calls_in(taken_by_with(lock))) == (2, by_with)


async def test_a_lock_that_nobody_waited_for_has_no_line(together: Together) -> None:
    lock = locks.Lock()
    await together(taken(lock))
    assert lock._line is None


def test_a_line_is_begun_once_however_many_threads_begin_it() -> None:
    lock = locks.Lock()
    lines: list[Any] = []
    barrier = threading.Barrier(8)

    def begin() -> None:
        barrier.wait()
        lines.append(lock._begun_line())

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(lines) == 8
    assert {id(line) for line in lines} == {id(lock._line)}


async def test_reading_a_local_costs_one_call_and_setting_two(together: Together) -> None:
    local = threading.local()

    def use() -> tuple[int, int]:
        local.x = 1
        setting = calls_in(lambda: setattr(local, "x", 2))
        return setting, calls_in(lambda: local.x)

    assert await together(use) == [(2, 1)]


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
