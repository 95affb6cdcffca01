"""How replacements find the modules that imported what they replace by name."""

from __future__ import annotations

import asyncio
import sys
import time
from types import FrameType, ModuleType
from typing import Any

import pytest

from bridge.cooperative.patching import Patch, Patches, scoped
from bridge.cooperative.switch import run_in_greenlet


def original() -> str:
    return "original"


def replacement() -> str:
    return "replacement"


@pytest.fixture
def importer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a module that did `from owner import wait`."""
    module = ModuleType("somebody_s")
    module.wait = original  # type: ignore[attr-defined]  # made for this test
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


@pytest.mark.parametrize("gather", [False, True], ids=["at once", "gathered"])
def test_a_name_that_was_imported_is_replaced_and_restored(importer: ModuleType, gather: bool) -> None:
    owner = ModuleType("owner")
    owner.wait = original  # type: ignore[attr-defined]  # made for this test
    patches = Patches()
    patch = [Patch(owner, "wait", replacement, everywhere=True)]
    if gather:
        with patches.gathered():
            patches.apply(patch)
            assert (owner.wait, importer.wait) == (replacement, original)
    else:
        patches.apply(patch)
    assert (owner.wait, importer.wait) == (replacement, replacement)
    patches.restore()
    assert (owner.wait, importer.wait) == (original, original)


async def test_in_a_request_the_replacement_is_called_and_elsewhere_the_original() -> None:
    chosen = scoped(lambda: "original", lambda: "replacement")
    assert chosen() == "original"
    assert await run_in_greenlet(chosen) == "replacement"
    assert await asyncio.to_thread(chosen) == "original"


def test_outside_of_a_request_a_replacement_costs_one_call_of_python() -> None:
    """Which is what the 200 ns are for: no look-up, no import, nothing that grows with what is installed."""
    called: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        called.append(f"{event} {getattr(argument, '__name__', frame.f_code.co_name)}")

    chosen = scoped(time.monotonic, lambda: 0.0)
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        chosen()
    finally:
        sys.setprofile(before)
    assert called[0] == "call chosen"
    assert called[1:-1].count("c_call getcurrent") == 1
    assert (
        sum(each.startswith(("call", "c_call")) for each in called[:-1]) <= 3
    )  # chosen, getcurrent and the original
    assert "c_call monotonic" in called
