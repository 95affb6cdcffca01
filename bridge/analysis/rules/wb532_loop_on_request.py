"""A request that runs an event loop of its own.

## What it does

Finds `asyncio.run`, `loop.run_until_complete`, `anyio.run`, `trio.run` and asgiref's `async_to_sync`.

## Why it blocks

It works in a thread. On the server's event loop it raises `RuntimeError: asyncio.run() cannot be called from a
running event loop`, and connections that were opened on one loop fail on the other.

## Example

    import asyncio

    def quotes(request):
        return asyncio.run(ask_all_carriers())

## Use instead

    async def quotes(request):
        return await ask_all_carriers()

## References

- https://docs.python.org/3/library/asyncio-runner.html#asyncio.run
- https://docs.djangoproject.com/en/stable/topics/async/#async-to-sync
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import external_calls, once

__all__ = ["RULE"]

RUNNERS = frozenset(
    {
        "asyncio.run",
        "asyncio.new_event_loop",
        "asyncio.Runner",
        "anyio.run",
        "trio.run",
        "uvloop.run",
        "asgiref.sync.async_to_sync",
        "nest_asyncio.apply",
    }
)


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each place where a request runs a loop."""
    for spot, name in once(external_calls(inspection, _runs_a_loop)):
        yield spot.obstacle(
            sink=name,
            message=f"{name} runs an event loop inside the request; on a server's own loop it fails",
        )


def _runs_a_loop(name: str) -> bool:
    return name in RUNNERS or name.endswith(".run_until_complete")


RULE = Rule(
    code="WB532",
    name="loop-on-request",
    message="{sink} runs an event loop inside the request",
    severity=Severity.WARNING,
    effort=3,
    sinks=tuple(sorted(RUNNERS)),
    obstacles=obstacles,
)
