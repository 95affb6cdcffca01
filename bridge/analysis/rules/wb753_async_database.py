"""An async function that queries a database through a blocking driver or ORM.

## What it does

Finds what WB210 to WB225 find, inside `async def` or in helpers that one calls.

## Why it blocks

Each query stops the event loop for a round trip, and a slow one for as long as it is slow. Django raises
`SynchronousOnlyOperation` where it notices.

## Example

    async def user(request, number):
        return Session().get(User, number)

## Use instead

    from sqlalchemy.ext.asyncio import async_sessionmaker

    Session = async_sessionmaker()

    async def user(request, number):
        async with Session() as session:
            return await session.get(User, number)

## References

- https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html
- https://docs.djangoproject.com/en/stable/topics/async/#async-safety
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB753",
    name="async-database",
    message="{sink} stops the event loop until the database answers",
    effort=3,
    place=Place.EVENT_LOOP,
    takes_over=(
        "WB21",
        "WB22",
        "WB62",
    ),
)
