"""Prices as people read them."""

from decimal import ROUND_HALF_UP, Decimal, localcontext


def money(cents):
    """`123456` as `1,234.56`, with the sign of the currency in front."""
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        return "€{:,.2f}".format(Decimal(cents) / 100)
