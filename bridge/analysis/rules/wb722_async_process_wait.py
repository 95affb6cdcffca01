"""An async function that waits for a process.

## What it does

Finds what WB112 finds, inside `async def` or in helpers that one calls (ASYNC222).

## Why it blocks

The event loop waits as long as the process lives.

## Example

    import os

    async def finish(pid):
        os.waitpid(pid, 0)

## Use instead

    import asyncio
    import os

    async def finish(pid):
        await asyncio.to_thread(os.waitpid, pid, 0)

## References

- https://flake8-async.readthedocs.io/en/latest/rules.html#async222
- https://docs.astral.sh/ruff/rules/wait-for-process-in-async-function/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB722",
    name="async-process-wait",
    message="{sink} stops the event loop until a process ends",
    effort=3,
    place=Place.EVENT_LOOP,
    takes_over=("WB112",),
)
