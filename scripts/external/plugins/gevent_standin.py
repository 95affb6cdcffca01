"""A package called `gevent` for gevent's own tests: its names, made of bridge greenlets and the patched library.

What it stands for: `gevent.socket`, `ssl`, `select`, `selectors` and `queue` are Python's modules, `gevent.lock`
and `gevent.event` have `threading`'s classes. What gevent adds to them (`rawlink`, `peek`, `Channel`, `wait` on
anything) is missing, and what its tests do with it fails: `excused.toml` lists these.
"""

from __future__ import annotations

import asyncio
import importlib
import queue
import select
import selectors
import socket
import sys
import threading
import time
import unittest
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from bridge.cooperative import polling
from scripts.external.plugins.green import Green, GreenletExit, start_new_thread, throw

__all__ = ["take_place"]

SLOWER = 2.0  # seconds that a wait may take longer than asked for: these machines are busy


class Timeout(BaseException):
    """`gevent.Timeout`: raised in the greenlet that has started it."""

    def __init__(self, seconds: float | None = None, exception: Any = None, **_options: Any) -> None:
        self.seconds = seconds
        self.exception = exception
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def start_new(cls, timeout: Any = None, exception: Any = None, **_options: Any) -> Any:
        """Return one that runs."""
        made = timeout if isinstance(timeout, Timeout) else cls(timeout, exception)
        made.start()
        return made

    def start(self) -> None:
        """Let it run."""
        if self.seconds is not None:
            error = self if self.exception in (None, False) else self.exception
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            self._timer = loop.call_later(self.seconds, lambda: throw(task, error))

    def close(self) -> None:
        """Stop it."""
        if self._timer is not None:
            self._timer.cancel()

    cancel = close

    def __enter__(self) -> Any:
        self.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        self.close()
        return error is self and self.exception is False


class AsyncResult:
    """`gevent.event.AsyncResult`, on a future of `concurrent.futures`."""

    def __init__(self) -> None:
        from concurrent.futures import Future

        self._future: Any = Future()

    def set(self, value: Any = None) -> None:
        """Set it."""
        self._future.set_result(value)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Wait for it."""
        return self._future.result(timeout if block else 0)

    def ready(self) -> bool:
        """Tell whether it is set."""
        return bool(self._future.done())


class Missing:
    """What only gevent has."""

    def __init__(self, *_arguments: Any) -> None:
        raise NotImplementedError("the standard library has no such class")

    __class_getitem__ = __init__


class Semaphore(threading.Semaphore):
    """With the attribute that gevent's tests look at."""

    hub = None


class BoundedSemaphore(threading.BoundedSemaphore):
    """As above."""

    hub = None


class RLock(threading.RLock):  # type: ignore[misc]  # a class, once the layer is in place
    """As above, on the lock that gevent's has inside."""

    _block = Semaphore


class TestCase(unittest.TestCase):
    """`gevent.testing.TestCase`, of which the tests use this."""

    __test__ = True

    def _close_on_teardown(self, resource: Any) -> Any:
        self.addCleanup(getattr(resource, "close", resource))
        return resource

    def assertTimeWithinRange(self, taken: float, least: float, most: float) -> None:  # noqa: N802 - its own name
        """Not less than asked for, and not much more."""
        self.assertTrue(least <= taken <= most + SLOWER, taken)  # noqa: PT009 - a method of a TestCase


class StreamServer:
    """`gevent.server.StreamServer`: a greenlet for each connection."""

    def __init__(self, address: Any, handle: Callable[..., Any]) -> None:
        self._handle = handle
        self._socket = socket.create_server(address)
        self.server_port = self._socket.getsockname()[1]

    def start(self) -> None:
        """Take connections."""
        self._serving = Green.spawn(self._serve)

    def _serve(self) -> None:
        while True:
            Green.spawn(self._handle, *self._socket.accept())

    def stop(self) -> None:
        """Take no more."""
        self._serving.kill()
        self._socket.close()


class _Lenient(ModuleType):
    """A module whose decorators `skipOn...` skip nothing: none of these systems is this one."""

    def __getattr__(self, name: str) -> Any:
        if name == "skipOnPy310":  # that version and later ones
            return unittest.skip
        if name.startswith("skipOn"):
            return lambda _reason: lambda test: test
        raise AttributeError(name)


class _Select(ModuleType):
    """Python's `select`; what the tests put in the place of its first look is the layer's first look."""

    @property
    def _original_select(self) -> Any:
        return polling._select  # noqa: SLF001 - these tests exchange a private function

    @_original_select.setter
    def _original_select(self, function: Any) -> None:
        polling._select = function  # noqa: SLF001 - as above

    @_original_select.deleter
    def _original_select(self) -> None:
        """Called by mock, which sets it again afterwards."""


def _sleep(seconds: float = 0) -> None:
    time.sleep(seconds)


def _reraise(_kind: Any, error: BaseException, _trace: Any = None) -> None:
    raise error


def _joinall(greenlets: Iterable[Any], timeout: float | None = None) -> None:
    for each in greenlets:
        each.join(timeout)


def _hub() -> Any:
    run = lambda function, *arguments: asyncio.get_running_loop().call_soon(function, *arguments)  # noqa: E731 - one attribute
    return SimpleNamespace(loop=SimpleNamespace(run_callback=run, update_now=lambda: None), join=lambda: None)


