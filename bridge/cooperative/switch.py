"""Synchronous code in a greenlet, waiting for an event loop: spawning, `await_`, and a pool.

Theory of operation. The request's own task is the driver, as in SQLAlchemy's `greenlet_spawn`: it switches
into a child greenlet, which runs synchronous code until that hands an awaitable up, awaits it, and switches
back with the result.

    the request's task (driver)              child greenlet
    ---------------------------              --------------
    begin(function) ---- switch -----------> function() ... sock.recv()
                                               nothing there yet: await_(future)
    await future    <--- switch(future) ----
    (other tasks run)
    the future is done - switch(result) ---> recv() returns ... function() returns
    None            <--- switch(REST) ------ rests in the pool

As the driver is the request's task, `asyncio.current_task`, timeouts and cancellation mean what they always
mean: whatever is raised at the driver's `await` is thrown into the child. The child runs in the context of
that task itself, not in a copy, so context variables need no carrying to and fro, and tokens stay valid.

Children are pooled: a new greenlet maps a new interpreter data stack (40 us), a rested one costs a switch.
A greenlet belongs to its thread, so does a pool. A driver never drops a suspended child: if its coroutine is
closed (the loop has ended), the child is made to end first. What is left to the garbage collector would be
killed at an arbitrary moment.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import suppress
from types import FrameType
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from bridge.errors import GreenletStuck, NotInGreenlet

__all__ = [
    "BridgeGreenlet",
    "Suspended",
    "await_",
    "await_here",
    "await_promptly",
    "begin",
    "call_outside",
    "empty_pool",
    "maybe_current",
    "pool_size",
    "ready_to_wait",
    "run_in_greenlet",
    "subject_of",
]

T = TypeVar("T")
_OnWait = Callable[[], Awaitable[None] | None] | None

MAX_RESTING = 1000  # greenlets a thread; each keeps 4 to 16 KiB of data stack, a new one costs 40 us
MOST_REFUSALS = 100  # times that code may wait again while it is being ended; arbitrary, then it is given up

_REST: Any = type("REST", (), {"__repr__": lambda _: "REST"})()


class BridgeGreenlet(greenlet):
    """A greenlet whose parent awaits what it switches up; the protocol is SQLAlchemy's (2.0.31 and later).

    `subject` is what it works for: the job of an executor, or None. `values` holds what `threading.local`
    keeps for it, by the id of the local, until the work ends. `on_wait` is `begin`'s.
    """

    __slots__ = ("on_wait", "subject", "values")

    __sqlalchemy_greenlet_provider__ = True

    subject: Any
    values: dict[int, Any]
    on_wait: _OnWait

    def run(self) -> None:
        """Run one function after the other, resting between them, and before the first."""
        self.values = {}
        while True:
            self.subject = self.on_wait = None
            if self.values:
                self.values = {}
            parent = self.parent
            assert parent is not None
            function = parent.switch(_REST)
            if function is None:
                return
            try:
                function()
            except BaseException:  # it promised to raise nothing; the pool must not lose a greenlet for it
                _report()
            del function


class _Pool(threading.local):
    """The resting greenlets of one thread."""

    def __init__(self) -> None:
        self.resting: list[BridgeGreenlet] = []


_pool = _Pool()


def maybe_current() -> BridgeGreenlet | None:
    """Return the bridge greenlet that calls, None outside of one."""
    current = getcurrent()
    return current if type(current) is BridgeGreenlet else None


def subject_of(frame: FrameType | None) -> Any:
    """Return what the greenlet that a stack belongs to works for; None for other stacks."""
    while frame is not None:
        if frame.f_code is BridgeGreenlet.run.__code__:
            return frame.f_locals["self"].subject
        frame = frame.f_back
    return None


def await_(awaitable: Awaitable[T]) -> T:
    """Await in synchronous code: return the result of `awaitable` while the event loop goes on.

    It is awaited by the request's own task, on the server's loop. Raises what it raises, and `NotInGreenlet`
    outside of a request of the greenlet lane.
    """
    current = getcurrent()
    if type(current) is not BridgeGreenlet:
        _discard(awaitable)
        raise NotInGreenlet(awaitable)
    return current.parent.switch(awaitable)  # type: ignore[union-attr,no-any-return]  # a child has a parent


def await_here(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine inside this greenlet, and hand only its waits up.

    Other than with `await_`, synchronous code that it calls may wait cooperatively, too: an `async def` view
    that reads the request body or asks a database driver. Raises as `await_` does.
    """
    advance: Callable[[], Any] = lambda: coroutine.send(None)  # noqa: E731 - the first of three kinds of step
    if maybe_current() is None:
        coroutine.close()
        raise NotInGreenlet(coroutine)
    while True:
        try:
            awaited = advance()
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # what the coroutine returned
        try:
            value = await_(_Bare(awaited))
        except BaseException as error:  # whatever it is, it was meant for the coroutine
            advance = _thrower(coroutine, error)
        else:
            advance = _sender(coroutine, value)


