"""The layer in place, and a loop that is watched while requests wait."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from bridge import cooperative
from bridge.cooperative import readiness, switch
from bridge.cooperative.switch import BridgeGreenlet, run_in_greenlet

T = TypeVar("T")
WAIT = 20.0  # seconds; a limit, never a pause
PAUSE = 0.2  # seconds that a server waits for one request

Together = Callable[..., Awaitable[list[Any]]]


@pytest.fixture
def installed() -> Iterator[None]:
    """Install the cooperative layer for one test."""
    cooperative.install()
    yield
    cooperative.uninstall()


@pytest.fixture(autouse=True)
def no_left_greenlets() -> Iterator[None]:
    """Fail a test that leaves a greenlet that has not ended, or a descriptor that is watched."""
    yield
    switch.empty_pool()
    gc.collect()
    left = [each for each in gc.get_objects() if type(each) is BridgeGreenlet and not each.dead]
    assert left == []
    assert readiness._waiting == {}


@pytest.fixture
def together(installed: None) -> Together:
    """Return what runs functions as requests, all at the same time, and returns their results in order."""

    async def together(*functions: Callable[[], Any]) -> list[Any]:
        waiting = asyncio.gather(*[run_in_greenlet(function) for function in functions])
        return list(await asyncio.wait_for(waiting, WAIT))

    return together


async def beats(together: Together, *functions: Callable[[], Any]) -> list[Any]:
    """Run functions together, and check that the loop went on: it had turns while all of them waited."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(PAUSE / 20)
            turns += 1

    counter = asyncio.ensure_future(count())
    try:
        results = await together(*functions)
    finally:
        counter.cancel()
    assert turns >= 5, "the loop stood still"
    return results