def _wrap_errors(errors: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except errors as error:
            return error

    return call


_SUPPORT = (
    "test.support",
    "test.support.socket_helper",
    "test.support.threading_helper",
)  # of Python's own tests
_KINDS: dict[str, type[ModuleType]] = {"gevent.select": _Select}


def take_place(folder: Path, patch_all: Callable[..., None]) -> None:
    """Have `import gevent` find the stand-in; `folder`: of the real one, where the tests are."""
    hub = {"get_hub": _hub, "LoopExit": type("LoopExit", (Exception,), {}), "_get_hub": lambda: None}
    parts = {**_core(hub, patch_all), **_library(), **_testing()}
    for name, contents in parts.items():
        kind = _Lenient if name.startswith("gevent.testing") else _KINDS.get(name, ModuleType)
        module = kind(name)
        module.__dict__.update(contents)
        sys.modules[name] = module
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], last, module)
    for name, place in (
        ("gevent", folder),
        ("gevent.tests", folder / "tests"),
        ("gevent.testing", folder / "testing"),
    ):
        sys.modules[name].__file__ = str(place / "__init__.py")
        sys.modules[name].__path__ = [str(place)]
    sys.modules["gevent.select"].__dict__.update(vars(select))
    for name in ("socket", "ssl", "selectors", "os"):
        sys.modules[f"gevent.{name}"] = module = importlib.import_module(name)
        setattr(sys.modules["gevent"], name, module)
    selectors.GeventSelector = selectors.DefaultSelector  # type: ignore[attr-defined]  # gevent's name for it
    for name in ("sockets", "timing"):  # the real ones, made of the above
        importlib.import_module(f"gevent.testing.{name}")
    for name in ("tcp_listener", "bind_and_listen"):
        setattr(sys.modules["gevent.testing"], name, getattr(sys.modules["gevent.testing.sockets"], name))


def _core(hub: dict[str, Any], patch_all: Callable[..., None]) -> dict[str, dict[str, Any]]:
    threads = sys.modules["threading"]
    return {
        "gevent": {
            "spawn": Green.spawn, "Greenlet": Green, "sleep": _sleep, "idle": _sleep,
            "joinall": _joinall, "Timeout": Timeout, "GreenletExit": GreenletExit, **hub,
        },
        "gevent.tests": {},
        "gevent.hub": hub,
        "gevent._hub_local": {"get_hub_if_exists": lambda: None},
        "gevent.exceptions": hub,
        "gevent.core": {},
        "gevent._compat": {"reraise": _reraise, "perf_counter": time.perf_counter},
        "gevent.monkey": {
            "patch_all": patch_all,
            "is_module_patched": lambda _name: threads.Thread.__name__ == "GreenThread",
            "get_original": lambda module, name: getattr(sys.modules[module], name),
        },
    }  # fmt: skip


def _library() -> dict[str, dict[str, Any]]:
    queues = {name: getattr(queue, name) for name in ("Queue", "LifoQueue", "PriorityQueue", "Empty", "Full")}
    return {
        "gevent.queue": {
            **queues, "JoinableQueue": queue.Queue, "Channel": Missing,
            # gevent's takes a size, which Python's does not.
            "SimpleQueue": queue.Queue, "ShutDown": getattr(queue, "ShutDown", Missing),
        },
        "gevent.lock": {"Semaphore": Semaphore, "BoundedSemaphore": BoundedSemaphore, "RLock": RLock},
        "gevent.event": {"Event": threading.Event, "AsyncResult": AsyncResult},
        "gevent.thread": {"allocate_lock": threading.Lock, "start_new_thread": start_new_thread},
        "gevent.select": {},
        "gevent.util": {"wrap_errors": _wrap_errors},
        "gevent.server": {"StreamServer": StreamServer},
    }  # fmt: skip


def _testing() -> dict[str, dict[str, Any]]:
    support, socket_helper, threading_helper = map(importlib.import_module, _SUPPORT)

    unchanged = lambda test: test  # noqa: E731 - a decorator that does nothing
    host = {
        "DEFAULT_LOCAL_HOST_ADDR": "127.0.0.1", "DEFAULT_BIND_ADDR": "127.0.0.1", "DEFAULT_CONNECT": "127.0.0.1",
        "DEFAULT_CONNECT_HOST": "127.0.0.1", "DEFAULT_BIND_ADDR_TUPLE": ("127.0.0.1", 0), "LARGE_TIMEOUT": 15,
        "PYPY": False, "PYPY3": False, "RUNNING_ON_CI": False, "RUNNING_ON_APPVEYOR": False,
    }  # fmt: skip
    helpers = {**vars(socket_helper), **vars(threading_helper), **vars(support), "HOST": "127.0.0.1"}
    network = {"skipWithoutExternalNetwork": unittest.skip}
    cases = {"TestCase": TestCase, "TimeAssertMixin": TestCase}
    return {
        "gevent.testing": {
            **host,
            **network,
            **cases,
            "ignores_leakcheck": unchanged,
            "main": unittest.main,
            "skipIf": unittest.skipIf,
            "skipUnless": unittest.skipUnless,
        },
        "gevent.testing.support": helpers,
        "gevent.testing.params": host,
        "gevent.testing.sysinfo": {**host, "CONN_REFUSED_ERRORS": (111, 61)},
        "gevent.testing.leakcheck": {"ignores_leakcheck": unchanged},
        "gevent.testing.skipping": network,
        "gevent.testing.testcase": cases,
    }
