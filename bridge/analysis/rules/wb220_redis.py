"""A request that talks to Redis through a blocking client.

## What it does

Finds commands of redis-py, and of what stands on it: Flask-Redis, django-redis, walrus.

## Why it blocks

Each command is a round trip. It is a short one, until the server is busy or a pool is empty; `blpop`,
`pubsub.listen` and locks wait on purpose.

## Example

    import redis

    store = redis.Redis()

    def visits(page):
        return store.incr(page)

## Use instead

    import redis.asyncio

    store = redis.asyncio.Redis()

    async def visits(page):
        return await store.incr(page)

## References

- https://redis.readthedocs.io/en/stable/examples/asyncio_examples.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB220",
    name="redis",
    message="{sink} waits for Redis",
    sinks=(
        "redis",
        "flask_redis",
        "django_redis",
        "walrus",
        "rediscluster",
        "fakeredis",
        "redlock",
        "redis_lock",
        "valkey",
        "limits",
        "flask_limiter",
        "redis_om",
    ),
)
