"""`WsgiToAsgi`: a WSGI application as an ASGI application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from bridge.adapters.answers import ErrorHook
from bridge.adapters.http import HttpAdapter
from bridge.adapters.lanes import LaneAdapter
from bridge.adapters.lifespan import Hook, LifespanAdapter, as_hooks
from bridge.adapters.options import HttpOptions, require_flag
from bridge.adapters.websocket import WebSocketAdapter, WebSocketRefusal, upgradable
from bridge.adapters.wsgi_call import WsgiApp
from bridge.errors import InvalidOption, UnknownScopeType
from bridge.executors.base import DEFAULT_MAX_GREENLETS, Executor
from bridge.executors.bounded import DEFAULT_MAX_QUEUE, DEFAULT_QUEUE_TIMEOUT, DEFAULT_SHUTDOWN_TIMEOUT
from bridge.executors.lanes import LaneTable, lane_table
from bridge.executors.threads import DEFAULT_MAX_THREADS, ThreadExecutor
from bridge.protocol.asgi_types import Receive, Scope, Send
from bridge.protocol.callables import require_wsgi

__all__ = ["WsgiToAsgi"]


class WsgiToAsgi:
    """Run a WSGI application on any ASGI server, unchanged.

    `app` is the WSGI callable. The others are keyword-only:

    `executor`: "thread"; "greenlet", on the event loop (call `bridge.cooperative.install()` before the
    application is imported); or an `Executor` (which may be shared by several applications; the five
    options after it belong to the one that is made for a name).
    `lanes`: in place of `executor`, the lanes file or the same as a mapping: which executor serves which route,
    each with its limits (migration_guide/lanes.md). `executors` has them by lane, `executor` the default one.
    `max_threads`: threads at most (40). `max_greenlets`: requests at one time in the greenlet lane (10000).
    `max_queue`: requests that may wait for one (1000); one more gets 503 with Retry-After.
    `queue_timeout`: seconds they wait before they get the same (30; None: no limit).
    `shutdown_timeout`: seconds that shutdown waits for running requests (30). `report_holds`: log each time that
    a request of the greenlet lane holds the event loop, not only the first time at each place.
    `multiprocess`: what `wsgi.multiprocess` says. No ASGI server tells; False where one process serves.

    `body_window`: bytes of a request's body held before the server is asked for no more.
    `body_wait`: seconds a request may wait for its body, off the threads, before it takes one.
    `spool_chunked`: give a body of unknown length a CONTENT_LENGTH by reading it first;
    `spool_memory`: bytes of it kept in memory, the rest in a temporary file.
    `spool_limit`: bytes of it at most (1 GiB); more is answered 413. None: no limit.
    `client_timeout`: seconds that a thread waits for a client that sends nothing of its body, or takes nothing of
    the response (120; None: no limit); then the request ends as if the client had gone.
    `high_water`: bytes of response that the application may run ahead of the client; a file
    given to `wsgi.file_wrapper` may be half a MiB ahead.
    `max_headers`, `max_header_bytes`: more in one request gets 431.
    `keep_underscore_headers`: hand on header names with an underscore (a way to forge headers).
    `websockets`: call the application for WebSockets, too (migration_guide/websockets.md); else they get 403.

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
        executor: Executor | Literal["thread", "greenlet"] = "thread",
        lanes: str | Path | Mapping[str, Any] | None = None,
        max_threads: int = DEFAULT_MAX_THREADS,
        max_greenlets: int = DEFAULT_MAX_GREENLETS,
        max_queue: int = DEFAULT_MAX_QUEUE,
        queue_timeout: float | None = DEFAULT_QUEUE_TIMEOUT,
        shutdown_timeout: float = DEFAULT_SHUTDOWN_TIMEOUT,
        report_holds: bool = False,
        multiprocess: bool = True,
        body_window: int = 64 * 1024,
        body_wait: float = 1.0,
        spool_chunked: bool = True,
        spool_memory: int = 1024 * 1024,
        spool_limit: int | None = 1024**3,
        client_timeout: float | None = 120.0,
        high_water: int = 128 * 1024,
        max_headers: int = 100,
        max_header_bytes: int = 256 * 1024,
        keep_underscore_headers: bool = False,
        websockets: bool = False,
        on_startup: Hook | Sequence[Hook] = (),
        on_shutdown: Hook | Sequence[Hook] = (),
        on_error: ErrorHook | None = None,
    ) -> None:
        require_flag("websockets", websockets)
        self.app, self.websockets = _application(app), websockets
        pool = _Pool(max_threads, max_greenlets, max_queue, queue_timeout, shutdown_timeout, report_holds)
        self.options = options = HttpOptions(
            multiprocess=multiprocess,
            body_window=body_window,
            body_wait=body_wait,
            spool_chunked=spool_chunked,
            spool_memory=spool_memory,
            spool_limit=spool_limit,
            client_timeout=client_timeout,
            high_water=high_water,
            max_headers=max_headers,
            max_header_bytes=max_header_bytes,
            keep_underscore_headers=keep_underscore_headers,
            on_error=on_error,
        )
        table, self.executors, self.executor = pool.made(lanes, executor)
        self._http, self._websocket = _adapters(app, table, self.executors, options, websockets=websockets)
        self._lifespan = _lifespan(self.executors, on_startup, on_shutdown)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope; raises `UnknownScopeType` for one that ASGI does not name."""
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "lifespan":
            await self._lifespan(scope, receive, send)
        elif kind == "websocket":
            await self._websocket(scope, receive, send)
        else:
            raise UnknownScopeType(kind)

    def executor_for(self, scope: Scope) -> Executor:
        """Return the executor of the lane that serves this request; of a WebSocket's handshake, as of a GET."""
        http = self._http
        return self.executors[http.lane(scope)] if isinstance(http, LaneAdapter) else self.executor

    def __repr__(self) -> str:
        return f"WsgiToAsgi({self.app!r})"


