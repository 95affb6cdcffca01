"""A route of which too little is understood.

## What it does

Lists routes where fewer than two thirds of the calls in their code lead to a known function, if that are five calls
or more.

## Why it blocks

A verdict on such a route is a guess: what is not resolved may block.

## Example

    def run(request, name):
        return getattr(plugins, name)(request)

## Use instead

    ACTIONS = {"report": plugins.report, "export": plugins.export}

    def run(request, name):
        action = ACTIONS[name]
        return action(request)

## References

- https://docs.python.org/3/library/functions.html#getattr
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Confidence, Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule

__all__ = ["RULE"]

ENOUGH = 2 / 3  # arbitrary, as is the next, but stated in the text above
FEW = 5  # calls; in a view of three lines a share says nothing


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each route below the limit."""
    for route in inspection.discovery.routes:
        share = inspection.resolved.get(route.id, 1.0)
        if share < ENOUGH and inspection.calls.get(route.id, 0) * (1 - share) >= FEW:
            yield Obstacle(
                sink=route.id,
                message=f"only {share:.0%} of the calls behind {route.id} are resolved",
                symbol=route.handler,
                file=route.file,
                line=route.line,
                routes=(route.id,),
                confidence=Confidence.HIGH,
            )


RULE = Rule(
    code="WB903",
    name="unresolved",
    message="{sink} is understood in part only",
    severity=Severity.INFO,
    effort=0,
    obstacles=obstacles,
)
