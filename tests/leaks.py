"""Threads and tasks that a test left behind."""

from __future__ import annotations

import asyncio
import threading
import time

__all__ = ["left_tasks", "left_threads"]

GRACE = 5.0  # seconds that a thread has to end after its test; a loaded machine needs some
# asyncio's default executor belongs to the loop, which pytest-asyncio closes after us; anyio's and
# asgiref's threads end with the loop, and pytest-timeout's and execnet's are the test runner's own.
FOREIGN = ("asyncio_", "AnyIO worker thread", "ThreadPoolExecutor-", "pytest_timeout", "execnet")


def left_threads(before: set[threading.Thread]) -> list[str]:
    """Return the names of threads that run now, did not run before, and don't end within the grace."""
    deadline = time.monotonic() + GRACE
    new = [thread for thread in threading.enumerate() if thread not in before and not _is_foreign(thread)]
    for thread in new:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in new if thread.is_alive()]


def _is_foreign(thread: threading.Thread) -> bool:
    return thread is threading.current_thread() or thread.name.startswith(FOREIGN)


async def left_tasks(before: set[asyncio.Task[object]]) -> list[str]:
    """Return what tasks of this loop are doing that were not there before and don't end within the grace."""
    new = asyncio.all_tasks() - before - {asyncio.current_task()}
    if not new:
        return []
    _, pending = await asyncio.wait(new, timeout=GRACE)
    return [repr(task.get_coro()) for task in pending]
