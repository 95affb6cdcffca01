"""What holds for every test: nothing blocks the loop, nothing is left behind, nothing is skipped by accident."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator

import blockbuster
import hypothesis
import pytest

from bridge import WsgiToAsgi
from tests import leaks, services

# Time limits are pytest-timeout's; hypothesis' own deadline only measures how busy the machine is.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_runtest_setup(item: pytest.Item) -> None:
    services.skip_without_service(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    services.judge_skip(item, report)
    return report


@pytest.fixture(autouse=True)
def blocked_loop_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """Make code of ours that blocks a running event loop raise BlockingError.

    Only calls with a frame of `bridge` on the stack count: a test may drive blocking peers as it likes.
    """
    if request.node.get_closest_marker("may_block") or _in_greenlets(request):
        yield
        return
    with blockbuster.blockbuster_ctx("bridge"):
        yield


def _in_greenlets(request: pytest.FixtureRequest) -> bool:
    """Tell whether the application under test runs on the loop, where it blocks as it likes: it is not ours."""
    callspec = getattr(request.node, "callspec", None)
    return callspec is not None and callspec.params.get("executor") == "greenlet"


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves threads or tasks behind."""
    if request.node.get_closest_marker("leaks"):
        yield
        return
    before = set(threading.enumerate())
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("no_left_tasks")
    yield
    left = leaks.left_threads(before)
    assert not left, f"threads left behind: {left}"


@pytest.fixture
async def no_left_tasks() -> AsyncIterator[None]:
    """Fail an async test that leaves tasks behind."""
    before = asyncio.all_tasks()
    yield
    left = await leaks.left_tasks(before)
    assert not left, f"tasks left behind: {left}"


@pytest.fixture
async def bridged() -> AsyncIterator[Callable[..., WsgiToAsgi]]:
    """Return what makes a `WsgiToAsgi` of an application and options; its threads end with the test."""
    made: list[WsgiToAsgi] = []

    def bridged(app: object, **options: object) -> WsgiToAsgi:
        made.append(WsgiToAsgi(app, **options))  # type: ignore[arg-type]  # tests pass wrong ones, too
        return made[-1]

    yield bridged
    for each in made:
        await each.executor.drain()
