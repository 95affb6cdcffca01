"""A request that assigns a module's variable.

## What it does

Finds `global` statements in functions that run on requests, and what they assign.

## Why it blocks

Threads already race for it. In async code the race moves: between two `await`s another request may have
assigned it. And each worker process has a variable of its own.

## Example

    last_order = None

    def checkout(order):
        global last_order
        last_order = order

## Use instead

    from contextvars import ContextVar

    last_order = ContextVar("last_order", default=None)

    def checkout(order):
        last_order.set(order)

## References

- https://docs.python.org/3/library/contextvars.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import Opcode
from bridge.analysis.model import Category, Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import request_code

__all__ = ["RULE"]


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each variable, once for each function that assigns it."""
    seen: set[tuple[str, str]] = set()
    for spot in request_code(inspection, Opcode.SETNAME):
        name = spot.instruction[1]
        if (spot.symbol, name) not in seen:
            seen.add((spot.symbol, name))
            yield spot.obstacle(
                sink=name,
                message=f"assigns the module's variable {name}, which all requests share",
                category=Category.PROCESS_STATE,
            )


RULE = Rule(
    code="WB510",
    name="global",
    message="{sink} is shared by all requests of a process",
    severity=Severity.WARNING,
    effort=3,
    obstacles=obstacles,
)
