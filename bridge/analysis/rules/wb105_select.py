"""A request that waits for file descriptors.

## What it does

Finds `select.select`, `poll`, `epoll` and `selectors`.

## Why it blocks

The call returns when a descriptor is ready; until then the thread, or the whole event loop, waits with it.

## Example

    import select

    def answer(connection):
        select.select([connection], [], [], 5.0)
        return connection.recv(1024)

## Use instead

    import asyncio

    async def answer(connection):
        loop = asyncio.get_running_loop()
        return await loop.sock_recv(connection, 1024)

## References

- https://docs.python.org/3/library/select.html
- https://docs.python.org/3/library/asyncio-eventloop.html#working-with-socket-objects-directly
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB105",
    name="select",
    message="{sink} waits until a descriptor is ready",
    effort=5,
    sinks=(
        "select",
        "selectors",
    ),
)
