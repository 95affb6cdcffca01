"""uvicorn's httptools protocol with what HTTP/1.0 clients are owed: no chunks, and a connection kept when asked.

Proxies that speak HTTP/1.0 to what is behind them (nginx unless told otherwise, `ab`, health checks) get chunk
sizes in the middle of a page from uvicorn, and a new connection for every request.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

__all__ = ["Http10Protocol", "UnchunkedCycle"]

BODILESS = frozenset({204, 304})


class UnchunkedCycle(RequestResponseCycle):
    """A request whose response ends where its Content-Length says, or with the connection.

    uvicorn makes the cycles of a connection itself; one becomes an `UnchunkedCycle` by its `__class__`, before
    its application runs.
    """

    until_close = False  # the response has a body of unknown length

    async def send(self, message: Any) -> None:
        """Send one event of the application."""
        if message["type"] == "http.response.start" and not self.response_started:
            message = self._framed(message)
        elif self.until_close:
            self.expected_content_length = len(message.get("body", b""))  # uvicorn would miss a promise
        await super().send(message)

    def _framed(self, start: Any) -> Any:
        # RFC 9112 section 6.1: no Transfer-Encoding in an answer to HTTP/1.0.
        headers = [pair for pair in start.get("headers", ()) if pair[0].lower() != b"transfer-encoding"]
        named = {name.lower() for name, _ in (*self.default_headers, *headers)}
        bodiless = self.scope["method"] == "HEAD" or start["status"] in BODILESS
        if b"content-length" not in named and not bodiless:
            # RFC 9112 section 6.3, the last way to find a length: until the server closes.
            self.until_close, self.chunked_encoding, self.keep_alive = True, False, False
        if self.keep_alive and self.scope["http_version"] == "1.0" and b"connection" not in named:
            headers.append((b"connection", b"Keep-Alive"))  # RFC 9112 appendix C.2.2: the client waits for it
        return {**start, "headers": headers}


class Http10Protocol(HttpToolsProtocol):
    """One connection."""

    def on_headers_complete(self) -> None:
        """Take a request; `httptools` calls this."""
        super().on_headers_complete()
        if self.scope["http_version"] == "1.0" and self.cycle is not None and self.cycle.scope is self.scope:
            # uvicorn made the task for the application above; it has not run yet.
            self.cycle.__class__ = UnchunkedCycle
            # RFC 9112 section 6.1: HTTP/1.0 with Transfer-Encoding is framed by nobody knows whom.
            chunked = any(name == b"transfer-encoding" for name, _ in self.headers)
            self.cycle.keep_alive = self.parser.should_keep_alive() and not chunked
