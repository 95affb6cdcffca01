"""uvicorn's httptools protocol with what HTTP/1.0 clients are owed: no chunks, and a connection kept when asked.

Proxies that speak HTTP/1.0 to what is behind them (nginx unless told otherwise, `ab`, health checks) get chunk
sizes in the middle of a page from uvicorn, and a new connection for every request.

    HttpToolsProtocol --makes--> cycle --run_asgi(app)--> UnchunkedAnswer --calls--> the application

uvicorn makes the cycle of each request itself and starts the protocol's `app` in it. For a request of HTTP/1.0 that
`app` is an `UnchunkedAnswer` around it, an ordinary ASGI application: what it changes about the answer's headers goes
through `send`. Three attributes of the cycle say how the answer is framed, and nothing else in ASGI can.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

__all__ = ["Http10Protocol", "UnchunkedAnswer"]

BODILESS = frozenset({204, 304})


class UnchunkedAnswer:
    """The application of one request, whose response ends where its Content-Length says, or with the connection.

    `cycle` is uvicorn's, of that request: set before the application runs.
    """

    cycle: RequestResponseCycle
    until_close = False  # the response has a body of unknown length

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Run the application."""
        self._send = send
        await self._app(scope, receive, self.send)

    async def send(self, message: Any) -> None:
        """Send one event of the application."""
        if message["type"] == "http.response.start" and not self.cycle.response_started:
            message = self._framed(message)
        elif self.until_close:
            self.cycle.expected_content_length = len(message.get("body", b""))  # it would miss a promise
        await self._send(message)

    def _framed(self, start: Any) -> Any:
        cycle = self.cycle
        # RFC 9112 section 6.1: no Transfer-Encoding in an answer to HTTP/1.0.
        headers = [pair for pair in start.get("headers", ()) if pair[0].lower() != b"transfer-encoding"]
        named = {name.lower() for name, _ in (*cycle.default_headers, *headers)}
        bodiless = cycle.scope["method"] == "HEAD" or start["status"] in BODILESS
        if b"content-length" not in named and not bodiless:
            # RFC 9112 section 6.3, the last way to find a length: until the server closes.
            self.until_close, cycle.chunked_encoding, cycle.keep_alive = True, False, False
        if cycle.keep_alive and cycle.scope["http_version"] == "1.0" and b"connection" not in named:
            headers.append((b"connection", b"Keep-Alive"))  # RFC 9112 appendix C.2.2: the client waits for it
        return {**start, "headers": headers}


class Http10Protocol(HttpToolsProtocol):
    """One connection."""

    def maybe_answer(self) -> UnchunkedAnswer | None:
        """Return what the application of the request at hand is wrapped into; None: nothing."""
        return UnchunkedAnswer(self.app) if self.parser.get_http_version() == "1.0" else None

    def on_headers_complete(self) -> None:
        """Take a request; `httptools` calls this."""
        answer = self.maybe_answer()
        if answer is None:
            super().on_headers_complete()
            return
        app, self.app = self.app, answer  # uvicorn takes it from here, for this request only
        try:
            super().on_headers_complete()
        finally:
            self.app = app
        if self.cycle is None or self.cycle.scope is not self.scope:
            return  # a WebSocket: no cycle was made
        answer.cycle = self.cycle  # uvicorn made the task for the application above; it has not run yet
        if self.scope["http_version"] == "1.0":
            # RFC 9112 section 6.1: HTTP/1.0 with Transfer-Encoding is framed by nobody knows whom.
            chunked = any(name == b"transfer-encoding" for name, _ in self.headers)
            self.cycle.keep_alive = self.parser.should_keep_alive() and not chunked
