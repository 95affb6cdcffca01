"""A request that queries through SQLAlchemy's synchronous API.

## What it does

Finds what makes `Session`, `Query`, `Engine`, `Connection`, `scoped_session` and Flask-SQLAlchemy's
`db.session` talk to the database: `execute`, `scalars`, `all`, `first`, `get`, `flush`, `commit` and more.

## Why it blocks

The session waits for the driver, and for a connection of the pool before that: with 5 + 10 connections the
sixteenth request waits up to thirty seconds.

## Example

    from sqlalchemy import select

    def orders(session, user):
        return session.scalars(select(Order).where(Order.user == user)).all()

## Use instead

Set `lazy="raise"` on the relationships first: it shows every lazy load that the asynchronous session refuses.

    from sqlalchemy import select

    async def orders(session, user):
        return (await session.scalars(select(Order).where(Order.user == user))).all()

## References

- https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html
- https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html#preventing-unwanted-lazy-loads-using-raiseload
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB211",
    name="sqlalchemy",
    message="{sink} waits for the database",
    effort=5,
    sinks=(
        "sqlalchemy",
        "flask_sqlalchemy",
        "flask_sqlalchemy_lite",
        "sqlmodel",
        "zope.sqlalchemy",
        "pyramid_tm",
        "transaction",
        "alembic",
        "flask_migrate",
        "sqlalchemy_utils",
        "marshmallow_sqlalchemy",
    ),
)
