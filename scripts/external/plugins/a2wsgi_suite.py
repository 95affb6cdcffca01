"""a2wsgi's `tests/test_wsgi.py` with wsgi-bridge in the place of its WSGIMiddleware."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from scripts.external.contenders import bridge_name
from scripts.external.peers import environ_of, raising, replace

__all__ = ["body", "build_environ", "pytest_configure"]


def pytest_configure(config: Any) -> None:
    """Replace what the tests import from `a2wsgi.wsgi`."""
    if bridge_name() != "wsgi-bridge":
        return
    from a2wsgi import wsgi

    replace(wsgi, WSGIMiddleware=raising, Body=body, build_environ=build_environ)


def build_environ(scope: dict[str, Any], body: object) -> dict[str, Any]:
    """The environ of a request without a body; the test takes `asgi.scope` out of it."""
    return {**environ_of(scope), "asgi.scope": scope}


def body(loop: asyncio.AbstractEventLoop, receive: Callable[[], Any]) -> Any:
    """wsgi-bridge's `wsgi.input` over a `receive` that answers in another thread's loop."""
    from bridge.protocol.body import RequestBody

    ended = False

    def pull() -> bytes:
        nonlocal ended
        if ended:
            return b""
        message: dict[str, Any] = asyncio.run_coroutine_threadsafe(receive(), loop).result()
        ended = not message.get("more_body", False)
        return bytes(message.get("body", b""))

    return RequestBody(pull)
