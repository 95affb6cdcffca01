"""How replacements find the modules that imported what they replace by name."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from bridge.cooperative.patching import Patch, Patches


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
