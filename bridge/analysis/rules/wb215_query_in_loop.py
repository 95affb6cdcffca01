"""A query for each round of a loop (N+1).

## What it does

Finds database calls and lazy loads with a loop in their chain of calls, however far above the query it stands.

## Why it blocks

Ten products cost eleven round trips, a thousand cost a thousand and one. Made async without a change they are
still one after the other.

## Example

    def cards(products):
        return [(product, Review.query.filter_by(product=product).count()) for product in products]

## Use instead

    from sqlalchemy import func, select

    async def cards(session, products):
        counts = select(Review.product_id, func.count()).group_by(Review.product_id)
        by_product = dict((await session.execute(counts)).all())
        return [(product, by_product.get(product.id, 0)) for product in products]

## References

- https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html
- https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-related
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB215",
    name="query-in-loop",
    message="{sink} asks the database once for each round of a loop",
    effort=3,
    place=Place.LOOP,
    takes_over=(
        "WB210",
        "WB211",
        "WB212",
        "WB213",
        "WB214",
    ),
)
