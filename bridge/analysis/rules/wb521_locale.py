"""A request that changes the locale or the time zone of the process.

## What it does

Finds `locale.setlocale` and `time.tzset`.

## Why it blocks

Both belong to the process. Two visitors who speak two languages get each other's number formats, already under
threads.

## Example

    import locale

    def price(request, amount):
        locale.setlocale(locale.LC_ALL, request.accept_languages.best)
        return locale.currency(amount)

## Use instead

    from babel.numbers import format_currency

    def price(request, amount):
        return format_currency(amount, "EUR", locale=request.accept_languages.best)

## References

- https://docs.python.org/3/library/locale.html#background-details-hints-tips-and-caveats
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB521",
    name="locale",
    message="{sink} changes the whole process",
    effort=3,
    sinks=(
        "locale",
        "time.tzset",
    ),
    binds=True,
)
