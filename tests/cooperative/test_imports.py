"""Imports in requests: a module that waits while it is imported is never seen half done."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from bridge.cooperative.switch import run_in_greenlet
from tests.cooperative.conftest import WAIT, Together

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package whose import waits, and one that imports it."""
    (tmp_path / "waits_at_import.py").write_text("import time\ntime.sleep(0.01)\nready = True\n")
    (tmp_path / "imports_it.py").write_text("from waits_at_import import ready\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "waits_at_import"
    for name in ("waits_at_import", "imports_it"):
        sys.modules.pop(name, None)


def import_(name: str) -> Callable[[], Any]:
    return lambda: importlib.import_module(name).ready


async def test_two_requests_import_a_module_that_waits(package: str, together: Together) -> None:
    assert await together(import_(package), import_(package), import_("imports_it")) == [True] * 3


async def test_a_request_and_a_thread_import_it(package: str, installed: None) -> None:
    request = asyncio.ensure_future(run_in_greenlet(import_(package)))
    await asyncio.sleep(0)
    assert await asyncio.wait_for(asyncio.to_thread(import_(package)), WAIT)
    assert await request


async def test_an_import_that_fails_lets_the_next_one_try(
    package: str, together: Together, tmp_path: Path
) -> None:
    (tmp_path / "waits_at_import.py").write_text("import time\ntime.sleep(0.001)\nraise ValueError(1)\n")

    def fails() -> None:
        with pytest.raises(ValueError, match="1"):
            importlib.import_module(package)

    await together(fails, fails, fails)


async def test_a_cancelled_import_lets_the_next_one_try(package: str, installed: None) -> None:
    first = asyncio.ensure_future(run_in_greenlet(import_(package)))
    second = asyncio.ensure_future(run_in_greenlet(import_(package)))
    await asyncio.sleep(0)
    first.cancel()
    assert await asyncio.wait_for(second, WAIT)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_cached_properties_that_wait(together: Together) -> None:
    begun: list[int] = []

    class Report:
        @cached_property
        def rows(self) -> int:
            begun.append(1)
            threading.Event().wait(0.005)
            return len(begun)

    report = Report()
    rows = await together(*[lambda: report.rows] * 3)
    assert rows == [rows[0]] * 3 if sys.version_info < (3, 12) else rows
