"""Locks that were made before the layer is installed: exchanged where that is right, named where it is not."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from bridge import cooperative
from tests.cooperative.conftest import Together

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

SOURCE = """
from threading import Condition, Lock, RLock
lock = Lock()
rlock = RLock()
class Pool:
    lock = Lock()
shared = Lock()
condition = Condition(shared)
inside = []
"""


@pytest.fixture
def older() -> Iterator[Any]:
    """A module of the application that was imported too early."""
    assert not cooperative.installed()
    module = ModuleType("imported_too_early")
    sys.modules[module.__name__] = module
    exec(SOURCE, vars(module))
    yield module
    del sys.modules[module.__name__]


@pytest.mark.parametrize(
    "find", [lambda m: m.lock, lambda m: m.rlock, lambda m: m.Pool.lock], ids=["lock", "rlock", "of-a-class"]
)
async def test_a_lock_of_a_module_or_class_takes_part(
    older: Any, together: Together, find: Callable[[Any], Any]
) -> None:
    def worker() -> None:
        with find(older):
            older.inside.append(1)
            time.sleep(0)
            assert len(older.inside) == 1
            older.inside.pop()

    await together(*[worker] * 5)


def test_the_originals_come_back(older: Any) -> None:
    before = older.lock, older.rlock, older.Pool.lock
    cooperative.install()
    assert older.lock is not before[0]
    cooperative.uninstall()
    assert (older.lock, older.rlock, older.Pool.lock) == before


def test_two_modules_with_one_lock_get_one(older: Any) -> None:
    other: Any = ModuleType("imports_it_too_early")
    sys.modules[other.__name__] = other
    other.lock = older.lock
    try:
        cooperative.install()
        assert other.lock is older.lock
        assert type(older.lock) is threading.Lock
    finally:
        cooperative.uninstall()
        del sys.modules[other.__name__]


@pytest.mark.parametrize("why", ["known elsewhere", "held"])
def test_what_can_not_be_exchanged_stays_and_is_named(
    older: Any, caplog: pytest.LogCaptureFixture, why: str
) -> None:
    name, held = ("shared", None) if why == "known elsewhere" else ("lock", older.lock)
    before = getattr(older, name)
    if held:
        held.acquire()
    with caplog.at_level(logging.WARNING, "bridge.cooperative"):
        cooperative.install()
    stayed = getattr(older, name) is before
    cooperative.uninstall()
    assert stayed
    assert f"imported_too_early.{name}" in caplog.text
    assert "call install() before these imports" in caplog.text


class Lazy:
    """An object that is loaded when anybody asks what it is, as `django.conf.settings`."""

    @property  # type: ignore[misc]  # object has it writable
    def __class__(self) -> type:
        raise RuntimeError("settings are not configured")


def test_the_look_for_locks_loads_nothing_lazy(older: Any) -> None:
    older.settings = Lazy()
    try:
        cooperative.install()
        assert type(older.lock) is threading.Lock  # it came by
    finally:
        cooperative.uninstall()
