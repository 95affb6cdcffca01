"""Greenlets that wait for the event loop: results, errors, cancellation, contexts, and nothing left behind."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import sys
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from greenlet import getcurrent, greenlet

from bridge import await_
from bridge.cooperative import switch
from bridge.cooperative.switch import BridgeGreenlet, await_here, await_promptly, begin, run_in_greenlet
from bridge.errors import GreenletStuck, NotInGreenlet

VARIABLE = contextvars.ContextVar("VARIABLE", default="unset")


async def later(value: Any = "value") -> Any:
    await asyncio.sleep(0)
    return value


async def fail_later() -> None:
    await asyncio.sleep(0)
    raise ValueError("later")


async def test_a_function_that_never_waits_runs_at_once_and_rests() -> None:
    seen = []
    assert begin(lambda: seen.append(type(getcurrent()))) is None
    assert (seen, switch.pool_size()) == ([BridgeGreenlet], 1)


async def test_a_resting_greenlet_is_used_again() -> None:
    used = set()
    for _ in range(10):
        await run_in_greenlet(lambda: used.add(id(getcurrent())))
        await run_in_greenlet(lambda: used.add(await_(later(id(getcurrent())))))
    assert len(used) == 1


async def test_await_returns_the_result_and_lets_others_run() -> None:
    order: list[str] = []

    def work() -> str:
        order.append("waits")
        value: str = await_(later())
        return f"{value}!"

    async def other() -> None:
        order.append("other")

    running = asyncio.ensure_future(other())
    assert await run_in_greenlet(work) == "value!"
    await running
    assert order == ["waits", "other"]


async def test_await_raises_what_the_awaitable_raises() -> None:
    with pytest.raises(ValueError, match="later"):
        await run_in_greenlet(lambda: await_(fail_later()))


async def test_await_takes_futures_and_any_awaitable() -> None:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, 7)
    assert await run_in_greenlet(lambda: await_(future)) == 7
    with pytest.raises(TypeError):
        await run_in_greenlet(lambda: await_(8))  # type: ignore[arg-type]  # on purpose


def test_await_outside_of_a_greenlet_says_what_to_do_and_closes_the_coroutine() -> None:
    coroutine = later()
    with pytest.raises(NotInGreenlet, match="executor=") as caught:
        await_(coroutine)
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED
    assert caught.value.awaitable is coroutine


@pytest.mark.parametrize("wait", [await_, await_here, await_promptly])
async def test_await_in_a_foreign_greenlet_is_refused(wait: Callable[[Awaitable[Any]], Any]) -> None:
    with pytest.raises(NotInGreenlet):
        greenlet(wait).switch(later())


async def test_the_current_task_is_the_one_that_asked() -> None:
    async def current() -> Any:
        return asyncio.current_task()

    def work() -> tuple[Any, Any, Any]:
        return asyncio.current_task(), await_(current()), await_here(current())

    assert set(await run_in_greenlet(work)) == {asyncio.current_task()}


async def test_a_timeout_around_it_is_thrown_in_and_raised() -> None:
    seen = []

    def work() -> None:
        try:
            await_(asyncio.Event().wait())
        except asyncio.CancelledError:
            seen.append("cancelled")
            seen.append(await_(later("cleaned up")))
            raise

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(run_in_greenlet(work), 0.01)
    assert seen == ["cancelled", "cleaned up"]


async def test_a_cancellation_cannot_be_undone() -> None:
    def stubborn() -> str:
        try:
            await_(asyncio.Event().wait())
        except asyncio.CancelledError:
            return "never mind"
        return "not reached"

    task = asyncio.ensure_future(run_in_greenlet(stubborn))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert switch.pool_size() == 1


@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 can't tell the two apart")
async def test_a_cancelled_future_is_an_error_like_any_other() -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.cancel()

    def work() -> str:
        try:
            await_(future)
        except asyncio.CancelledError:
            return "handled"
        return "not reached"

    assert await run_in_greenlet(work) == "handled"


@pytest.mark.parametrize("waits", range(1, 6))
async def test_cancelled_at_each_wait_ends_it(waits: int) -> None:
    ended = []
    reached = asyncio.Event()

    def work() -> None:
        try:
            for number in range(1, 6):
                if number == waits:
                    reached.set()
                    await_(asyncio.Event().wait())
                await_(later())
        finally:
            ended.append(True)

    task = asyncio.ensure_future(run_in_greenlet(work))
    await reached.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (ended, switch.pool_size()) == ([True], 1)


async def test_the_context_is_that_of_the_task_both_ways() -> None:
    async def set_there() -> None:
        VARIABLE.set("awaited")

    def work() -> list[str]:
        seen = [VARIABLE.get()]
        VARIABLE.set("inside")
        await_(later())
        seen.append(VARIABLE.get())
        await_(set_there())
        return [*seen, VARIABLE.get()]

    token = VARIABLE.set("outside")
    assert await run_in_greenlet(work) == ["outside", "inside", "awaited"]
    assert VARIABLE.get() == "awaited"
    VARIABLE.reset(token)  # the very same context: tokens stay valid


async def test_two_at_a_time_do_not_see_each_others_context() -> None:
    def work(name: str) -> str:
        VARIABLE.set(name)
        for _ in range(5):
            await_(later())
            assert VARIABLE.get() == name
        return VARIABLE.get()

    names = [str(number) for number in range(50)]
    assert await asyncio.gather(*[run_in_greenlet(work, name) for name in names]) == names
    assert VARIABLE.get() == "unset"


async def test_a_resting_greenlet_keeps_nothing_of_its_last_work() -> None:
    class Big:
        pass

    big = Big()
    gone = weakref.ref(big)

    def work(value: Big) -> None:
        VARIABLE.set(value)  # type: ignore[arg-type]  # any object
        await_(later())

    await asyncio.ensure_future(run_in_greenlet(work, big))
    del big
    await asyncio.sleep(0)  # asyncio lets go of the task it has just run
    gc.collect()
    assert gone() is None


async def test_a_job_that_raises_is_reported_and_the_greenlet_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported: list[Any] = []
    monkeypatch.setattr("threading.excepthook", reported.append)

    def broken() -> None:
        raise ValueError("a job must not")

    assert begin(broken) is None
    assert [each.exc_type for each in reported] == [ValueError]
    assert switch.pool_size() == 1


async def test_exceptions_pass_through_nested_frames_and_switches() -> None:
    def deep(level: int) -> None:
        if level == 0:
            await_(fail_later())
        try:
            deep(level - 1)
        finally:
            await_(later())

    with pytest.raises(ValueError, match="later"):
        await run_in_greenlet(deep, 20)


async def test_deep_recursion_is_an_error_of_its_own_greenlet() -> None:
    def endless() -> None:
        endless()

    with pytest.raises(RecursionError):
        await run_in_greenlet(endless)
    assert await run_in_greenlet(lambda: await_(later())) == "value"


async def test_waiting_in_a_callback_of_c_code_returns_to_it() -> None:
    def key(number: int) -> int:
        return -await_(later(number))

    assert await run_in_greenlet(lambda: sorted([2, 3, 1], key=key)) == [3, 2, 1]


async def test_a_coroutine_here_runs_in_the_greenlet_and_may_wait_in_both_ways() -> None:
    async def view() -> list[Any]:
        return [type(getcurrent()), await later("awaited"), await_(later("waited"))]

    assert await run_in_greenlet(lambda: await_here(view())) == [BridgeGreenlet, "awaited", "waited"]


async def test_a_coroutine_here_gets_its_errors_and_cancellation() -> None:
    seen = []

    async def view() -> None:
        try:
            await fail_later()
        except ValueError:
            seen.append("error")
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("ended")

    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(run_in_greenlet(lambda: await_here(view())), 0.01)
    assert seen == ["error", "ended"]


async def test_a_closed_driver_ends_its_greenlet() -> None:
    ended = []

    def work() -> None:
        try:
            await_(later())
        finally:
            ended.append(True)

    coroutine = run_in_greenlet(work)
    coroutine.send(None)
    coroutine.close()
    assert (ended, switch.pool_size()) == ([True], 1)


async def test_a_greenlet_that_never_ends_is_named() -> None:
    def stubborn() -> None:
        while not give_up:
            try:
                await_(asyncio.Event().wait())
            except BaseException:  # what legacy code does
                continue

    give_up: list[bool] = []
    suspended = begin(stubborn, "GET /stubborn")
    assert suspended is not None
    with pytest.raises(GreenletStuck, match="GET /stubborn"):
        suspended.close()
    give_up.append(True)
    suspended.close()


async def test_the_pool_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switch, "MAX_RESTING", 3)
    await asyncio.gather(*[run_in_greenlet(lambda: await_(later())) for _ in range(10)])
    assert switch.pool_size() == 3
    switch.empty_pool()
    assert switch.pool_size() == 0


async def test_a_greenlet_of_another_driver_is_taken_over() -> None:
    """SQLAlchemy's greenlets may drive ours: the parent is whoever begins."""
    await run_in_greenlet(lambda: None)
    other = greenlet(lambda: begin(lambda: parents.append(getcurrent().parent)))
    parents: list[Any] = []
    assert other.switch() is None
    assert parents == [other]


async def test_a_coroutine_that_does_not_wait_costs_no_switch() -> None:
    async def prompt() -> Any:
        return type(getcurrent())

    seen: list[Any] = []
    assert begin(lambda: seen.append(await_promptly(prompt()))) is None
    assert seen == [BridgeGreenlet]


async def test_a_prompt_coroutine_that_waits_is_awaited_by_the_task_from_then_on() -> None:
    async def slow() -> list[Any]:
        began = type(getcurrent())
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)
        return [began, type(getcurrent()), await later()]

    assert await run_in_greenlet(lambda: await_promptly(slow())) == [BridgeGreenlet, greenlet, "value"]
    with pytest.raises(ValueError, match="later"):
        await run_in_greenlet(lambda: await_promptly(fail_later()))
