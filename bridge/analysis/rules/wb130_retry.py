"""A request that is retried with pauses.

## What it does

Finds calls through tenacity, retrying, backoff and their kin around blocking functions.

## Why it blocks

Between two tries the library sleeps with the request's thread in hand, and the pauses grow just when the
service behind is in trouble.

## Example

    from tenacity import retry, wait_exponential

    @retry(wait=wait_exponential())
    def rates():
        return ask_carrier()

## Use instead

    from tenacity import retry, wait_exponential

    @retry(wait=wait_exponential())
    async def rates():
        return await ask_carrier()

## References

- https://tenacity.readthedocs.io/en/latest/#async-and-retry
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB130",
    name="retry",
    message="{sink} sleeps between two tries",
    severity=Severity.WARNING,
    sinks=(
        "tenacity",
        "retrying",
        "backoff",
        "retry",
        "stamina",
        "opnieuw",
    ),
)
