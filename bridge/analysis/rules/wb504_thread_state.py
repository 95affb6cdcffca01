"""A request that changes what its thread remembers.

## What it does

Finds calls of the knowledge base whose category is thread-local: decimal contexts,
`django.utils.translation.activate`, `timezone.activate` and their kin where they follow the thread.

## Why it blocks

The next request on this thread begins with what this one has left; on an event loop the next request is already
running.

## Example

    import decimal

    def price(request):
        decimal.getcontext().prec = 4
        return total(request)

## Use instead

    import decimal

    def price(request):
        with decimal.localcontext() as context:
            context.prec = 4
            return total(request)

## References

- https://docs.python.org/3/library/decimal.html#decimal.localcontext
- https://docs.python.org/3/library/contextvars.html
"""

from __future__ import annotations

from bridge.analysis.model import Category, Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB504",
    name="thread-state",
    message="{sink} is remembered by the thread",
    severity=Severity.WARNING,
    effort=3,
    categories=(Category.THREAD_LOCAL,),
)
