"""`time.sleep` for greenlets, and waiting for a future with a limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from bridge.cooperative.patching import Patch, replacing
from bridge.cooperative.switch import await_

__all__ = ["patches", "sleep", "wait_for"]

_original = time.sleep
_EXPIRED = object()  # what a future is given when its time is over


def patches() -> Iterator[Patch]:
    """Yield what makes sleeping cooperative."""
    yield from replacing(time, sleep=sleep)


def sleep(seconds: float) -> None:
    """Wait so many seconds; 0 lets others have their turn. Raises what `time.sleep` does."""
    if seconds > 0:
        wait_for(asyncio.get_running_loop().create_future(), seconds)
        return
    if seconds != 0:
        _original(seconds)  # negative, or not a number: raises
    await_(asyncio.sleep(0))


def wait_for(future: asyncio.Future[None], timeout: float | None) -> bool:
    """Wait until `future` has a result; False if it has none after `timeout` seconds (None: no limit)."""
    if timeout is None:
        await_(future)
        return True
    timer = future.get_loop().call_later(timeout, _expire, future)
    try:
        result: Any = await_(future)
    finally:
        timer.cancel()
    return result is not _EXPIRED


def _expire(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_result(_EXPIRED)
