"""A transaction that is held open across calls.

## What it does

Finds `django.db.transaction.atomic`, `select_for_update` and their kin on a request.

## Why it blocks

Transactions do not work in Django's async mode: the block must be one synchronous function. Whatever waits
inside it keeps rows locked.

## Example

    from django.db import transaction

    @transaction.atomic
    def borrow(request, copy):
        copy.lend(request.user)
        send_receipt(request.user)

## Use instead

    from asgiref.sync import sync_to_async
    from django.db import transaction

    @sync_to_async
    def lend(copy, user):
        with transaction.atomic():
            copy.lend(user)

    async def borrow(request, copy):
        await lend(copy, request.user)
        await send_receipt(request.user)

## References

- https://docs.djangoproject.com/en/stable/topics/async/#queries-the-orm
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Category
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import external_decorators

__all__ = ["RULE"]

ATOMIC = "django.db.transaction.atomic"


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each function of a request that the decorator makes one transaction; blocks are calls."""
    for spot, name in external_decorators(inspection):
        if name == ATOMIC:
            message = f"{ATOMIC} around a function: it must stay one synchronous block"
            yield spot.obstacle(ATOMIC, message, Category.DATABASE)


RULE = Rule(
    code="WB621",
    name="transaction",
    message="{sink} must stay one synchronous block",
    effort=5,
    sinks=("django.db.transaction",),
    obstacles=obstacles,
)
