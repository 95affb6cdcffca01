"""A query that no call shows.

## What it does

Finds attributes that load a related object or a deferred column, and loops over querysets and relationships:
SQLAlchemy's lazy relationships, Django's foreign keys and reverse relations.

## Why it blocks

`review.author.name` looks like an attribute and is a round trip. In an async view SQLAlchemy raises
`MissingGreenlet` there, and Django `SynchronousOnlyOperation`.

## Example

    def authors(product):
        return [review.author.name for review in product.reviews]

## Use instead

    from sqlalchemy import select
    from sqlalchemy.orm import selectinload

    async def authors(session, number):
        query = select(Product).options(selectinload(Product.reviews).selectinload(Review.author))
        product = await session.scalar(query.where(Product.id == number))
        return [review.author.name for review in product.reviews]

## References

- https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#preventing-implicit-io-when-using-asyncsession
- https://docs.djangoproject.com/en/stable/topics/async/#async-safety
"""

from __future__ import annotations

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB214",
    name="lazy-query",
    message="{sink} loads from the database when it is read",
    effort=3,
    categories=(Category.ORM_LAZY,),
)
