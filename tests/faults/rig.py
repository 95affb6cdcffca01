"""What the fault tests are built from: applications that count, meetings of threads, coroutines that are cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator
from typing import Any

from bridge.executors.base import Executor, ExecutorStatistics

__all__ = ["LIMIT", "CancelledAt", "Counted", "Meeting", "finished", "in_thread", "settled"]

LIMIT = 20.0  # seconds that anything here waits before it fails; generous for two busy cores

WsgiApp = Callable[..., Iterable[bytes]]


class Counted:
    """A WSGI application that counts its calls, its returns and the `close()` of what it returned.

    `thread_of_close` and `thread_of_call` are those of the last request.
    """

    def __init__(self, app: WsgiApp, *, raise_in_close: BaseException | None = None) -> None:
        self._app = app
        self._raise_in_close = raise_in_close
        self.calls = 0
        self.returns = 0
        self.closes = 0
        self.thread_of_call = self.thread_of_close = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.calls += 1
        self.thread_of_call = threading.get_ident()
        blocks = self._app(environ, start_response)
        self.returns += 1
        return _CountedIterable(blocks, self)

    def _closed(self) -> None:
        self.closes += 1
        self.thread_of_close = threading.get_ident()
        if self._raise_in_close is not None:
            raise self._raise_in_close


class _CountedIterable:
    def __init__(self, blocks: Iterable[bytes], counted: Counted) -> None:
        self._blocks = iter(blocks)
        self._counted = counted

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        close = getattr(self._blocks, "close", None)
        if close is not None:
            close()
        self._counted._closed()


class Meeting:
    """One point in time that a worker thread and the test agree on.

    The worker says `arrive()` and goes on once the test has said `let_go()`; the test waits for it
    with `await meeting.arrived()`. A party that never comes fails the test after `LIMIT`.
    """

    def __init__(self) -> None:
        self._here = threading.Event()
        self._go = threading.Event()

    def arrive(self) -> None:
        """Called by the worker: be here, and wait to be let go."""
        self._here.set()
        assert self._go.wait(LIMIT), "the test never let the worker go"

    def pass_by(self) -> None:
        """Called by the worker: be here, and go on."""
        self._here.set()

    async def arrived(self) -> None:
        """Wait until the worker is here."""
        assert await in_thread(self._here.wait, LIMIT), "the worker never arrived"

    def let_go(self) -> None:
        """Let the worker go on, now or when it comes."""
        self._go.set()


async def in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run what blocks in a thread, not on the loop."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)


class CancelledAt:
    """Awaits a coroutine, and has the task that does so cancelled when it waits for the `n`-th time.

    `suspensions` tells how often it has waited: less than `n` means that it ended uncancelled.
    """

    def __init__(self, coroutine: Awaitable[Any], n: int) -> None:
        self._coroutine = coroutine
        self._n = n
        self.suspensions = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._coroutine.__await__()
        advance: Callable[[], Any] = lambda: next(steps)  # noqa: E731 - the first of two kinds of step
        while True:
            try:
                awaited = advance()
            except StopIteration as end:
                return end.value
            self.suspensions += 1
            if self.suspensions == self._n:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            try:
                yield awaited
            except BaseException as error:  # the cancellation: it belongs into the coroutine
                advance = _thrower(steps, error)
            else:
                advance = lambda: next(steps)  # noqa: E731 - as above


def _thrower(steps: Any, error: BaseException) -> Callable[[], Any]:
    return lambda: steps.throw(error)


async def finished(executor: Executor) -> list[str]:
    """Drain the executor; returns the requests it had to leave behind, and checks its statistics."""
    left = await executor.drain()
    if not left:
        settled(executor.statistics())
    return left


def settled(statistics: ExecutorStatistics) -> None:
    """Check that the numbers are those of an executor with nothing to do."""
    assert statistics.active == 0, statistics
    assert statistics.queued == 0, statistics
    assert statistics.started == statistics.finished, statistics
    assert statistics.wait_seconds >= 0.0, statistics
    assert statistics.run_seconds >= 0.0, statistics
