"""A request that keeps something of its own in a `threading.local`.

## What it does

Finds attributes of `threading.local` objects, and of classes below it, that a request sets for itself, and those
who read them. What is kept in the thread for later requests is WB505.

## Why it blocks

It blocks nothing: it is right only as long as a request stays on one thread, and a thread on one request. On an
event loop all requests share one thread, so one visitor sees what another has left there; in a thread pool the
value is gone when the work changes threads.

## Example

    import threading

    current = threading.local()

    def before_request(user):
        current.user = user

## Use instead

    from contextvars import ContextVar

    current_user = ContextVar("current_user", default=None)

    def before_request(user):
        current_user.set(user)

## References

- https://docs.python.org/3/library/contextvars.html
- https://peps.python.org/pep-0567/#rationale
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bridge.analysis.model import Category, Replacement
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.thread_locals import uses

__all__ = ["RULE"]

CONTEXT_VARIABLE = Replacement(
    package="",
    call="contextvars.ContextVar",
    note="set at the start of the request, read with .get()",
    url="https://docs.python.org/3/library/contextvars.html",
)


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each attribute that is not kept, once for each function that uses it on a request."""
    for use in uses(inspection):
        if not use.is_kept:
            verb = "sets" if use.is_set else "reads"
            found = use.spot.obstacle(
                sink="threading.local",
                message=f"{verb} .{use.attribute} of a threading.local, which another request may share once there are "
                "no threads",
                category=Category.THREAD_LOCAL,
            )
            yield replace(found, replacement=CONTEXT_VARIABLE)


RULE = Rule(
    code="WB501",
    name="thread-local",
    message="{sink} belongs to a thread, not to a request",
    effort=3,
    obstacles=obstacles,
)
