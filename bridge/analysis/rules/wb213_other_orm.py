"""A request that queries through peewee, Pony, MongoEngine or another synchronous ORM.

## What it does

Finds the queries of peewee, pony, mongoengine, SQLObject, Orator and ZODB.

## Why it blocks

These have no asynchronous mode of their own. peewee has one since version 4 that runs on greenlets; the others
wait as their driver waits.

## Example

    def user(number):
        return User.get_by_id(number)

## Use instead

    from sqlalchemy import select

    async def user(session, number):
        return await session.scalar(select(User).where(User.id == number))

## References

- https://docs.peewee-orm.com/
- https://beanie-odm.dev/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB213",
    name="other-orm",
    message="{sink} waits for the database",
    effort=7,
    sinks=(
        "peewee",
        "playhouse",
        "pony",
        "mongoengine",
        "flask_mongoengine",
        "flask_peewee",
        "sqlobject",
        "orator",
        "masoniteorm",
        "ZODB",
        "pymodm",
        "mongokit",
        "umongo",
        "pydal",
    ),
)
