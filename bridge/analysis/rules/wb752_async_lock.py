"""An async function that waits for a thread's lock, queue, result or descriptor.

## What it does

Finds what WB102 to WB105 and WB120 find, inside `async def` or in helpers that one calls.

## Why it blocks

The event loop waits for another thread. If that thread waits for the loop, both wait for ever.

## Example

    import threading

    lock = threading.Lock()

    async def price(product):
        with lock:
            return await load(product)

## Use instead

    import asyncio

    lock = asyncio.Lock()

    async def price(product):
        async with lock:
            return await load(product)

## References

- https://docs.python.org/3/library/asyncio-sync.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB752",
    name="async-lock",
    message="{sink} stops the event loop until another thread lets go",
    effort=3,
    place=Place.EVENT_LOOP,
    takes_over=(
        "WB102",
        "WB103",
        "WB104",
        "WB105",
        "WB120",
    ),
)
