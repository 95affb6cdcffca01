"""HTTP scopes: from the scope to an `Exchange`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

from bridge.adapters.answers import (
    BAD_CONTENT_LENGTH,
    CONFLICTING_HOSTS,
    HEADERS_TOO_LARGE,
    closing,
    send_answer,
)
from bridge.adapters.exchange import Exchange
from bridge.adapters.files import FileWrapper
from bridge.adapters.options import HttpOptions, Route
from bridge.adapters.wsgi_call import WsgiApp
from bridge.executors.base import Crossing, Executor
from bridge.protocol.asgi_types import Receive, Scope, Send
from bridge.protocol.environ import Environ, build_environ, content_length, settle_host
from bridge.protocol.headers import EnvironKeys, headers_within
from bridge.version import __version__

__all__ = ["HttpAdapter"]

# Methods that have no body unless Content-Length or Transfer-Encoding says so.
_BODYLESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class HttpAdapter:
    """Answers HTTP scopes with a WSGI application, run by an executor."""

    def __init__(self, app: WsgiApp, executor: Executor, options: HttpOptions) -> None:
        self._route = Route(app, executor, options)
        self._keys = EnvironKeys(keep_underscores=options.keep_underscore_headers)
        self._base = _base_environ(executor, multiprocess=options.multiprocess)
        self._crossing: Crossing | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what to await for the answer to one request."""
        options = self._route.options
        if not headers_within(scope["headers"], options.max_headers, options.max_header_bytes):
            return send_answer(send, HEADERS_TOO_LARGE, scope["method"])
        environ = build_environ(scope, self._base, self._keys)
        if not settle_host(environ, scope):
            return send_answer(send, CONFLICTING_HOSTS, scope["method"])
        try:
            length = content_length(environ)
        except ValueError:
            return send_answer(send, BAD_CONTENT_LENGTH, scope["method"])
        if length is not None and "bridge.transfer_encoding" in environ:
            # RFC 9112 section 6.1: Transfer-Encoding counts, Content-Length lies, and the connection must be closed:
            # what a proxy that goes by the other took for the end of the body may be the next request.
            del environ["CONTENT_LENGTH"]
            length = None
            if environ["SERVER_PROTOCOL"].startswith("HTTP/1"):
                send = closing(send)
        loop = asyncio.get_running_loop()
        crossing = self._crossing
        if crossing is None or crossing.loop is not loop:
            crossing = self._crossing = replace(
                self._route.executor.crossing(loop), client_timeout=options.client_timeout
            )
        exchange = Exchange(self._route, crossing, environ, receive, send)
        if length or _length_unknown(environ):
            return _run_with_body(exchange, environ, length)
        return exchange.run()


async def _run_with_body(exchange: Exchange, environ: Environ, length: int | None) -> None:
    await exchange.prefetch(environ, length)
    await exchange.run()


def _base_environ(executor: Executor, *, multiprocess: bool) -> Environ:
    """Return what is the same in every request's environ (PEP 3333 "environ Variables")."""
    return {
        "wsgi.version": (1, 0),
        "wsgi.multithread": executor.multithread,
        "wsgi.multiprocess": multiprocess,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        # The body ends by itself, whatever its length: reading to the end never waits for ever.
        "wsgi.input_terminated": True,
        "SERVER_SOFTWARE": f"wsgi-bridge/{__version__}",
    }


def _length_unknown(environ: Environ) -> bool:
    """Tell whether a body may come whose length is not announced.

    HTTP/2 and later need neither header, and in HTTP/1.1 middleware that unpacks the body may have dropped them.
    """
    if "bridge.transfer_encoding" in environ:
        return True
    return "CONTENT_LENGTH" not in environ and environ["REQUEST_METHOD"] not in _BODYLESS_METHODS
