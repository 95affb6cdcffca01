"""Pytest plugin: the cooperative layer is in place, and each test runs in a bridge greenlet on a loop of its own.

It is installed before the suite is imported, as `serve` does before an application. A test that is a
`unittest.TestCase` runs as a whole, with its set-up and tear-down, so what it spawns lives as long as it does.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

__all__ = ["pytest_configure", "pytest_runtest_call"]


def pytest_configure(config: Any) -> None:
    """Make waiting cooperative."""
    from bridge.cooperative import install

    install()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """Have pytest call the test in a greenlet."""
    from bridge.cooperative.switch import run_in_greenlet

    run = item.runtest
    item.runtest = lambda: asyncio.run(run_in_greenlet(run))  # type: ignore[method-assign]  # of this one item
