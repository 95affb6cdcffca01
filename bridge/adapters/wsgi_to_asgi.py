"""`WsgiToAsgi`: a WSGI application as an ASGI application."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from bridge.adapters.answers import ErrorHook
from bridge.adapters.http import HttpAdapter
from bridge.adapters.lifespan import Hook, LifespanAdapter, as_hooks
from bridge.adapters.options import HttpOptions
from bridge.adapters.websocket import refuse_websocket
from bridge.adapters.wsgi_call import WsgiApp
from bridge.errors import InvalidOption, UnknownScopeType
from bridge.executors.base import Executor
from bridge.executors.threads import (
    DEFAULT_MAX_QUEUE,
    DEFAULT_MAX_THREADS,
    DEFAULT_QUEUE_TIMEOUT,
    DEFAULT_SHUTDOWN_TIMEOUT,
    ThreadExecutor,
)
from bridge.protocol.asgi_types import Receive, Scope, Send

__all__ = ["WsgiToAsgi"]


class WsgiToAsgi:
    """Run a WSGI application on any ASGI server, unchanged.

    `app` is the WSGI callable. The others are keyword-only:

    `executor`: "thread", or an `Executor` (which may be shared by several applications; the four
    options after it belong to the one that "thread" makes).
    `max_threads`: threads at most (40). `max_queue`: requests that may wait for one (1000); one more
    gets 503 with Retry-After. `queue_timeout`: seconds they wait before they get the same (30;
    None: no limit). `shutdown_timeout`: seconds that shutdown waits for running requests (30).

    `body_window`: bytes of a request's body held before the server is asked for no more.
    `body_wait`: seconds a request may wait for its body, off the threads, before it takes one.
    `spool_chunked`: give a body of unknown length a CONTENT_LENGTH by reading it first;
    `spool_memory`: bytes of it kept in memory, the rest in a temporary file.
    `high_water`: bytes of response that the application may run ahead of the client; a file
    given to `wsgi.file_wrapper` may be half a MiB ahead.
    `max_headers`, `max_header_bytes`: more in one request gets 431.
    `keep_underscore_headers`: hand on header names with an underscore (a way to forge headers).

    `on_startup`, `on_shutdown`: a callable or a sequence, sync or async, called with the lifespan
    state if they take an argument. `on_error`: sync or async `(exc, scope)` -> `ErrorResponse`, or
    None for the plain 500; what it raises reaches the server.

    Raises `InvalidOption` for a value that makes no sense. Sources: PEP 3333; the ASGI
    specification 3.0, HTTP & WebSocket 2.5, Lifespan 2.0.
    """

    def __init__(
        self,
        app: WsgiApp,
        *,
        executor: Executor | Literal["thread"] = "thread",
        max_threads: int = DEFAULT_MAX_THREADS,
        max_queue: int = DEFAULT_MAX_QUEUE,
        queue_timeout: float | None = DEFAULT_QUEUE_TIMEOUT,
        shutdown_timeout: float = DEFAULT_SHUTDOWN_TIMEOUT,
        body_window: int = 64 * 1024,
        body_wait: float = 1.0,
        spool_chunked: bool = True,
        spool_memory: int = 1024 * 1024,
        high_water: int = 128 * 1024,
        max_headers: int = 100,
        max_header_bytes: int = 256 * 1024,
        keep_underscore_headers: bool = False,
        on_startup: Hook | Sequence[Hook] = (),
        on_shutdown: Hook | Sequence[Hook] = (),
        on_error: ErrorHook | None = None,
    ) -> None:
        _require_application(app)
        pool = {
            "max_threads": (max_threads, DEFAULT_MAX_THREADS),
            "max_queue": (max_queue, DEFAULT_MAX_QUEUE),
            "queue_timeout": (queue_timeout, DEFAULT_QUEUE_TIMEOUT),
            "shutdown_timeout": (shutdown_timeout, DEFAULT_SHUTDOWN_TIMEOUT),
        }
        self.app = app
        self.executor = _executor(executor, pool)
        options = HttpOptions(
            body_window=body_window,
            body_wait=body_wait,
            spool_chunked=spool_chunked,
            spool_memory=spool_memory,
            high_water=high_water,
            max_headers=max_headers,
            max_header_bytes=max_header_bytes,
            keep_underscore_headers=keep_underscore_headers,
            on_error=on_error,
        )
        self._http = HttpAdapter(app, self.executor, options)
        self._lifespan = LifespanAdapter(
            self.executor, as_hooks("on_startup", on_startup), as_hooks("on_shutdown", on_shutdown)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope; raises `UnknownScopeType` for one that ASGI does not name."""
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(scope, receive, send)
        elif kind == "websocket":
            await refuse_websocket(scope, receive, send)
        else:
            raise UnknownScopeType(kind)

    def __repr__(self) -> str:
        return f"WsgiToAsgi({self.app!r})"


def _require_application(app: object) -> None:
    if not callable(app):
        raise InvalidOption("app", app, "a WSGI application: callable(environ, start_response)")


def _executor(given: Executor | str, pool: dict[str, tuple[Any, Any]]) -> Executor:
    """Return the executor that was given, or a new thread executor with the options of `pool`.

    `pool` has for each option its value and its default: beside an executor of one's own, a value
    that is not the default would be ignored, so it is refused.
    """
    if given == "thread":
        return ThreadExecutor(**{name: value for name, (value, _) in pool.items()})
    if not isinstance(given, Executor):
        raise InvalidOption("executor", given, "'thread' or an executor such as ThreadExecutor()")
    for name, (value, default) in pool.items():
        if value != default:
            raise InvalidOption(name, value, "it to be set on the executor that was given")
    return given
