"""The lifespans of both applications as one: legacy starts first and stops last.

Legacy is what everything falls back to: it has to be there before modern may fail.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from bridge.adapters.asgi_lifespan import Lifespan
from bridge.errors import LifespanFailed
from bridge.protocol.asgi_types import AsgiApp, Receive, Scope, Send

__all__ = ["serve_lifespans"]

logger = logging.getLogger("bridge.incremental")

SHUTDOWN_TIMEOUT = 60.0  # seconds; above the 30 that WsgiToAsgi gives its running requests

Hook = Callable[[], Awaitable[None]]


async def serve_lifespans(
    applications: dict[str, AsgiApp], scope: Scope, receive: Receive, send: Send, *, before: Hook, after: Hook
) -> None:
    """Serve one lifespan scope for all `applications`, by name, in order; shutdown is in reverse order.

    All share the server's `state`. One without a lifespan is passed over. `before` runs ahead of the first
    startup, `after` behind the last shutdown.
    """
    started: list[Lifespan] = []
    await receive()  # lifespan.startup
    try:
        await before()
        for name, app in applications.items():
            started.append(await _start(name, app, scope))
    except Exception as error:
        await _stop(started, after)
        logger.exception("startup failed")
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()  # lifespan.shutdown
    await _stop(started, after)
    await send({"type": "lifespan.shutdown.complete"})


async def _start(name: str, app: AsgiApp, scope: Scope) -> Lifespan:
    lifespan = Lifespan(app, "auto", name=name)
    if "state" in scope:
        lifespan.state = scope["state"]
    try:
        await lifespan.startup()
    except LifespanFailed as error:
        raise LifespanFailed(f"{name}: {error.message}") from error
    return lifespan


async def _stop(started: list[Lifespan], after: Hook) -> None:
    for lifespan in reversed(started):
        await lifespan.shutdown(SHUTDOWN_TIMEOUT)
    await after()
