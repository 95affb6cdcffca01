"""An async function that computes for a long time.

## What it does

Finds what the rules of the family WB4 find, inside `async def` or in helpers that one calls.

## Why it blocks

Nothing else runs on the event loop until the computation is done.

## Example

    import bcrypt

    async def login(request):
        return bcrypt.checkpw(request.password, request.user.password)

## Use instead

    import asyncio

    import bcrypt

    async def login(request):
        return await asyncio.to_thread(bcrypt.checkpw, request.password, request.user.password)

## References

- https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB755",
    name="async-cpu",
    message="{sink} keeps the event loop busy",
    place=Place.EVENT_LOOP,
    takes_over=("WB4",),
)
