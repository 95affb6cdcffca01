"""How one application is put behind a server: the rows of every table.

Every bridge runs on the same uvicorn with the same thread limit where it has one. asgiref serialises all calls in
one thread and hypercorn's wrapper takes the loop's default pool; neither has an option, so they run as they come.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Wrap = Callable[[Any, int], Any]  # (WSGI application, threads) -> ASGI application

__all__ = ["CONTENDERS", "Contender", "versions"]

UPLOAD_LIMIT = 1 << 40  # bytes: hypercorn's wrapper refuses bodies over 64 KiB unless told otherwise


@dataclass(frozen=True, slots=True)
class Contender:
    """One row: its name, the distribution that it measures, and its bridge (None: native ASGI, or a server that
    speaks WSGI itself: gunicorn, with `gevent` for its worker of that name, and granian).

    `reset_context` starts every request in an empty context (uvicorn's `reset_contextvars`), as asgiref needs:
    without it uvicorn starts the next request of a kept-alive connection in the context of the last one's `send`,
    where asgiref finds its own spent executor, and every second request fails with a 500. `greenlets`: waiting is
    made cooperative before the application is imported, and the garbage collector is set as `wsgi-bridge serve` sets it.
    """

    name: str
    distribution: str
    wrap: Wrap | None = None
    reset_context: bool = False
    greenlets: bool = False


def _wsgi_bridge(app: Any, threads: int) -> Any:
    from bridge import WsgiToAsgi

    return WsgiToAsgi(app, max_threads=threads, websockets=True)


def _greenlets(app: Any, threads: int) -> Any:
    from bridge import WsgiToAsgi

    return WsgiToAsgi(app, executor="greenlet", websockets=True)


def _a2wsgi(app: Any, threads: int) -> Any:
    from a2wsgi import WSGIMiddleware

    return WSGIMiddleware(app, workers=threads)


def _asgiref(app: Any, threads: int) -> Any:
    from asgiref.wsgi import WsgiToAsgi

    return _lifespan_ignored(WsgiToAsgi(app))  # type: ignore[no-untyped-call]  # asgiref leaves it untyped


def _hypercorn(app: Any, threads: int) -> Any:
    from hypercorn.middleware import AsyncioWSGIMiddleware

    return AsyncioWSGIMiddleware(app, max_body_size=UPLOAD_LIMIT)


def _lifespan_ignored(app: Any) -> Any:
    """asgiref raises ValueError on a lifespan scope; uvicorn copes, and its traceback is kept out of the log."""

    async def without_lifespan(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await asyncio.sleep(0)
            return
        await app(scope, receive, send)

    return without_lifespan


CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender("native", "uvicorn"),
        Contender("wsgi-bridge", "wsgi-bridge", _wsgi_bridge),
        Contender("greenlets", "wsgi-bridge", _greenlets, greenlets=True),
        Contender("a2wsgi", "a2wsgi", _a2wsgi),
        Contender("asgiref", "asgiref", _asgiref, reset_context=True),
        Contender("hypercorn", "hypercorn", _hypercorn),
        Contender("gunicorn", "gunicorn"),
        Contender("granian", "granian"),
        Contender("gevent", "gevent"),
    )
}


def versions() -> dict[str, str]:
    """Distribution -> version of everything that takes part, for the report's head."""
    names = {contender.distribution for contender in CONTENDERS.values()}
    return {
        name: metadata.version(name) for name in sorted(names | {"django", "flask", "httptools", "uvloop"})
    }
