"""A request that waits for an element of a queue, or for room in one.

## What it does

Finds `get`, `put` and `join` on the queues of `queue` and `multiprocessing`.

## Why it blocks

A queue that is empty (or full) keeps the thread until somebody else puts (or takes) something. Without a time
limit that may be never.

## Example

    import queue

    jobs = queue.Queue(maxsize=100)

    def submit(job):
        jobs.put(job)

## Use instead

    import asyncio

    jobs = asyncio.Queue(maxsize=100)

    async def submit(job):
        await jobs.put(job)

## References

- https://docs.python.org/3/library/queue.html
- https://docs.python.org/3/library/asyncio-queue.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB103",
    name="queue",
    message="{sink} waits for another thread to take or to put",
    effort=3,
    sinks=(
        "queue",
        "multiprocessing.Queue",
        "multiprocessing.JoinableQueue",
        "multiprocessing.SimpleQueue",
        "multiprocessing.queues",
        "multiprocessing.Pipe",
        "multiprocessing.connection",
    ),
)
