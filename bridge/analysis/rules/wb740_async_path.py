"""An async function that asks the file system about a path.

## What it does

Finds what WB302 and WB303 find, inside `async def` or in helpers that one calls (ASYNC240).

## Why it blocks

A look at a path is a call into the kernel. It is short on a local disk and long on a network share, and the
event loop waits either way.

## Example

    import os

    async def is_closed(request):
        return os.path.exists("/srv/closed")

## Use instead

    import anyio

    async def is_closed(request):
        return await anyio.Path("/srv/closed").exists()

## References

- https://flake8-async.readthedocs.io/en/latest/rules.html#async240
- https://docs.astral.sh/ruff/rules/blocking-path-method-in-async-function/
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB740",
    name="async-path",
    message="{sink} stops the event loop until the file system answers",
    severity=Severity.WARNING,
    place=Place.EVENT_LOOP,
    takes_over=(
        "WB302",
        "WB303",
    ),
)
