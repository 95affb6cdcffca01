"""gevent's tests of sockets, TLS, locks, queues, select and threads, over the cooperative layer.

gevent itself is not imported: `gevent` is a stand-in (see `gevent_standin`). `monkey.patch_all()` makes
`threading.Thread` a greenlet in the modules that call it; the others have real threads, as they have with gevent.
"""

from __future__ import annotations

import _thread
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.external.plugins import in_greenlets
from scripts.external.plugins.green import GreenThread, start_new_thread

__all__ = ["pytest_configure", "pytest_make_collect_report", "pytest_runtest_call"]

_thread_class = threading.Thread
_start = _thread.start_new_thread


def pytest_configure(config: Any) -> None:
    """Put the stand-in in the place of the package."""
    in_greenlets.pytest_configure(config)
    from scripts.external.plugins import gevent_standin

    gevent_standin.take_place(Path(config.rootpath, "src/gevent"), patch_all)


def patch_all(*_arguments: Any, **_options: Any) -> None:
    """Have threads be greenlets from now on."""
    threading.Thread = GreenThread  # type: ignore[misc]  # what monkey patching is
    _thread.start_new_thread = start_new_thread


def _unpatch() -> None:
    threading.Thread = _thread_class  # type: ignore[misc]  # as above
    _thread.start_new_thread = _start


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: Any) -> Iterator[Any]:
    """Forget, after a module's import, that it has patched, but for its own tests."""
    _unpatch()
    report = yield
    if isinstance(collector, pytest.Module):
        collector.obj.patched = threading.Thread is GreenThread
    _unpatch()
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: Any) -> None:
    """Run each test in a greenlet, with the threads that its module wants."""
    (patch_all if item.module.patched else _unpatch)()
    in_greenlets.pytest_runtest_call(item)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: Any) -> None:
    """Have real threads again."""
    _unpatch()
