"""Something that is made once for each thread and kept in a `threading.local` for later requests.

## What it does

Finds attributes of `threading.local` objects that a function on a request looks for before it sets them, and all
who use them: a connection, a client, a parser for each thread. What a hook, a middleware or a signal's receiver removes
from there at each of these requests, or sets anew, is the request's own: WB501.

## Why it blocks

The pool of threads is the pool of these things: as many as there are threads, each used by one request at a time.
Without threads all requests use the one of the event loop's thread at once, and a transaction of one visitor is in the
middle of another's. Nothing takes its place one to one: the number and the owner of these things must be decided anew.

## Example

    import sqlite3
    import threading

    kept = threading.local()

    def connection():
        if not hasattr(kept, "connection"):
            kept.connection = sqlite3.connect("shop.db")
        return kept.connection

## Use instead

    from psycopg_pool import AsyncConnectionPool

    pool = AsyncConnectionPool("dbname=shop", open=False)

    async def orders():
        async with pool.connection() as connection:
            return await connection.execute("SELECT * FROM orders")

## References

- https://docs.python.org/3/library/threading.html#thread-local-data
- https://www.psycopg.org/psycopg3/docs/advanced/pool.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.thread_locals import uses

__all__ = ["RULE"]


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each attribute that is kept, once for each function that uses it on a request."""
    for use in uses(inspection):
        if use.is_kept:
            verb = "keeps" if use.is_set else "uses"
            yield use.spot.obstacle(
                sink="threading.local",
                message=f"{verb} .{use.attribute} of a threading.local from request to request: one for each thread",
                category=Category.THREAD_LOCAL,
            )


RULE = Rule(
    code="WB505",
    name="kept-in-thread",
    message="{sink} keeps something for each thread",
    effort=5,
    binds=True,
    obstacles=obstacles,
)