def await_promptly(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await a coroutine, and begin it here: one that does not wait costs no switch.

    From its first wait on it is the task's, as with `await_`. Raises as `await_` does.
    """
    if type(getcurrent()) is not BridgeGreenlet:
        coroutine.close()
        raise NotInGreenlet(coroutine)
    try:
        awaited = coroutine.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what the coroutine returned
    return await_(_Begun(coroutine, awaited))  # type: ignore[no-any-return]  # what the coroutine returns


def _sender(coroutine: Coroutine[Any, Any, Any], value: Any) -> Callable[[], Any]:
    return lambda: coroutine.send(value)


def _thrower(coroutine: Coroutine[Any, Any, Any], error: BaseException) -> Callable[[], Any]:
    return lambda: coroutine.throw(error)


class _Bare:
    """Yields to the task what a coroutine has yielded, as it is."""

    __slots__ = ("_awaited",)

    def __init__(self, awaited: Any) -> None:
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self._awaited)


class _Begun:
    """Awaits the rest of a coroutine that has begun elsewhere, and waits for `awaited`."""

    __slots__ = ("_awaited", "coroutine")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], awaited: Any) -> None:
        self.coroutine = coroutine
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, Any]:
        coroutine, awaited = self.coroutine, self._awaited
        try:
            while True:
                try:
                    value = yield awaited
                except GeneratorExit:
                    coroutine.close()
                    raise
                except BaseException as error:  # whatever it is, it was meant for the coroutine
                    awaited = coroutine.throw(error)
                else:
                    awaited = coroutine.send(value)
        except StopIteration as end:
            return end.value


def call_outside(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Call a function beside the bridge greenlet that asks, in its context: what it waits for holds the loop up.

    So it can't be cancelled half-way, and no lock that it takes is held while others run. For waits that are short.
    """
    beside = greenlet(function)
    beside.gr_context = getcurrent().gr_context
    return beside.switch(*arguments, **options)  # type: ignore[no-any-return]  # what the function returns


def ready_to_wait(current: BridgeGreenlet) -> None:
    """Do now what comes before a wait: others are going to count on this greenlet to go on when it is told."""
    first = None if current.on_wait is None else current.on_wait()
    if first is not None:
        await_(first)


# ---------------------------------------------------------------- the driver's side


def begin(function: Callable[[], object], subject: Any = None, on_wait: _OnWait = None) -> Suspended | None:
    """Run `function` in a greenlet until it ends or first waits; None: it has ended.

    It shares the context of the caller, a task. What it raises is reported as in a thread: it should not. What
    `on_wait()` returns, if anything, is awaited before what the greenlet waits for, each time.
    """
    driver = getcurrent()
    resting = _pool.resting
    child = resting.pop() if resting else _hired()
    if child.parent is not driver:
        child.parent = driver
    child.subject = subject
    child.on_wait = on_wait
    child.gr_context = driver.gr_context
    handed = child.switch(function)
    if handed is _REST:
        _rest(child, resting)
        return None
    return Suspended(child, handed)


def _hired() -> BridgeGreenlet:
    """Return a new greenlet that rests.

    It starts without work: the arguments and the context of its first switch would be kept as long as it lives.
    """
    child = BridgeGreenlet()
    child.switch()
    return child


def _rest(child: BridgeGreenlet, resting: list[BridgeGreenlet]) -> None:
    """Keep a greenlet for later, unless there are enough."""
    child.gr_context = None  # it holds what the request has put in there
    if len(resting) < MAX_RESTING:
        resting.append(child)
    else:
        child.switch(None)


class Suspended:
    """A greenlet that waits for what it has handed up. `finish` must be awaited, or `close` called."""

    __slots__ = ("_child", "_handed")

    def __init__(self, child: BridgeGreenlet, handed: Awaitable[Any]) -> None:
        self._child = child
        self._handed = handed

    async def finish(self, on_cancel: Callable[[], None] | None = None) -> None:
        """Drive it to its end.

        A cancellation is thrown into it, after `on_cancel()`, and raised again once it has ended: it may
        clean up, and wait for that, but not undo the cancellation.
        """
        child, handed = self._child, self._handed
        cancelled: asyncio.CancelledError | None = None
        try:
            while handed is not _REST:
                try:
                    first = None if child.on_wait is None else child.on_wait()
                    value = await (handed if first is None else _one_after_the_other(first, handed))
                except GeneratorExit:  # this coroutine is being closed: there is no loop to wait on
                    self._handed = handed
                    self.close()
                    raise
                except BaseException as error:  # the greenlet's affair, whatever it is
                    if isinstance(error, asyncio.CancelledError) and _is_asked_to_end():
                        cancelled = error
                        if on_cancel is not None:
                            on_cancel()
                    handed = child.throw(error)
                else:
                    handed = child.switch(value)
            _rest(child, _pool.resting)
            if cancelled is not None:
                raise cancelled
        finally:
            cancelled = None  # its traceback leads here: no reference cycle

    def close(self) -> None:
        """End the greenlet now, although nothing it waits for will come; raises `GreenletStuck` if it won't."""
        child = self._child
        for _ in range(MOST_REFUSALS):
            _discard(self._handed)
            child.parent = getcurrent()
            self._handed = child.throw(asyncio.CancelledError("the event loop has ended"))
            if self._handed is _REST:
                _rest(child, _pool.resting)
                return
        _discard(self._handed)
        raise GreenletStuck(child.subject)


async def _one_after_the_other(first: Awaitable[None], then: Awaitable[T]) -> T:
    try:
        await first
    except BaseException:  # cancelled: nobody is going to await it
        _discard(then)
        raise
    return await then


def _discard(awaitable: Any) -> None:
    """Close a coroutine that nobody is going to await, before Python complains about it."""
    if type(awaitable) is _Begun:
        awaitable = awaitable.coroutine
    if asyncio.iscoroutine(awaitable):
        awaitable.close()


def _is_asked_to_end() -> bool:
    """Tell a cancellation of the driver's task from one of the future that it awaited.

    Python 3.10 can't tell: there every cancellation counts as one of the task.
    """
    task = asyncio.current_task()
    cancelling = getattr(task, "cancelling", None)  # Python 3.11
    return cancelling is None or bool(cancelling())


async def run_in_greenlet(function: Callable[..., T], *arguments: Any) -> T:
    """Return what `function(*arguments)` returns, called in a greenlet where it may `await_`."""
    outcome: list[T] = []
    failure: list[BaseException] = []

    def call() -> None:
        try:
            outcome.append(function(*arguments))
        except BaseException as error:  # raised below, in the task that asked
            failure.append(error)

    suspended = begin(call)
    if suspended is not None:
        await suspended.finish()
    if failure:
        raise failure.pop()
    return outcome[0]


def pool_size() -> int:
    """Return how many greenlets rest in this thread."""
    return len(_pool.resting)


def empty_pool() -> None:
    """End the resting greenlets of this thread."""
    resting = _pool.resting  # the list stays: requests that still run come back to it
    while resting:
        child = resting.pop()
        child.parent = getcurrent()
        child.switch(None)


def _report() -> None:
    """Report what a job has raised, as a thread would; by no means raise."""
    with suppress(Exception):
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
