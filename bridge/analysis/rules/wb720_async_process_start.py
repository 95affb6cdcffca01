"""An async function that starts a process.

## What it does

Finds what WB111 finds, inside `async def` or in helpers that one calls (ASYNC220).

## Why it blocks

Starting a process copies memory maps and sets up pipes while the event loop stands still.

## Example

    import subprocess

    async def convert(path):
        return subprocess.Popen(["convert", path, path + ".png"])

## Use instead

    import asyncio

    async def convert(path):
        return await asyncio.create_subprocess_exec("convert", path, path + ".png")

## References

- https://flake8-async.readthedocs.io/en/latest/rules.html#async220
- https://docs.astral.sh/ruff/rules/create-subprocess-in-async-function/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB720",
    name="async-process-start",
    message="{sink} stops the event loop while a process starts",
    effort=3,
    place=Place.EVENT_LOOP,
    takes_over=("WB111",),
)
