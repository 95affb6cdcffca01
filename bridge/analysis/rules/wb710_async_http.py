"""An async function that makes an HTTP request with a blocking client.

## What it does

Finds what WB201 finds, inside `async def` or in helpers that one calls (ASYNC210 and ASYNC212 of flake8-async
and ruff, through any number of calls).

## Why it blocks

The event loop waits for somebody else's server. Every other request of the process waits with it: one slow
answer stops them all.

## Example

    import requests

    async def rates(request):
        return requests.get("https://carrier.example/rates").json()

## Use instead

    import httpx

    client = httpx.AsyncClient()

    async def rates(request):
        return (await client.get("https://carrier.example/rates")).json()

## References

- https://flake8-async.readthedocs.io/en/latest/rules.html#async210
- https://docs.astral.sh/ruff/rules/blocking-http-call-in-async-function/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Place, Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB710",
    name="async-http",
    message="{sink} stops the event loop until an answer comes",
    place=Place.EVENT_LOOP,
    takes_over=("WB201",),
)
