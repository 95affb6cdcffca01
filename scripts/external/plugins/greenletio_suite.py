"""greenletio's suite: its `async_`, `await_` and `green` modules are the bridge's greenlets and the patched library.

Its own package is not imported: `greenletio` is a stand-in whose `green.socket` is Python's `socket` with the
cooperative layer in place. `threading.Thread` is a greenlet in it, as its own is.
"""

from __future__ import annotations

import functools
import inspect
import select
import selectors
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

from bridge import await_
from bridge.cooperative.switch import run_in_greenlet
from scripts.external.plugins import in_greenlets
from scripts.external.plugins.green import GreenThread

__all__ = ["pytest_configure", "pytest_runtest_call"]


class LazyThread(GreenThread):
    """A thread that has not begun when `start` returns, as greenletio's."""

    eager = False


def pytest_configure(config: Any) -> None:
    """Put the stand-in in the place of the package."""
    in_greenlets.pytest_configure(config)
    threads = ModuleType("threading")
    threads.__dict__.update({**vars(threading), "Thread": LazyThread, "Timer": _timer()})
    green = ModuleType("greenletio.green")
    green.__dict__.update({
        "select": select, "selectors": selectors, "socket": socket, "ssl": ssl, "threading": threads, "time": time,
    })  # fmt: skip
    core = ModuleType("greenletio.core")
    core.__dict__.update(
        {
            "async_": async_,
            "await_": _await_or_decorate,
            "bridge": SimpleNamespace(stop=lambda: None, bridge_greenlet=None),
        }
    )
    package = ModuleType("greenletio")
    package.__dict__.update({"core": core, "green": green, "async_": async_, "await_": _await_or_decorate})
    sys.modules.update({"greenletio": package, "greenletio.core": core, "greenletio.green": green})


def pytest_runtest_call(item: Any) -> None:
    """Run in a greenlet what expects to be in one: threads of its own kind. The others run loops themselves."""
    if "test_threading" in item.nodeid:
        in_greenlets.pytest_runtest_call(item)


def async_(function: Callable[..., Any] | None = None, *, with_context: bool = True) -> Any:
    """Return a coroutine function that runs `function` in a greenlet; the context is always the task's."""
    if function is None:
        return async_

    async def call(*arguments: Any, **options: Any) -> Any:
        return await run_in_greenlet(functools.partial(function, *arguments, **options))

    return functools.wraps(function)(call)


def _await_or_decorate(awaitable: Any) -> Any:
    if inspect.iscoroutinefunction(awaitable):
        return lambda *arguments: await_(awaitable(*arguments))
    return await_(awaitable)


def _timer() -> type:
    """Return `threading.Timer`, run by a greenlet."""
    return type("Timer", (LazyThread,), {**vars(threading.Timer), "__init__": _begin_timer})


def _begin_timer(self: Any, interval: float, function: Callable[..., Any], args: Any = ()) -> None:
    GreenThread.__init__(self)
    self.__dict__.update(
        interval=interval, function=function, args=args, kwargs={}, finished=threading.Event()
    )
