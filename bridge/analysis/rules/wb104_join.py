"""A request that waits for a thread, a process or a future to end.

## What it does

Finds `Thread.join`, `Process.join`, `Future.result`, `concurrent.futures.wait`, `Executor.map` and pools of
`multiprocessing`.

## Why it blocks

Two threads do the work of one: the one that works, and the one that stands and waits for it.

## Example

    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor()

    def prices(carriers):
        return [future.result() for future in [pool.submit(ask, each) for each in carriers]]

## Use instead

    import asyncio

    async def prices(carriers):
        return await asyncio.gather(*(asyncio.to_thread(ask, each) for each in carriers))

## References

- https://docs.python.org/3/library/concurrent.futures.html
- https://docs.python.org/3/library/asyncio-task.html#running-in-threads
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB104",
    name="join",
    message="{sink} waits for other work to end",
    effort=3,
    sinks=(
        "threading.Thread",
        "threading.Timer",
        "multiprocessing.Process",
        "multiprocessing.Pool",
        "multiprocessing.pool",
        "concurrent.futures",
    ),
)
