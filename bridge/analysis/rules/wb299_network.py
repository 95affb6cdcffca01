"""A request that waits for the network in a way that no other rule names.

## What it does

Finds calls of the knowledge base, or of `sinks` in your configuration, whose category is network and which no
other rule of this family claims.

## Why it blocks

The thread waits for another machine.

## Example

    import ourcompany.rpc

    def price(product):
        return ourcompany.rpc.call("pricing", product)

## Use instead

    import asyncio

    import ourcompany.rpc

    async def price(product):
        return await asyncio.to_thread(ourcompany.rpc.call, "pricing", product)

## References

- https://docs.python.org/3/library/asyncio-task.html#running-in-threads
"""

from __future__ import annotations

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB299",
    name="network",
    message="{sink} waits for the network",
    effort=3,
    categories=(Category.NETWORK,),
)
