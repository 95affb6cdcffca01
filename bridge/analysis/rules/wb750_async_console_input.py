"""An async function that reads from the terminal.

## What it does

Finds what WB106 finds, inside `async def` or in helpers that one calls (ASYNC250).

## Why it blocks

The event loop waits until somebody has typed a line.

## Example

    async def confirm():
        return input("Really? ")

## Use instead

    import asyncio

    async def confirm():
        return await asyncio.to_thread(input, "Really? ")

## References

- https://flake8-async.readthedocs.io/en/latest/rules.html#async250
- https://docs.astral.sh/ruff/rules/blocking-input-in-async-function/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB750",
    name="async-console-input",
    message="{sink} stops the event loop until somebody types",
    place=Place.EVENT_LOOP,
    takes_over=("WB106",),
)
