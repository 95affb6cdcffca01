"""Greenlets with the interfaces that gevent's and greenletio's suites use: spawned, joined, killed, timed out.

Each is a task that drives a bridge greenlet. The bridge has no such interface, as requests need none; this
one is made of its public parts and of the task that drives.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from bridge.cooperative.switch import await_, maybe_current, run_in_greenlet

__all__ = ["Green", "GreenThread", "GreenletExit", "start_new_thread", "throw"]

_numbers = itertools.count(1)


class GreenletExit(BaseException):
    """What a killed greenlet gets."""


def throw(task: Any, error: BaseException) -> None:
    """Raise `error` in the greenlet that `task` drives, where it waits, or as soon as it does."""
    if task.done():
        return
    waited = task._fut_waiter  # noqa: SLF001 - the one handle on a wait; tests only
    if waited is None:
        task.get_loop().call_soon(throw, task, error)
    elif isinstance(waited, asyncio.Task):
        throw(waited, error)
    elif not waited.done():
        waited.set_exception(error)
    else:
        task.get_loop().call_soon(throw, task, error)


class Green:
    """A function that runs in a greenlet of its own, on the running loop. `value`, `exception`: how it ended."""

    def __init__(self, run: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        self._call: Any = (run, arguments, options)
        self._ended: Future[None] = Future()
        self._task: asyncio.Task[None] | None = None
        self.value: Any = None
        self.exception: BaseException | None = None

    @classmethod
    def spawn(cls, run: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Return one that has been started."""
        made = cls(run, *arguments, **options)
        made.start()
        return made

    def start(self) -> None:
        """Run it when the loop comes to it."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._drive())

    async def _drive(self) -> None:
        await run_in_greenlet(self._run)

    def _run(self) -> None:
        run, arguments, options = self._call
        self._call = None  # what has run is kept by nobody
        try:
            self.value = run(*arguments, **options)
        except GreenletExit as leaving:
            self.value = leaving
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # kept for who asks, as gevent does
            self.exception = error
            traceback.print_exc()
        finally:
            del run, arguments, options
            self._ended.set_result(None)

    def ready(self) -> bool:
        """Tell whether it has ended."""
        return self._ended.done()

    dead = property(ready)

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        try:
            self._ended.result(timeout)
        except TimeoutError:
            return

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Return what it returned; raise what it raised."""
        self._ended.result(timeout if block else 0)
        if self.exception is not None:
            raise self.exception
        return self.value

    def kill(self, exception: Any = GreenletExit, block: bool = True, timeout: float | None = None) -> None:
        """Raise an exception in it, and wait for its end."""
        if self._task is not None and not self.ready():
            throw(self._task, exception() if isinstance(exception, type) else exception)
            if block and maybe_current() is not None:
                self.join(timeout)


class GreenThread(threading.Thread):
    """`threading.Thread`, run by a greenlet: what the suites' own patches make of it.

    `eager`: it has run up to its first wait when `start` returns.
    """

    eager = True

    def start(self) -> None:
        """Start the greenlet."""
        if self._started.is_set():  # type: ignore[attr-defined]  # the base class's own
            raise RuntimeError("threads can only be started once")
        self._started.set()  # type: ignore[attr-defined]  # as above
        self._ident = next(_numbers)
        self._green = Green.spawn(self.run)
        if self.eager:
            await_(asyncio.sleep(0))

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        if not self._started.is_set():  # type: ignore[attr-defined]  # as above
            raise RuntimeError("cannot join thread before it is started")
        if self._green._task is asyncio.current_task():  # noqa: SLF001 - this module's own
            raise RuntimeError("cannot join current thread")
        self._green.join(timeout)

    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self._started.is_set() and not self._green.ready()  # type: ignore[attr-defined]  # as above


def start_new_thread(function: Callable[..., Any], arguments: Any, options: Any = None) -> int:
    """Run it in a greenlet; return a number."""
    Green.spawn(function, *arguments, **(options or {}))
    return next(_numbers)
