"""Calls in threads whose request is cancelled: what they make is closed, what they use is not used twice."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bridge.cooperative import offload
from bridge.cooperative.offload import close_quietly, in_thread_or_drop, in_thread_to_the_end
from bridge.cooperative.switch import begin, run_in_greenlet
from tests.cooperative.conftest import WAIT

pytestmark = [
    pytest.mark.may_block("the layer replaces the very methods that the guard replaces"),
    pytest.mark.usefixtures("installed"),
]


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A pool of one thread: of two calls one has not begun."""
    pool = ThreadPoolExecutor(1)
    monkeypatch.setattr(offload, "_pool", pool)
    yield
    pool.shutdown()


class Call:
    """A call that is somewhere in C until it is told to go on; it returns itself, and can be closed."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun, self.go, self.closed = threading.Event(), threading.Event(), threading.Event()
        self.ended = False
        self._error = error

    def __call__(self) -> Call:
        self.begun.set()
        assert self.go.wait(WAIT)
        self.ended = True
        if self._error is not None:
            raise self._error
        return self

    def close(self) -> None:
        self.closed.set()


async def seen(event: threading.Event) -> None:
    """Wait for an event that a thread sets."""
    assert await asyncio.get_running_loop().run_in_executor(None, event.wait, WAIT)


async def cancelled_in(call: Call, request: Callable[[], Any]) -> asyncio.Task[Any]:
    """Return the task of a request that was cancelled, and told so, in the middle of its call."""
    task = asyncio.ensure_future(run_in_greenlet(request))
    await seen(call.begun)
    task.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    return task


async def test_what_a_cancelled_request_would_have_got_is_closed() -> None:
    call = Call()
    task = await cancelled_in(call, lambda: in_thread_or_drop(close_quietly, call))
    assert task.cancelled(), "it waited for the call"
    assert not call.closed.is_set()
    call.go.set()
    await seen(call.closed)


async def test_what_a_request_gets_is_not_closed() -> None:
    call = Call()
    call.go.set()
    assert await run_in_greenlet(in_thread_or_drop, close_quietly, call) is call
    assert not call.closed.is_set()


async def test_what_is_here_already_when_the_request_is_cancelled_is_closed() -> None:
    """The thread is done, the loop has not had a turn since: the greenlet has not been told of its result."""
    call = Call()
    call.go.set()
    task = asyncio.ensure_future(run_in_greenlet(in_thread_or_drop, close_quietly, call))
    await asyncio.sleep(0)
    while not call.ended:
        pass
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await seen(call.closed)


async def test_the_calls_own_error_reaches_the_request() -> None:
    def fails() -> Any:
        raise ZeroDivisionError

    for way in (lambda: in_thread_or_drop(close_quietly, fails), lambda: in_thread_to_the_end(fails)):
        with pytest.raises(ZeroDivisionError):
            await run_in_greenlet(way)


@pytest.mark.parametrize("error", [None, OSError("its connection was lost")], ids=["returns", "raises"])
async def test_a_request_is_cancelled_when_the_call_that_uses_its_object_has_ended(
    error: Exception | None,
) -> None:
    call = Call(error)
    cleaned_up: list[bool] = []

    def request() -> None:
        try:
            in_thread_to_the_end(call)
        finally:
            cleaned_up.append(call.ended)

    task = await cancelled_in(call, request)
    assert not task.done(), "it would have closed what the call still uses"
    task.cancel()  # a second time makes no difference
    await asyncio.sleep(0)
    assert cleaned_up == []
    call.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned_up == [True]


@pytest.mark.usefixtures("one_thread")
async def test_a_call_that_has_not_begun_is_not_made_for_a_cancelled_request() -> None:
    first, second = Call(), Call()
    holder = asyncio.ensure_future(run_in_greenlet(in_thread_to_the_end, first))
    await seen(first.begun)
    waiting = asyncio.ensure_future(run_in_greenlet(in_thread_to_the_end, second))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    first.go.set()
    assert await holder is first
    assert not second.begun.is_set()


def test_a_call_whose_event_loop_has_ended_is_not_waited_for() -> None:
    call = Call()
    outcome: list[str] = []

    def request() -> None:
        try:
            in_thread_to_the_end(call)
        except asyncio.CancelledError as error:
            outcome.append(str(error))

    async def begun() -> Any:
        return begin(request)

    suspended = asyncio.run(begun())
    suspended.close()
    call.go.set()
    assert outcome == ["the event loop has ended"]
    offload.shutdown()


async def test_the_sqlite_connection_of_a_cancelled_request_is_closed() -> None:
    """And not left to the garbage collector, which from Python 3.13 on complains."""
    call = Call()

    class Connection(sqlite3.Connection):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            call()

        def close(self) -> None:
            super().close()
            call.close()

    task = await cancelled_in(call, lambda: sqlite3.connect(":memory:", factory=Connection))
    assert task.cancelled()
    call.go.set()
    await seen(call.closed)
