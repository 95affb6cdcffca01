"""A request that starts a thread.

## What it does

Finds `threading.Thread(...).start()`, `Timer`, and executors made on a request.

## Why it blocks

The new thread has neither the request's `threading.local` nor its `contextvars`, nobody joins it, and under
load there is a thread for each request. When the process stops, its work is lost.

## Example

    import threading

    def review(request):
        threading.Thread(target=send_mail, args=[request.form["text"]]).start()

## Use instead

    import asyncio

    background = set()

    async def review(request):
        task = asyncio.create_task(asyncio.to_thread(send_mail, request.form["text"]))
        background.add(task)
        task.add_done_callback(background.discard)

## References

- https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
- https://docs.python.org/3/library/threading.html#threading.Thread
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import external_calls, once

__all__ = ["RULE"]

STARTS = frozenset(
    {
        "threading.Thread.start",
        "threading.Timer.start",
        "_thread.start_new_thread",
        "concurrent.futures.ThreadPoolExecutor",
        "concurrent.futures.thread.ThreadPoolExecutor",
        "concurrent.futures.ProcessPoolExecutor",
        "multiprocessing.pool.ThreadPool",
    }
)


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each place where a request starts a thread."""
    for spot, name in once(external_calls(inspection, STARTS.__contains__)):
        yield spot.obstacle(
            sink=name,
            message=f"{name} starts threads for this request that know nothing of it",
        )


RULE = Rule(
    code="WB531",
    name="thread-started",
    message="{sink} starts a thread for each request",
    severity=Severity.WARNING,
    effort=3,
    obstacles=obstacles,
)
