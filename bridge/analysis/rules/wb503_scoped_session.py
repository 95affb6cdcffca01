"""A request that uses a session by thread.

## What it does

Finds `sqlalchemy.orm.scoped_session` objects without a `scopefunc` of their own that a request uses.

## Why it blocks

The registry gives one session per thread. On an event loop all requests share it, and one request commits what
another has half written. Flask-SQLAlchemy passes a `scopefunc` that follows the application context; it is not
meant here.

## Example

    from sqlalchemy.orm import scoped_session, sessionmaker

    Session = scoped_session(sessionmaker())

    def order(number):
        return Session.get(Order, number)

## Use instead

    from sqlalchemy.ext.asyncio import async_sessionmaker

    Session = async_sessionmaker()

    async def order(number):
        async with Session() as session:
            return await session.get(Order, number)

## References

- https://docs.sqlalchemy.org/en/20/orm/contextual.html
- https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#using-asyncio-scoped-session
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import Opcode
from bridge.analysis.model import Category
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import code_on, kin

__all__ = ["RULE"]

NAMES = ("sqlalchemy.orm.scoped_session", "sqlalchemy.orm.scoping.scoped_session")


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each function, once, that uses such a session on a request."""
    objects = kin(inspection.state, NAMES)
    seen: set[str] = set()
    for spot in code_on(inspection, objects, Opcode.ATTR):
        if spot.symbol not in seen:
            seen.add(spot.symbol)
            yield spot.obstacle(
                sink=NAMES[0],
                message="uses a session that belongs to its thread",
                category=Category.THREAD_LOCAL,
            )


RULE = Rule(
    code="WB503",
    name="scoped-session",
    message="{sink} gives one session per thread",
    effort=5,
    binds=True,
    obstacles=obstacles,
)
