"""A request that talks to memcached through a blocking client.

## What it does

Finds pymemcache, python-memcached, pylibmc and bmemcached.

## Why it blocks

A round trip for each key. pylibmc waits inside C.

## Example

    from pymemcache.client.base import Client

    cache = Client("localhost")

    def page(name):
        return cache.get(name)

## Use instead

    import aiomcache

    cache = aiomcache.Client("localhost")

    async def page(name):
        return await cache.get(name.encode())

## References

- https://github.com/aio-libs/aiomcache
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB222",
    name="memcached",
    message="{sink} waits for memcached",
    sinks=(
        "pymemcache",
        "memcache",
        "pylibmc",
        "bmemcached",
        "ultramemcache",
    ),
)
