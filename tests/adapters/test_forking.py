from __future__ import annotations

import gc
import os
import sys

import pytest

from bridge.adapters import forking
from bridge.adapters.forking import tell_after_fork

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


class Aware:
    def __init__(self) -> None:
        self.process = os.getpid()

    def after_fork(self) -> None:
        self.process = os.getpid()


def test_a_child_is_told_and_the_parent_is_not() -> None:
    aware = Aware()
    tell_after_fork(aware)
    child = os.fork()
    if child == 0:
        os._exit(7 if aware.process == os.getpid() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert aware.process == os.getpid()


def test_being_told_keeps_nothing_alive() -> None:
    before = len(forking._aware)
    aware = Aware()
    tell_after_fork(aware)
    assert len(forking._aware) == before + 1
    del aware
    gc.collect()
    assert len(forking._aware) <= before
