"""Middleware that knows synchronous requests only.

## What it does

Finds Django middleware without `async_capable`.

## Why it blocks

Under ASGI, Django sends each request through a thread and back for every change between async and sync
middleware. One synchronous middleware is enough to take the async views' advantage away.

## Example

    class AccessLog:
        def __init__(self, get_response):
            self.get_response = get_response

        def __call__(self, request):
            return self.get_response(request)

## Use instead

    from django.utils.decorators import sync_and_async_middleware

    @sync_and_async_middleware
    def access_log(get_response):
        async def middleware(request):
            return await get_response(request)
        return middleware

## References

- https://docs.djangoproject.com/en/stable/topics/http/middleware/#asynchronous-support
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule

__all__ = ["RULE"]


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each Django middleware that is known to be synchronous; elsewhere there is no other kind."""
    if "django" not in inspection.discovery.frameworks:
        return
    for each in inspection.discovery.middleware:
        if each.async_capable is False and each.kind != "wsgi":
            message = f"the middleware {each.name} is synchronous: async views behind it go through a thread"
            yield inspection.obstacle_of(each, message)


RULE = Rule(
    code="WB601",
    name="sync-middleware",
    message="{sink} is synchronous",
    severity=Severity.WARNING,
    effort=3,
    obstacles=obstacles,
)
