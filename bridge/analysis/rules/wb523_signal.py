"""A request that sets a signal handler or an alarm.

## What it does

Finds `signal.signal`, `signal.alarm`, `signal.setitimer` and libraries that put a time limit on code with them.

## Why it blocks

Handlers can be set in the main thread only: a request in a thread pool fails, and on an event loop the handler
interrupts whichever request happens to run.

## Example

    import signal

    def convert(request):
        signal.alarm(5)
        return slow()

## Use instead

    import asyncio

    async def convert(request):
        async with asyncio.timeout(5):
            return await slow()

## References

- https://docs.python.org/3/library/signal.html#signals-and-threads
- https://docs.python.org/3/library/asyncio-task.html#timeouts
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB523",
    name="signal",
    message="{sink} works in the main thread only",
    effort=5,
    sinks=(
        "signal",
        "timeout_decorator",
        "wrapt_timeout_decorator",
        "func_timeout",
        "stopit",
        "faulthandler",
    ),
    binds=True,
)