def _application(app: WsgiApp) -> WsgiApp:
    require_wsgi("app", app)
    return app


def _lifespan(
    executors: Mapping[str, Executor], on_startup: Hook | Sequence[Hook], on_shutdown: Hook | Sequence[Hook]
) -> LifespanAdapter:
    hooks = as_hooks("on_startup", on_startup), as_hooks("on_shutdown", on_shutdown)
    return LifespanAdapter(tuple(executors.values()), *hooks)


def _adapters(
    app: WsgiApp,
    table: LaneTable | None,
    executors: Mapping[str, Executor],
    options: HttpOptions,
    *,
    websockets: bool,
) -> tuple[HttpAdapter | LaneAdapter, WebSocketAdapter | WebSocketRefusal]:
    """Return what answers HTTP scopes, and what answers WebSockets."""
    http = _http(app, table, executors, options)
    if not websockets:
        return http, WebSocketRefusal()
    return http, WebSocketAdapter(_http(upgradable(app), table, executors, options))


def _http(
    app: WsgiApp, table: LaneTable | None, executors: Mapping[str, Executor], options: HttpOptions
) -> HttpAdapter | LaneAdapter:
    """Return what answers HTTP scopes."""
    if table is None:
        return HttpAdapter(app, next(iter(executors.values())), options)
    return LaneAdapter(app, table, executors, options)


@dataclass(frozen=True, slots=True)
class _Pool:
    """The options of the executor that is made for a name."""

    max_threads: int
    max_greenlets: int
    max_queue: int
    queue_timeout: float | None
    shutdown_timeout: float
    report_holds: bool

    def executor(self, given: Executor | str) -> Executor:
        """Return the executor that was given, or a new one of that name."""
        if isinstance(given, Executor):
            self._refuse(
                *(each.name for each in fields(self)), instead="it to be set on the executor that was given"
            )
            return given
        if given == "thread":
            self._refuse("max_greenlets", "report_holds", instead="it to be left out, or executor='greenlet'")
            return ThreadExecutor(max_threads=self.max_threads, **self._common())
        if given == "greenlet":
            from bridge.executors.greenlets import GreenletExecutor

            self._refuse("max_threads", instead="max_greenlets, or executor='thread'")
            return GreenletExecutor(
                max_greenlets=self.max_greenlets, report_holds=self.report_holds, **self._common()
            )
        raise InvalidOption("executor", given, "'thread', 'greenlet' or an executor such as ThreadExecutor()")

    def made(
        self, lanes: str | Path | Mapping[str, Any] | None, executor: Executor | str
    ) -> tuple[LaneTable | None, dict[str, Executor], Executor]:
        """Return the table of lanes, None where one executor serves all; the executors by lane; the default one."""
        table = None if lanes is None else self.lanes(lanes, executor)
        executors = self.executors(executor, table)
        return table, executors, next(iter(executors.values()))

    def lanes(self, given: str | Path | Mapping[str, Any], executor: Executor | str) -> LaneTable:
        """Return the table of lanes; beside it the options that it has itself are refused."""
        if executor != "thread":
            raise InvalidOption("executor", executor, "it to be left out where there are lanes")
        limits = (each.name for each in fields(self) if each.name not in {"shutdown_timeout", "report_holds"})
        self._refuse(*limits, instead="it to be set in the lanes, under [lanes.NAME]")
        return lane_table(given)

    def executors(self, given: Executor | str, table: LaneTable | None) -> dict[str, Executor]:
        """Return the executors by lane, the default one first."""
        if table is not None:
            return table.executors(shutdown_timeout=self.shutdown_timeout, report_holds=self.report_holds)
        executor = self.executor(given)
        return {"thread" if executor.multithread else "greenlet": executor}

    def _common(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("max_queue", "queue_timeout", "shutdown_timeout")}

    def _refuse(self, *names: str, instead: str) -> None:
        """Refuse options that would be ignored: those whose value is not the default."""
        for name in names:
            value = getattr(self, name)
            if value != getattr(_DEFAULTS, name):
                raise InvalidOption(name, value, instead)


_DEFAULTS = _Pool(
    DEFAULT_MAX_THREADS,
    DEFAULT_MAX_GREENLETS,
    DEFAULT_MAX_QUEUE,
    DEFAULT_QUEUE_TIMEOUT,
    DEFAULT_SHUTDOWN_TIMEOUT,
    report_holds=False,
)
