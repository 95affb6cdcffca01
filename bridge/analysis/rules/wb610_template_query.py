"""A template that queries the database.

## What it does

Finds lazy loads and calls in templates: `{% for review in product.reviews %}`, `{{ order.user.name }}`,
template tags and context processors that query.

## Why it blocks

Rendering looks like text and is a series of round trips. In an async view it raises (SQLAlchemy's
`MissingGreenlet`, Django's `SynchronousOnlyOperation`), because templates cannot await.

## Example

    def product(slug):
        return render_template("product.html", product=Product.query.get(slug))

## Use instead

Load everything that the template shows before it is rendered.

    from sqlalchemy import select
    from sqlalchemy.orm import selectinload

    async def product(session, slug):
        query = select(Product).options(selectinload(Product.reviews)).where(Product.slug == slug)
        return await render_template("product.html", product=await session.scalar(query))

## References

- https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html
- https://docs.djangoproject.com/en/stable/topics/async/#async-safety
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB610",
    name="template-query",
    message="{sink} is asked from a template",
    effort=3,
    place=Place.TEMPLATE,
    takes_over=(
        "WB210",
        "WB211",
        "WB212",
        "WB213",
        "WB214",
        "WB215",
    ),
)
