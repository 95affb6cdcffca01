"""An async function that waits for the network through a blocking library.

## What it does

Finds what the other rules of the family WB2 find, inside `async def` or in helpers that one calls.

## Why it blocks

The event loop waits for another machine, and every request of the process with it.

## Example

    import smtplib

    async def confirm(order):
        smtplib.SMTP("localhost").send_message(order.mail())

## Use instead

    import aiosmtplib

    async def confirm(order):
        await aiosmtplib.send(order.mail(), hostname="localhost")

## References

- https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB754",
    name="async-network",
    message="{sink} stops the event loop until another machine answers",
    effort=3,
    place=Place.EVENT_LOOP,
    takes_over=("WB2",),
)
