"""`WsgiMiddleware`: WSGI middleware around an ASGI application, inside an ASGI server.

    server -> WsgiToAsgi -> the WSGI middleware -> the application
    loop      loop          worker thread          the server's own loop

There is no second loop: the application is awaited on the loop that its request came from, so what it
shares with the rest of the process (clients, pools, locks, its lifespan) stays on one loop. The
request holds a worker thread as long as it lasts; what goes around that thread is in
`bridge.adapters.inner_call`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Literal, cast

from bridge.adapters.answers import ErrorHook
from bridge.adapters.asgi_exchange import AsgiExchange, Waiting, begin
from bridge.adapters.asgi_to_wsgi import StartResponse, start_answer
from bridge.adapters.inner_call import InnerCall, Link
from bridge.adapters.wsgi_call import WsgiApp
from bridge.adapters.wsgi_to_asgi import WsgiToAsgi
from bridge.errors import EnvironLost, InvalidOption, LoopWouldBlock
from bridge.executors.base import Executor
from bridge.executors.bounded import DEFAULT_MAX_QUEUE, DEFAULT_QUEUE_TIMEOUT, DEFAULT_SHUTDOWN_TIMEOUT
from bridge.executors.threads import DEFAULT_MAX_THREADS
from bridge.protocol.asgi_response import Block, Head
from bridge.protocol.asgi_types import AsgiApp, Event, Receive, Scope, Send
from bridge.protocol.callables import require_asgi
from bridge.protocol.environ import Environ
from bridge.protocol.input_reader import InputReader, body_reader
from bridge.protocol.scope import revise_scope

__all__ = ["WsgiMiddleware"]

logger = logging.getLogger("bridge.asgi")

DEFAULT_HIGH_WATER = 65536  # bytes, as AsgiToWsgi's

_LINK = "bridge.link"  # the scope's key for the request's Link
# What the WSGI middleware between the application and the server can't carry is not offered.
_KEPT_EXTENSIONS = ("tls",)


class WsgiMiddleware:
    """An ASGI application: `app`, with the WSGI middleware that `wrap` puts around it.

    `wrap` gets a WSGI application and returns one: a middleware class, or a lambda that gives it
    its options. The application sees the server's scope with what the middleware changed in
    environ: method, path, query, headers, client, server. All of environ is in
    `scope["wsgi_environ"]`, REMOTE_USER for one.

    Around HTTP requests only: lifespan and WebSocket scopes go to `app` as they are. Extensions that
    send other events than a plain response (pathsend, trailers, early hints) are not offered to it.

    `high_water` is in bytes of response between the application and the middleware. The other options
    are those of `WsgiToAsgi`, which describes them; `max_threads` bounds the requests under way, for
    each holds its thread until its response has ended.
    """

    def __init__(
        self,
        app: AsgiApp,
        wrap: Callable[[WsgiApp], WsgiApp],
        *,
        high_water: int = DEFAULT_HIGH_WATER,
        executor: Executor | Literal["thread"] = "thread",
        max_threads: int = DEFAULT_MAX_THREADS,
        max_queue: int = DEFAULT_MAX_QUEUE,
        queue_timeout: float | None = DEFAULT_QUEUE_TIMEOUT,
        shutdown_timeout: float = DEFAULT_SHUTDOWN_TIMEOUT,
        on_error: ErrorHook | None = None,
    ) -> None:
        require_asgi("app", app)
        if not callable(wrap):
            raise InvalidOption("wrap", wrap, "a callable: WSGI application -> WSGI application around it")
        self.app = app
        self._high_water = high_water
        wrapped = wrap(self._inner)
        if not callable(wrapped):
            raise InvalidOption("wrap", wrap, f"a callable that returns a WSGI application, not {wrapped!r}")
        # The application gets its body as it comes: nothing is read ahead, nothing spooled.
        self._bridge = WsgiToAsgi(
            _entrance(wrapped),
            executor=executor,
            max_threads=max_threads,
            max_queue=max_queue,
            queue_timeout=queue_timeout,
            shutdown_timeout=shutdown_timeout,
            on_error=on_error,
            spool_chunked=False,
            body_wait=0.0,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        if scope["type"] == "http":
            link = Link(scope, receive, asyncio.get_running_loop())
            await link.run(self._bridge({**scope, _LINK: link}, cast(Any, link.receive), send))
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    # ------------------------------------------------------------ lifespan

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application's lifespan, and drain the executor before its shutdown.

        An application without a lifespan (it raises, or returns) gets that of WsgiToAsgi in its place,
        which drains the executor all the same.
        """
        self._bridge.executor.open()
        received: list[Event] = []
        answered = False

        async def receive_and_drain() -> Event:
            event = await receive()
            received.append(event)
            if event["type"] == "lifespan.shutdown":
                await self._drain()
            return event

        async def note_and_send(event: Event) -> None:
            nonlocal answered
            answered = True
            await send(event)

        async def receive_again() -> Event:
            return received.pop(0) if received else await receive()

        try:
            await self.app(scope, receive_and_drain, note_and_send)
        except Exception as error:
            if answered:
                raise
            logger.info("the application has no lifespan (it raised %r); going on without", error)
        if not answered:
            await self._bridge(scope, cast(Any, receive_again), send)

    async def _drain(self) -> None:
        left = await self._bridge.executor.drain()
        if left:
            logger.warning("shutdown left %d requests unfinished: %s", len(left), ", ".join(left))

    # ------------------------------------------------------------ the application that the middleware wraps

    def _inner(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Call the ASGI application as a WSGI application, in the middleware's thread."""
        link = _link(environ)
        reader = body_reader(environ)
        scope = revise_scope(environ["asgi.scope"], link.environ, environ)
        del scope[_LINK]
        extensions = scope.get("extensions") or {}
        scope["extensions"] = {name: extensions[name] for name in _KEPT_EXTENSIONS if name in extensions}
        call = InnerCall(self.app, scope, link, has_body=reader is not None, high_water=self._high_water)
        begin(call)
        exchange = _InnerExchange(call, reader)
        return start_answer(start_response, exchange, exchange.head())


class _InnerExchange(AsgiExchange):
    """An exchange whose thread sees the contextvars that the application has set."""

    __slots__ = ("_inner_call",)

    def __init__(self, call: InnerCall, reader: InputReader | None) -> None:
        super().__init__(call, reader, Waiting())
        self._inner_call = call

    def _next_item(self) -> Head | Block:
        item = super()._next_item()
        self._inner_call.adopt_context()
        return item


def _entrance(app: WsgiApp) -> WsgiApp:
    """Return `app` with a look at environ before any middleware has changed it."""

    def entrance(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        _link(environ).environ = environ.copy()
        return app(environ, start_response)

    return entrance


def _link(environ: Environ) -> Link:
    """Return the request's link. Raises `EnvironLost`; `LoopWouldBlock` in the thread of its loop."""
    link = environ.get("asgi.scope", {}).get(_LINK)
    if not isinstance(link, Link):
        raise EnvironLost
    if link.thread == threading.get_ident():
        raise LoopWouldBlock("WsgiMiddleware", "give it an executor that runs in threads")
    return link
