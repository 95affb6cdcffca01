"""Calls that wait inside C code, where no patch reaches: they run in a thread while the greenlet waits.

The thread runs in a copy of the request's context. The call can't be stopped. A greenlet that is cancelled meanwhile

- does not wait for it, and the result is dropped (`in_thread`), or given to somebody who closes it
  (`in_thread_or_drop`, for what makes connections);
- or ends only after it (`in_thread_to_the_end`), where the call uses an object that the greenlet goes on to use:
  to close a connection in the middle of its query, or to give it back to a pool, is at best an error of its driver.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Generic, TypeVar

from bridge.cooperative.switch import await_

__all__ = [
    "MAX_THREADS",
    "close_quietly",
    "in_thread",
    "in_thread_or_drop",
    "in_thread_to_the_end",
    "shutdown",
]

T = TypeVar("T")

MAX_THREADS = 64  # at once in one process; arbitrary: name look-ups and SQLite are short

_pool: ThreadPoolExecutor | None = None


def in_thread(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Return what `function` returns, called in a thread of the pool; in a bridge greenlet only."""
    return await_(_Call(function, arguments, options))


def in_thread_or_drop(
    drop: Callable[[T], object], function: Callable[..., T], *arguments: Any, **options: Any
) -> T:
    """As `in_thread`; what the call returns to a greenlet that was cancelled meanwhile is given to `drop`."""
    call = _Call(function, arguments, options)
    try:
        return await_(call)
    except BaseException:  # cancelled; or the call's own error, and there is nothing to drop

        def drop_result(ended: Future[T]) -> None:
            if not ended.cancelled() and ended.exception() is None:
                drop(ended.result())

        if call.future is not None:
            call.future.add_done_callback(drop_result)
        raise


def in_thread_to_the_end(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """As `in_thread`; a greenlet that is cancelled meanwhile is so when the call has ended.

    But for one whose event loop has ended, which has nothing to wait with.
    """
    call = _Call(function, arguments, options)
    cancelled: BaseException | None = None
    try:
        while True:
            try:
                result = await_(call)
            except BaseException as error:
                if call.done() or asyncio._get_running_loop() is None:  # noqa: SLF001 - its public twin raises
                    if cancelled is None:  # the call's own error, or nothing to wait with
                        raise
                    raise cancelled  # noqa: B904 - the call's error, of which nobody is told, is its context
                cancelled = cancelled or error
            else:
                if cancelled is not None:
                    raise cancelled
                return result
    finally:
        cancelled = None  # its traceback leads here: no reference cycle


class _Call(Generic[T]):
    """A call in the pool, which begins when it is first awaited: by the request's task.

    In the greenlet the start of a new thread would be one more wait, which a cancellation could end half-way: the
    call would run, with nobody to know of it, and the pool would never hear of its thread.
    """

    __slots__ = ("_run", "future")

    def __init__(self, function: Callable[..., T], arguments: Any, options: Any) -> None:
        context = contextvars.copy_context()
        self._run = lambda: context.run(function, *arguments, **options)
        self.future: Future[T] | None = None

    def __await__(self) -> Generator[Any, Any, T]:
        if self.future is None:
            self.future = _threads().submit(self._run)
        return asyncio.wrap_future(self.future).__await__()

    def done(self) -> bool:
        """Whether it has ended, or will never begin."""
        return self.future is None or self.future.done()


def close_quietly(made: object) -> None:
    """Close what a request has opened and never got, if it can be closed; nobody is left to be told of an error."""
    with suppress(Exception):
        close = getattr(made, "close", None)
        if callable(close):
            close()


def _threads() -> ThreadPoolExecutor:
    global _pool  # noqa: PLW0603 - one pool a process, made when it is first needed
    if _pool is None:
        _pool = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="bridge-offload")
    return _pool


def shutdown() -> None:
    """End the threads of the pool; the next call starts new ones."""
    global _pool
    pool, _pool = _pool, None
    if pool is not None:
        pool.shutdown(wait=True)


def _forget() -> None:
    global _pool  # noqa: PLW0603 - as above
    _pool = None  # its threads exist in the parent only


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_forget)
