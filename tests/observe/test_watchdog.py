"""Who holds the loop is named, with the stack once per place, and counted; nobody else is."""

from __future__ import annotations

import _thread
import asyncio
import logging
import sys
import time
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.executors.greenlets import GreenletExecutor
from bridge.observe.watchdog import LoopWatchdog, calls_in_line
from tests.asgi_driver import AsgiCall, AsgiLifespan

pytestmark = pytest.mark.may_block("requests hold the loop on purpose")

LIMIT = 0.02  # seconds


def hold() -> None:
    time.sleep(LIMIT * 10)  # not made cooperative: it holds the loop


def holding(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    if environ["PATH_INFO"] != "/quick":
        hold()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]


async def ask(executor: GreenletExecutor, *paths: str) -> dict[str, int]:
    bridge = WsgiToAsgi(holding, executor=executor)
    async with AsgiLifespan(bridge):
        for path in paths:
            before = sum(executor.statistics().held.values())
            assert (await AsgiCall(bridge, path=path).run()).status == 200
            if path != "/quick" and executor.hold_limit is not None:
                await counted(executor, before + 1)
        return dict(executor.statistics().held)


async def counted(executor: GreenletExecutor, holds: int) -> None:
    """Wait until the watchdog has written so many down, which it does when the loop goes on."""
    while sum(executor.statistics().held.values()) < holds:
        await asyncio.sleep(0)


async def test_a_request_that_holds_the_loop_is_named_once_per_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    held = await ask(GreenletExecutor(hold_limit=LIMIT), "/slow", "/slow", "/quick", "/other")
    assert held == {"GET /slow": 2, "GET /other": 1}
    (record,) = [each for each in caplog.records if each.name == "bridge.watchdog"]
    message = record.getMessage()
    assert record.levelno == logging.WARNING
    assert message.startswith("GET /slow held the event loop for ")
    assert "test_watchdog.py" in message
    assert "in hold" in message
    assert "time.sleep(LIMIT * 10)" in message
    assert "time.sleep (sleep, cooperative: yes; instead: asyncio.sleep)" in message


async def test_of_a_long_path_the_beginning_is_kept() -> None:
    held = await ask(GreenletExecutor(hold_limit=LIMIT), f"/{'a' * 60_000}")
    assert held == {f"GET /{'a' * 195}": 1}


async def test_live_has_a_line_each_time(caplog: pytest.LogCaptureFixture) -> None:
    await ask(GreenletExecutor(hold_limit=LIMIT, report_holds=True), "/slow", "/slow")
    lines = [each.getMessage() for each in caplog.records if each.name == "bridge.watchdog"]
    assert [("\n" in line, line.startswith("GET /slow held")) for line in lines] == [
        (True, True),
        (False, True),
    ]


async def test_nobody_looks_without_a_limit() -> None:
    assert await ask(GreenletExecutor(hold_limit=None), "/slow") == {}


async def test_code_of_no_request_is_told_apart(caplog: pytest.LogCaptureFixture) -> None:
    watchdog = LoopWatchdog(asyncio.get_running_loop(), limit=LIMIT, subject_of=lambda frame: None)
    watchdog.start()
    hold()
    while not watchdog.holds:
        await asyncio.sleep(0)
    watchdog.stop()
    assert dict(watchdog.holds) == {"no request": 1}


async def test_a_loop_that_stands_still_is_told_of_before_it_goes_on() -> None:
    errors: list[str] = []
    lock = _thread.allocate_lock()  # as one made before the layer was installed

    class Release(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno == logging.ERROR:
                errors.append(record.getMessage())
                lock.release()

    logger, handler = logging.getLogger("bridge.watchdog"), Release()
    logger.addHandler(handler)
    watchdog = LoopWatchdog(
        asyncio.get_running_loop(), limit=LIMIT, standstill=LIMIT, subject_of=lambda _frame: "GET /stuck"
    )
    lock.acquire()
    watchdog.start()
    try:
        assert lock.acquire(timeout=20), "nobody said anything"
    finally:
        watchdog.stop()
        logger.removeHandler(handler)
    (error,) = errors
    assert "GET /stuck still holds the event loop at" in error
    assert "lock.acquire(timeout=20)" in error


def test_the_calls_of_a_line() -> None:
    assert list(calls_in_line(sys._getframe())) == ["bridge.observe.watchdog.calls_in_line", "sys._getframe"]
