"""A transaction around every request.

## What it does

Finds `ATOMIC_REQUESTS = True` in Django's database settings, and the views it wraps.

## Why it blocks

Django refuses async views under it: a transaction belongs to one connection, and the connection to one thread,
from the beginning of the request to its end. So each request holds a thread and a connection even while it
waits for something else.

## Example

    DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "ATOMIC_REQUESTS": True}}

## Use instead

Take the setting away and put `transaction.atomic` around what must be atomic, in functions of their own.

    from asgiref.sync import sync_to_async
    from django.db import transaction

    @sync_to_async
    def store(order):
        with transaction.atomic():
            order.save()

    async def checkout(request):
        await store(order_of(request))

## References

- https://docs.djangoproject.com/en/stable/topics/db/transactions/#tying-transactions-to-http-requests
- https://docs.djangoproject.com/en/stable/topics/async/#queries-the-orm
"""

from __future__ import annotations

from bridge.analysis.model import Replacement
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB620",
    name="atomic-requests",
    message="{sink} ties each request to one thread and one connection",
    effort=5,
    sinks=(
        "ATOMIC_REQUESTS",
        "django.ATOMIC_REQUESTS",
        "django.db.ATOMIC_REQUESTS",
        "django.conf.settings.ATOMIC_REQUESTS",
    ),
    replacement=Replacement(
        package="asgiref",
        call="asgiref.sync.sync_to_async",
        note="around functions with transaction.atomic, in place of the setting",
        url="https://docs.djangoproject.com/en/stable/topics/async/#queries-the-orm",
    ),
)
