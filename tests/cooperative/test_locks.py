"""Locks, queues, locals, sleeps and processes in greenlets; and that threads still find what they know."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import queue
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import asgiref.sync
import pytest

from bridge import await_, cooperative
from bridge.cooperative.switch import run_in_greenlet
from bridge.errors import LockHeld
from tests.cooperative.conftest import WAIT, Together

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

MAKERS = pytest.mark.parametrize("make", ["Lock", "RLock"])


def turn() -> None:
    """Let the others have their turn."""
    time.sleep(0)


# ---------------------------------------------------------------- sleeping


async def test_sleeps_run_at_the_same_time(together: Together) -> None:
    order: list[str] = []

    def sleeper(name: str, seconds: float) -> Callable[[], None]:
        return lambda: (time.sleep(seconds), order.append(name))[1]  # type: ignore[func-returns-value]  # in one expression

    await together(sleeper("long", 0.05), sleeper("short", 0.01), sleeper("none", 0))
    assert order == ["none", "short", "long"]


@pytest.mark.parametrize("wrong", [-1, "1", None])
async def test_a_wrong_sleep_is_refused_as_before(together: Together, wrong: Any) -> None:
    def sleeper() -> None:
        with pytest.raises((ValueError, TypeError)):
            time.sleep(wrong)

    await together(sleeper)


# ---------------------------------------------------------------- locks


@MAKERS
async def test_a_lock_keeps_others_out_over_a_wait(together: Together, make: str) -> None:
    lock = getattr(threading, make)()
    inside: list[int] = []
    most: list[int] = []

    def worker() -> None:
        for _ in range(3):
            with lock:
                inside.append(1)
                turn()
                most.append(len(inside))
                inside.pop()
            turn()

    await together(*[worker] * 10)
    assert (max(most), len(most), lock.locked() if hasattr(lock, "locked") else False) == (1, 30, False)


@MAKERS
async def test_a_lock_that_is_not_had_in_time(together: Together, make: str) -> None:
    lock = getattr(threading, make)()
    got: list[Any] = []

    def holder() -> None:
        with lock:
            while len(got) < 2:
                turn()

    def other() -> None:
        got.append(lock.acquire(False))
        got.append(lock.acquire(timeout=0.01))

    await together(holder, other)
    assert got == [False, False]


@MAKERS
async def test_a_lock_between_a_thread_and_requests(together: Together, make: str) -> None:
    lock = getattr(threading, make)()
    total = [0]

    def add() -> None:
        for _ in range(200):
            with lock:
                before = total[0]
                total[0] = before + 1

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    await together(add, add)
    for thread in threads:
        await asyncio.to_thread(thread.join, WAIT)
    assert total == [800]


async def test_a_cancelled_waiter_passes_the_lock_on(installed: None) -> None:
    lock = threading.Lock()
    lock.acquire()
    first = asyncio.ensure_future(run_in_greenlet(lock.acquire))
    second = asyncio.ensure_future(run_in_greenlet(lock.acquire))
    await asyncio.sleep(0)
    lock.release()  # wakes the first
    first.cancel()
    assert await asyncio.wait_for(second, WAIT)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_rlock_belongs_to_one_request(together: Together) -> None:
    lock = threading.RLock()
    seen: list[bool] = []

    def owner() -> None:
        with lock, lock:
            while not seen:
                turn()

    def other() -> None:
        seen.append(lock.acquire(blocking=False))
        with pytest.raises(RuntimeError):
            lock.release()

    await together(owner, other)
    assert seen == [False]


async def test_the_loop_itself_is_told_instead_of_stopped(installed: None) -> None:
    lock = threading.Lock()

    def holder() -> None:
        with lock:
            await_(asyncio.Event().wait())

    task = asyncio.ensure_future(run_in_greenlet(holder))
    await asyncio.sleep(0)
    with pytest.raises(LockHeld, match="would stop both"):
        lock.acquire()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_misuse_is_refused_as_before(together: Together) -> None:
    def misuse() -> None:
        with pytest.raises(RuntimeError):
            threading.Lock().release()
        with pytest.raises(RuntimeError):
            threading.RLock().release()
        with pytest.raises(ValueError, match="timeout"):
            threading.Lock().acquire(False, 1)

    await together(misuse)


# ---------------------------------------------------------------- what is built on locks


@pytest.fixture
def older() -> dict[str, Any]:
    """Objects that exist before the layer is installed."""
    return {"event": threading.Event(), "queue": queue.Queue(maxsize=1), "condition": threading.Condition()}


async def test_older_objects_take_part(older: dict[str, Any], together: Together) -> None:
    def consumer() -> list[Any]:
        older["event"].wait()
        return [older["queue"].get() for _ in range(5)]

    def producer() -> None:
        older["event"].set()
        for number in range(5):
            older["queue"].put(number)

    assert (await together(consumer, producer))[0] == [0, 1, 2, 3, 4]


async def test_condition_semaphore_barrier_and_simple_queue(together: Together) -> None:
    condition, semaphore, barrier = threading.Condition(), threading.Semaphore(1), threading.Barrier(3)
    simple: queue.SimpleQueue[str] = queue.SimpleQueue()
    ready: list[bool] = []

    def waiter() -> Any:
        with condition:
            assert condition.wait_for(lambda: ready, timeout=WAIT)
        with semaphore:
            turn()
        barrier.wait(WAIT)
        return simple.get()

    def notifier() -> None:
        turn()
        with condition:
            ready.append(True)
            condition.notify_all()
        barrier.wait(WAIT)
        simple.put("one")
        simple.put("two")

    assert sorted((await together(waiter, waiter, notifier))[:2]) == ["one", "two"]


async def test_timeouts_of_events_and_queues(together: Together) -> None:
    def waiter() -> bool:
        with pytest.raises(queue.Empty):
            queue.Queue().get(timeout=0.01)
        return threading.Event().wait(0.01)

    assert await together(waiter) == [False]


async def test_threads_and_futures(together: Together) -> None:
    go = threading.Event()

    def starter() -> Any:
        thread = threading.Thread(target=go.wait, args=(WAIT,))
        thread.start()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            future = pool.submit(lambda: go.wait(WAIT))
            result = future.result(WAIT)
        thread.join()
        return result, thread.is_alive()

    assert await together(starter, go.set) == [(True, False), None]


async def test_the_loops_own_thread_cannot_be_joined(together: Together) -> None:
    def join() -> None:
        with pytest.raises(RuntimeError, match="current thread"):
            threading.current_thread().join()

    await together(join)


async def test_logging_from_requests_and_threads(
    together: Together, caplog: pytest.LogCaptureFixture
) -> None:
    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            turn()  # as a handler that sends to a socket: it waits while it holds the handler's lock

    logger = logging.getLogger("tests.cooperative")
    handler = Slow()
    logger.addHandler(handler)
    try:
        await together(*[lambda: logger.warning("message")] * 10)
    finally:
        logger.removeHandler(handler)
    assert caplog.messages == ["message"] * 10


# ---------------------------------------------------------------- threading.local


async def test_a_local_is_each_requests_own(together: Together) -> None:
    class WithInit(threading.local):
        def __init__(self, start: int) -> None:
            self.count = start

        @property
        def double(self) -> int:
            return self.count * 2

    plain, counted = threading.local(), WithInit(10)
    plain.value = "main"

    def request(number: int) -> Callable[[], list[Any]]:
        def work() -> list[Any]:
            assert not hasattr(plain, "value")
            plain.value = number
            counted.count += number
            turn()
            seen = [plain.value, counted.count, counted.double, plain.__dict__]
            del plain.value
            return [*seen, hasattr(plain, "value")]

        return work

    assert await together(*[request(n) for n in range(5)]) == [
        [n, 10 + n, 20 + 2 * n, {}, False] for n in range(5)
    ]
    assert (plain.value, counted.count) == ("main", 10)
    assert await asyncio.to_thread(lambda: (hasattr(plain, "value"), counted.count)) == (False, 10)


async def test_a_local_ends_with_its_request(together: Together) -> None:
    local = threading.local()

    def setter() -> None:
        local.value = 1

    await together(setter)
    assert await together(lambda: hasattr(local, "value")) == [False]


def test_a_plain_local_takes_no_arguments(installed: None) -> None:
    with pytest.raises(TypeError):
        threading.local(1)  # type: ignore[call-arg]  # on purpose


# ---------------------------------------------------------------- processes and asyncio


async def test_processes(together: Together) -> None:
    def child() -> Any:
        code = "import sys; print(sys.stdin.read().upper()); sys.exit(3)"
        done = subprocess.run([sys.executable, "-c", code], input="text", capture_output=True, text=True)
        return done.returncode, done.stdout.strip()

    def single_pipe() -> bytes:
        return subprocess.check_output([sys.executable, "-c", "print(1)"])

    def too_long() -> None:
        with pytest.raises(subprocess.TimeoutExpired):
            subprocess.run([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.05)

    assert (await together(child, single_pipe, too_long))[:2] == [(3, "TEXT"), b"1\n"]


async def test_asyncio_run_in_a_request_has_a_loop_of_its_own(together: Together) -> None:
    async def other() -> bool:
        await asyncio.sleep(0)
        return asyncio.get_running_loop() is not outer

    outer = asyncio.get_running_loop()
    assert await together(lambda: asyncio.run(other())) == [True]


# ---------------------------------------------------------------- installing


@pytest.fixture
def sleep_by_name() -> Iterator[Any]:
    module = type(sys)("imported_sleep_by_name")
    module.sleep = time.sleep  # type: ignore[attr-defined]  # as `from time import sleep` does
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_uninstall_restores_exactly(sleep_by_name: Any) -> None:
    import select
    import selectors
    import socket
    import ssl

    owners = [time, socket, socket.socket, ssl.SSLSocket, select, selectors.EpollSelector, threading, queue]
    owners += [
        threading.Thread,
        subprocess.Popen,
        logging,
        sleep_by_name,
        sys.modules["concurrent.futures.thread"],
    ]
    owners += [asgiref.sync.AsyncToSync, sqlite3, sqlite3.dbapi2]
    before = [dict(vars(owner)) for owner in owners]
    cooperative.install()
    cooperative.install()
    assert cooperative.installed()
    assert sleep_by_name.sleep is time.sleep is not before[0]["sleep"]
    cooperative.uninstall()
    cooperative.uninstall()
    assert not cooperative.installed()
    assert [dict(vars(owner)) for owner in owners] == before


async def test_names_imported_by_value_take_part(sleep_by_name: Any, together: Together) -> None:
    order: list[str] = []

    def sleeper() -> None:
        sleep_by_name.sleep(0.01)
        order.append("slept")

    await together(sleeper, lambda: order.append("other"))
    assert order == ["other", "slept"]
