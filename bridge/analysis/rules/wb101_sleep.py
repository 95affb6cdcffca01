"""A request that sleeps.

## What it does

Finds `time.sleep` and its kin on a request, however many calls below the view.

## Why it blocks

A thread that sleeps serves nobody. With forty threads, forty requests that sleep for a second are all that the
process does in that second. On an event loop one of them stops every request.

## Example

    import time

    def quote(carrier):
        for attempt in range(3):
            if carrier.ready():
                return carrier.rate()
            time.sleep(0.5)

## Use instead

    import asyncio

    async def quote(carrier):
        for attempt in range(3):
            if await carrier.ready():
                return await carrier.rate()
            await asyncio.sleep(0.5)

## References

- https://docs.python.org/3/library/time.html#time.sleep
- https://docs.python.org/3/library/asyncio-task.html#sleeping
"""

from __future__ import annotations

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB101",
    name="sleep",
    message="{sink} sleeps while the request waits",
    sinks=(
        "time.sleep",
        "gevent.sleep",
        "eventlet.sleep",
        "eventlet.greenthread.sleep",
    ),
    categories=(Category.SLEEP,),
)
