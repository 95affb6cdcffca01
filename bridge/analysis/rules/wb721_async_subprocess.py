"""An async function that runs a program and waits for its end.

## What it does

Finds what WB110 finds, inside `async def` or in helpers that one calls (ASYNC221).

## Why it blocks

The event loop waits until the program has ended.

## Example

    import subprocess

    async def version(request):
        return subprocess.check_output(["git", "describe"])

## Use instead

    import asyncio

    async def version(request):
        process = await asyncio.create_subprocess_exec("git", "describe", stdout=asyncio.subprocess.PIPE)
        return (await process.communicate())[0]

## References

- https://flake8-async.readthedocs.io/en/latest/rules.html#async221
- https://docs.astral.sh/ruff/rules/run-process-in-async-function/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB721",
    name="async-subprocess",
    message="{sink} stops the event loop until a program has ended",
    effort=3,
    place=Place.EVENT_LOOP,
    takes_over=("WB110",),
)
