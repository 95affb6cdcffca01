"""Calls that wait inside C code, where no patch reaches: they run in a thread while the greenlet waits.

The thread runs in a copy of the request's context. A greenlet that is cancelled meanwhile does not wait for
the call, which can't be stopped: its result is dropped.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bridge.cooperative.switch import await_

__all__ = ["MAX_THREADS", "in_thread", "shutdown"]

T = TypeVar("T")

MAX_THREADS = 64  # at once in one process; arbitrary: name look-ups and SQLite are short

_pool: ThreadPoolExecutor | None = None


def in_thread(function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Return what `function` returns, called in a thread of the pool; in a bridge greenlet only."""
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()
    return await_(loop.run_in_executor(_threads(), lambda: context.run(function, *arguments, **options)))


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
