"""`AsgiToWsgi`: an ASGI application as a WSGI application, for gunicorn, waitress, mod_wsgi and the like.

It is a2wsgi's `ASGIMiddleware` and can stand in for it: `wait_time`, `loop`, `scope["wsgi_environ"]`, the
wording of statuses and the answer for an application that fails are a2wsgi's. What could not be put
right from outside a2wsgi 1.10 is written anew in the modules beside this one, and why:

    constructor   starts loop and thread at once: gunicorn --preload loses them in the     asgi_loop
                  fork and every request waits for ever
                  never runs the lifespan, has no close()                                  asgi_host, asgi_lifespan
    build_scope   raises on a path that is not UTF-8, a query that is not ASCII, a port    protocol.scope
                  that is not a number (unix sockets); has no raw_path, no state
    responder     is a generator without a finally: closed early, it leaves the task       asgi_exchange,
                  waiting for ever; an application that returns too early holds the        asgi_call,
                  worker for ever; a body without Content-Length is not read, one that     protocol.input_reader
                  breaks off is read for ever; an error in the middle of a response is
                  lost in a race (one time in ten) and the response ends as complete;
                  every event takes two locks and four hops
                  lets through bodies before the start, CR LF in headers, lengths that     protocol.asgi_response
                  don't match

WebSockets are not possible: WSGI has no way to keep the connection. A handshake reaches the
application as the plain GET that it begins with.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from a2wsgi import ASGIMiddleware
from a2wsgi.asgi import StatusStringMapping

from bridge.adapters.asgi_call import AsgiCall
from bridge.adapters.asgi_exchange import AsgiExchange, Waiting
from bridge.adapters.asgi_host import AsgiHost
from bridge.adapters.asgi_lifespan import LifespanMode
from bridge.adapters.asgi_loop import BorrowedLoop, LoopHome, LoopThread, shared_loop
from bridge.errors import InvalidOption, UndecodedBody
from bridge.protocol.asgi_response import Head
from bridge.protocol.asgi_types import AsgiApp
from bridge.protocol.callables import require_asgi
from bridge.protocol.environ import Environ
from bridge.protocol.input_reader import InputReader, body_reader
from bridge.protocol.scope import build_scope

if TYPE_CHECKING:
    from typing_extensions import Self  # Python 3.11 has it, 3.10 needs it for the type checker only

__all__ = ["AsgiToWsgi", "StartResponse", "start_answer"]

logger = logging.getLogger("bridge.asgi")

StartResponse = Callable[..., Any]

DEFAULT_HIGH_WATER = 65536  # bytes; what asyncio's own transports let a writer run ahead
DEFAULT_SHUTDOWN_TIMEOUT = (
    10.0  # seconds; gunicorn kills 30 s after SIGTERM, and the lifespan may take as long again
)

_STATUS_LINES = cast(Mapping[int, str], StatusStringMapping)
_TROUBLE = b"Server got itself in trouble"  # a2wsgi's words


class AsgiToWsgi(ASGIMiddleware):
    """A WSGI application that answers with the ASGI application `app`.

    Nothing starts before the first request, or `start()`; a forked child begins anew. From then on
    the application runs on one event loop in another thread, `close()` ends it, and so does the end
    of the process (not a signal's default action, which runs no Python code). It is a context
    manager: `with AsgiToWsgi(app) as wsgi_app:` starts and closes it.

    wait_time      seconds that the WSGI worker waits, after the end of the response, for the
                   application to return: 0.0 not at all, None as long as it takes. The server ends the
                   response when the wait is over.
    cancel_late    whether what runs longer than `wait_time` is cancelled. If not, background tasks go
                   on on the event loop, beside the next requests, as they do in an ASGI server.
    loop           None: the process's own, which all AsgiToWsgi share; a `LoopThread()` for a loop apart;
                   or an event loop that runs in another thread.
    lifespan       "auto": run it if the application has one; "on": it must have one; "off".
    raise_errors   whether an exception before the start of the response is raised to the WSGI server,
                   or middleware, to log and to answer. If not, it is logged ("bridge.asgi") and answered
                   with a plain 500 and exc_info. After the start it is always raised, because that
                   is how a WSGI server learns that it must break the response off.
    high_water     bytes of response that the application may be ahead of the server.
    shutdown_timeout  seconds that `close()` waits for running requests and background tasks, and then
                   again for the lifespan, before it cancels them.
    """

    def __init__(
        self,
        app: AsgiApp,
        *,
        wait_time: float | None = 0.0,
        cancel_late: bool = False,
        loop: asyncio.AbstractEventLoop | LoopThread | None = None,
        lifespan: LifespanMode = "auto",
        raise_errors: bool = False,
        high_water: int = DEFAULT_HIGH_WATER,
        shutdown_timeout: float = DEFAULT_SHUTDOWN_TIMEOUT,
    ) -> None:
        # Not super().__init__(): it would start a loop and a thread here and now.
        _check_options(app, wait_time, lifespan, high_water, shutdown_timeout)
        self.app: Any = app  # a2wsgi has TypedDicts where we have mappings
        self.wait_time = wait_time
        self._waiting = Waiting(wait_time=wait_time, cancel_late=cancel_late)
        self._raise_errors = raise_errors
        self._high_water = high_water
        self._host = AsgiHost(app, _home(loop), lifespan=lifespan, shutdown_timeout=shutdown_timeout)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:  # type: ignore[override]  # a2wsgi has an attribute; ours starts on demand
        """The event loop that the application runs on; started if it does not run yet."""
        return self._host.running().loop

    def start(self) -> None:
        """Run the lifespan's startup now and not with the first request.

        For a server's hook after the fork (gunicorn: `post_worker_init`). Raises `LifespanFailed`.
        """
        self._host.running()

    def close(self) -> None:
        """Wait for what runs, run the lifespan's shutdown and give the event loop back; for good."""
        self._host.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:  # type: ignore[override]  # as app
        """Answer one request (PEP 3333); waits here until the first part of the response is there."""
        try:
            reader = body_reader(environ)
        except UndecodedBody as error:
            return _plain(start_response, "411 Length Required", str(error).encode())
        except ValueError:
            return _plain(start_response, "400 Bad Request", b"Content-Length is not a number")
        exchange: AsgiExchange | None = None
        try:
            exchange = self._begin(environ, reader)
            head = exchange.head()
        except Exception as error:
            request = f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO')}"
            if exchange is not None and exchange.body_lost:
                logger.info("%s: the client left before its request body had ended: %r", request, error)
                return _plain(start_response, "400 Bad Request", b"The request body broke off")
            if self._raise_errors:
                raise
            logger.exception("%s: the application failed: %s", request, error)  # noqa: TRY401 - one line tells what
            return _plain(start_response, "500 Internal Server Error", _TROUBLE, sys.exc_info())
        return start_answer(start_response, exchange, head)

    def _begin(self, environ: Environ, reader: InputReader | None) -> AsgiExchange:
        running = self._host.running()
        scope = build_scope(environ)
        scope["state"] = running.lifespan.state.copy()
        call = AsgiCall(
            self.app,
            scope,
            has_body=reader is not None,
            high_water=self._high_water,
            loop=running.loop,
            live=running.live,
        )
        self._host.begin(call)
        return AsgiExchange(call, reader, self._waiting)


def start_answer(start_response: StartResponse, exchange: AsgiExchange, head: Head) -> Iterable[bytes]:
    """Begin the response of an exchange whose head has come, and return the iterable for the server."""
    try:
        start_response(_STATUS_LINES[head.status], head.headers)
    except BaseException:  # the server refuses the headers; nobody would close the exchange
        exchange.close()
        raise
    if not head.ended or exchange.waits:
        return exchange
    # A list of one block lets the server work out Content-Length (PEP 3333). Not where there is no body.
    return [] if head.bodyless else [head.block]


def _plain(start_response: StartResponse, status: str, body: bytes, exc_info: Any = None) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, headers, *([exc_info] if exc_info else []))
    return [body]


def _home(loop: asyncio.AbstractEventLoop | LoopThread | None) -> LoopHome:
    if loop is None:
        return shared_loop()
    return loop if isinstance(loop, LoopThread) else BorrowedLoop(loop)


def _check_options(
    app: object, wait_time: float | None, lifespan: str, high_water: int, shutdown_timeout: float
) -> None:
    require_asgi("app", app)
    if wait_time is not None and wait_time < 0:
        raise InvalidOption("wait_time", wait_time, "seconds, or None for as long as it takes")
    if lifespan not in {"auto", "on", "off"}:
        raise InvalidOption("lifespan", lifespan, "'auto', 'on' or 'off'")
    if high_water < 0:
        raise InvalidOption("high_water", high_water, "0 or more bytes")
    if shutdown_timeout < 0:
        raise InvalidOption("shutdown_timeout", shutdown_timeout, "seconds")
