"""A request that keeps something in a Werkzeug `Local`.

## What it does

Finds attributes of `werkzeug.local.Local` objects, and of classes below it, that are read or set on a request.

## Why it blocks

Werkzeug's `Local` follows `contextvars` since version 2, so it stays right in async code. What changes: a
thread that the application starts itself begins with an empty one.

## Example

    from werkzeug.local import Local

    current = Local()

    def before_request(user):
        current.user = user

## Use instead

    from contextvars import ContextVar

    current_user = ContextVar("current_user", default=None)

## References

- https://werkzeug.palletsprojects.com/en/stable/local/
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import Opcode
from bridge.analysis.model import Category, Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import code_on, kin

__all__ = ["RULE"]

NAMES = ("werkzeug.local.Local", "asgiref.local.Local")


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each attribute of such an object, once for each function that uses it on a request."""
    objects = kin(inspection.state, NAMES)
    seen: set[tuple[str, str]] = set()
    for spot in code_on(inspection, objects, Opcode.ATTR, Opcode.SETATTR):
        stored = spot.instruction[0] == Opcode.SETATTR
        name = spot.instruction[2 if stored else 3]
        if (spot.symbol, name) not in seen:
            seen.add((spot.symbol, name))
            verb = "sets" if stored else "reads"
            yield spot.obstacle(
                sink="werkzeug.local.Local",
                message=f"{verb} .{name} of a werkzeug.local.Local, which follows the context",
                category=Category.THREAD_LOCAL,
            )


RULE = Rule(
    code="WB502",
    name="context-local",
    message="{sink} follows the context, not the thread",
    severity=Severity.INFO,
    effort=0,
    obstacles=obstacles,
)
