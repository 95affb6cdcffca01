"""An async function that calls `time.sleep`.

## What it does

Finds what WB101 and WB130 find, inside `async def` or in helpers that one calls (ASYNC251).

## Why it blocks

The event loop sleeps, and with it every request of the process.

## Example

    import time

    async def poll(request):
        time.sleep(1)

## Use instead

    import asyncio

    async def poll(request):
        await asyncio.sleep(1)

## References

- https://flake8-async.readthedocs.io/en/latest/rules.html#async251
- https://docs.astral.sh/ruff/rules/blocking-sleep-in-async-function/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB751",
    name="async-sleep",
    message="{sink} puts the event loop to sleep",
    place=Place.EVENT_LOOP,
    takes_over=(
        "WB101",
        "WB130",
    ),
)
