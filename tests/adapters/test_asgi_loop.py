from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from bridge.adapters.asgi_loop import BorrowedLoop, LoopThread, shared_loop
from bridge.errors import InvalidOption

LIMIT = 10.0  # seconds


def call(loop: asyncio.AbstractEventLoop) -> int:
    """Return the identity of the thread that runs the loop."""

    async def ident() -> int:
        return threading.get_ident()

    return asyncio.run_coroutine_threadsafe(ident(), loop).result(LIMIT)


@pytest.fixture
def home() -> Iterator[LoopThread]:
    home = LoopThread(name="test loop")
    yield home
    while home._users:
        home.release()


def test_the_first_acquire_starts_a_named_daemon_thread(home: LoopThread) -> None:
    before = set(threading.enumerate())
    loop = home.acquire()
    (thread,) = set(threading.enumerate()) - before
    assert (thread.name, thread.daemon, thread.ident) == ("test loop", True, call(loop))


def test_users_share_the_loop_until_the_last_gives_it_back(home: LoopThread) -> None:
    loop = home.acquire()
    assert home.acquire() is loop
    home.release()
    assert call(loop) != threading.get_ident()
    home.release()
    assert loop.is_closed()


def test_after_the_last_release_a_new_loop_starts(home: LoopThread) -> None:
    first = home.acquire()
    home.release()
    second = home.acquire()
    assert second is not first
    assert not second.is_closed()


def test_the_end_of_the_loop_cancels_tasks_closes_generators_and_ends_its_executor(home: LoopThread) -> None:
    seen: list[str] = []
    started = threading.Event()

    async def numbers() -> object:
        try:
            yield 1
        finally:
            seen.append("generator closed")

    async def work() -> None:
        generator = numbers()
        await generator.__anext__()  # type: ignore[attr-defined]  # async generators have it
        seen.append(await asyncio.to_thread(lambda: "in the executor"))
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("task cancelled")
            raise

    loop = home.acquire()
    asyncio.run_coroutine_threadsafe(work(), loop)
    assert started.wait(LIMIT)
    home.release()
    assert seen[0] == "in the executor"
    assert sorted(seen[1:]) == ["generator closed", "task cancelled"]
    assert not any(thread.name.startswith("asyncio_") for thread in threading.enumerate())


def test_loop_factory_makes_the_loop() -> None:
    made: list[asyncio.AbstractEventLoop] = []

    def factory() -> asyncio.AbstractEventLoop:
        made.append(asyncio.new_event_loop())
        return made[-1]

    home = LoopThread(loop_factory=factory)
    assert made == []
    assert [home.acquire()] == made
    home.release()


def test_uvloop_can_be_used() -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop has no build for this Python")
    home = LoopThread(loop_factory=uvloop.new_event_loop)
    loop = home.acquire()
    assert isinstance(loop, uvloop.Loop)
    assert call(loop) != threading.get_ident()
    home.release()


def test_there_is_one_shared_loop() -> None:
    assert shared_loop() is shared_loop()


def test_a_borrowed_loop_must_run() -> None:
    loop = asyncio.new_event_loop()
    with pytest.raises(InvalidOption, match="running in another thread"):
        BorrowedLoop(loop).acquire()
    loop.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_starts_a_loop_of_its_own_and_leaves_the_parents_alone(home: LoopThread) -> None:
    parents = home.acquire()
    call(parents)
    child = os.fork()
    if child == 0:  # _exit: nothing of the test runner may run twice
        status = 1
        try:
            own = home.acquire()
            assert own is not parents
            call(own)
            home.release()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert call(parents) != threading.get_ident()
