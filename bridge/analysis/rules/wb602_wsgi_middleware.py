"""WSGI middleware around the application.

## What it does

Finds objects that wrap the application's WSGI callable: `app.wsgi_app = Middleware(app.wsgi_app)`, Pyramid's
and Werkzeug's wrappers.

## Why it blocks

WSGI middleware holds a thread from the first byte to the last and reads `environ`, which an ASGI application
does not have. It keeps working around the bridge; around an ASGI application it must be replaced.

## Example

    from werkzeug.middleware.proxy_fix import ProxyFix

    app.wsgi_app = ProxyFix(app.wsgi_app)

## Use instead

    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    application = ProxyHeadersMiddleware(application, trusted_hosts="127.0.0.1")

## References

- https://peps.python.org/pep-3333/#middleware-components-that-play-both-sides
- https://www.starlette.io/middleware/
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule

__all__ = ["RULE"]


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each WSGI middleware."""
    for each in inspection.discovery.middleware:
        if each.kind == "wsgi":
            message = f"{each.name} is WSGI middleware: an ASGI application needs another in its place"
            yield inspection.obstacle_of(each, message)


RULE = Rule(
    code="WB602",
    name="wsgi-middleware",
    message="{sink} wraps the WSGI callable",
    severity=Severity.WARNING,
    effort=3,
    obstacles=obstacles,
)
