"""ASGI middleware of the usual kinds around the bridge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from tests.conformance.application import Application

__all__ = ["MIDDLEWARE"]


def mounted(app: Application) -> Application:
    """Mount at /mounted, as Starlette does."""
    return Starlette(routes=[Mount("/mounted", app)])


def base_http(app: Application) -> Application:
    """Add a header to the response with Starlette's middleware class."""

    async def dispatch(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers["X-Middleware"] = "base-http"
        return response

    return BaseHTTPMiddleware(app, dispatch)


def rewriting(app: Application) -> Application:
    """Change the path and leave `raw_path` as it was, as much middleware does."""

    async def rewrite(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "path": "/rewritten/caf\xe9"}, receive, send)

    return rewrite


def observing(app: Application) -> Application:
    """Wrap `receive` and `send`: the body comes in upper case, the response has a header more."""

    async def observe(scope: Any, receive: Any, send: Any) -> None:
        async def receive_upper() -> Any:
            event = await receive()
            return {**event, "body": event["body"].upper()} if event.get("body") else event

        async def send_more(event: Any) -> None:
            if event["type"] == "http.response.start":
                event = {**event, "headers": [*event["headers"], (b"x-middleware", b"observing")]}
            await send(event)

        await app(scope, receive_upper, send_more)

    return observe


MIDDLEWARE: dict[str, Callable[[Application], Application]] = {
    "mount": mounted,
    "base-http": base_http,
    "rewrite": rewriting,
    "observe": observing,
}
