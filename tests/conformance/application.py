"""The conformance rows as one ASGI application, as each server gets it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from bridge import ErrorResponse, WsgiToAsgi, cooperative
from tests.conformance.apps import asgi, control, disconnect, environ, input, start_response  # noqa: A004
from tests.conformance.log_records import keep_records
from tests.conformance.rows import wsgi_app

__all__ = ["CHAPTERS", "EXECUTOR", "FAIL_STARTUP", "MARKS_FILE", "Application", "create", "create_bridge"]

CHAPTERS = (asgi, control, disconnect, environ, input, start_response)  # importing them enters their rows
Application = Callable[[Any, Any, Any], Awaitable[None]]

MARKS_FILE = "CONFORMANCE_MARKS_FILE"  # environment: a file to which hooks add a line each
EXECUTOR = "CONFORMANCE_EXECUTOR"  # environment: the executor of a server's process
FAIL_STARTUP = "CONFORMANCE_FAIL_STARTUP"  # environment: have the startup hook fail with this message

BODY_WAIT = 5.0  # seconds; longer than a loaded machine stalls, so that a test sees who waits where


def create(bridge: WsgiToAsgi) -> Application:
    """Return the bridge with the way to it: `X-Wrap` in a request names a piece of ASGI middleware."""
    keep_records()

    async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            loop = id(asyncio.get_running_loop())
            scope = {**scope, "tests.loop": loop, "tests.statistics": bridge.executor.statistics}
        wrap = dict(scope.get("headers", ())).get(b"x-wrap", b"").decode()
        await _wrapped(bridge, wrap)(scope, receive, send)

    return application


def create_bridge(executor: str) -> WsgiToAsgi:
    """Return the adapter that the suite tests, with hooks that the tests ask about."""
    if executor == "greenlet":
        cooperative.install()
    return WsgiToAsgi(
        wsgi_app,
        executor=executor,  # type: ignore[arg-type]  # one of the two literals
        body_wait=BODY_WAIT,
        on_startup=_startup,
        on_shutdown=_shutdown,
        on_error=_on_error,
    )


@lru_cache(maxsize=8)
def _wrapped(app: Application, name: str) -> Application:
    """Return the application inside the middleware of that name; as it is for none."""
    if not name:
        return app
    from tests.conformance.middleware import MIDDLEWARE

    return MIDDLEWARE[name](app)


def _startup(state: dict[str, Any]) -> None:
    if os.environ.get(FAIL_STARTUP):
        raise RuntimeError(os.environ[FAIL_STARTUP])
    state["started"] = "by the startup hook"
    _mark("startup")


async def _shutdown() -> None:
    _mark("shutdown")


def _mark(event: str) -> None:
    if os.environ.get(MARKS_FILE):
        with Path(os.environ[MARKS_FILE]).open("a") as marks:
            marks.write(f"{event}\n")


def _on_error(error: BaseException, scope: Any) -> Any:
    """Answer as the header X-On-Error asks for; None, the plain 500, without it."""
    wish = dict(scope["headers"]).get(b"x-on-error", b"").decode()
    answer = ErrorResponse(status=503, body=f"{wish}: {error}".encode())
    if wish == "async":
        return _later(answer)
    return answer if wish else None


async def _later(answer: ErrorResponse) -> ErrorResponse:
    await asyncio.sleep(0)
    return answer
