"""A response that streams from a synchronous generator.

## What it does

Finds generators that are given to `Response`, `StreamingHttpResponse`, `stream_with_context` or Pyramid's
`app_iter`.

## Why it blocks

A stream holds its thread, and whatever it has open, to the last byte: forty slow readers of one export take
forty threads.

## Example

    from flask import Response

    def orders():
        def rows():
            for order in Order.query:
                yield order.line()
        return Response(rows(), mimetype="text/csv")

## Use instead

    from quart import Response

    async def orders():
        async def rows():
            async for order in stream_orders():
                yield order.line()
        return Response(rows(), mimetype="text/csv")

## References

- https://flask.palletsprojects.com/en/stable/patterns/streaming/
- https://docs.djangoproject.com/en/stable/ref/request-response/#streaminghttpresponse-objects
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import Spot, external_calls
from bridge.analysis.solving.values import CONTAINER

__all__ = ["RULE"]

STREAMS = frozenset(
    {"StreamingHttpResponse", "stream_with_context", "stream_template", "stream_template_string"}
)
RESPONSES = frozenset({"Response", "HTTPResponse", "BaseResponse", "make_response", "response_class"})


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each place where a response is made of a generator."""
    seen: set[tuple[str, int]] = set()
    for spot, made in external_calls(inspection, _makes_a_response):
        name = made if _last(made) in STREAMS or _is_given_a_generator(spot) else ""
        if name and (spot.file, spot.line) not in seen:
            seen.add((spot.file, spot.line))
            yield spot.obstacle(
                sink=name,
                message=f"{name} streams from a synchronous generator, which holds its thread to the end",
            )


def _makes_a_response(name: str) -> bool:
    return _last(name) in STREAMS | RESPONSES


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _is_given_a_generator(spot: Spot) -> bool:
    values = spot.state.values
    given = (*spot.instruction[3], *(register for _, register in spot.instruction[4]))
    return any(
        values.kinds[value] == CONTAINER and values.parts[value][0] == "generator"
        for register in given
        for value in spot.held(register)
    )


RULE = Rule(
    code="WB630",
    name="sync-stream",
    message="{sink} streams from a synchronous generator",
    severity=Severity.WARNING,
    effort=3,
    obstacles=obstacles,
)
