"""An async function that opens, reads or writes a file.

## What it does

Finds what WB301 and the other rules on file contents find, inside `async def` or in helpers that one calls
(ASYNC230, ASYNC231 and ASYNC232).

## Why it blocks

File systems have no asynchronous calls, so the event loop waits for the disk, or for the network behind it.

## Example

    async def terms(request):
        with open("terms.txt") as file:
            return file.read()

## Use instead

    import anyio

    async def terms(request):
        return await anyio.Path("terms.txt").read_text()

## References

- https://flake8-async.readthedocs.io/en/latest/rules.html#async230
- https://docs.astral.sh/ruff/rules/blocking-open-call-in-async-function/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB730",
    name="async-file",
    message="{sink} stops the event loop until the file system answers",
    place=Place.EVENT_LOOP,
    takes_over=("WB3",),
)
