"""Where recorded requests are sent: an ASGI application in this process, or a URL."""

from __future__ import annotations

import abc
import asyncio
import base64
import http.client
import socket
import ssl
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit, urlunsplit

from bridge.adapters.asgi_lifespan import Lifespan
from bridge.incremental.calling import answer_within
from bridge.incremental.compare.answers import Answer
from bridge.incremental.traffic.requests import RecordedRequest
from bridge.incremental.watching import Capture
from bridge.protocol.asgi_types import AsgiApp, Event, Scope

__all__ = ["AsgiTarget", "Target", "UrlTarget"]

ANSWER_LIMIT = 8 * 1024 * 1024  # bytes that are compared by content
FLOOD = 256 * 1024 * 1024  # bytes at which an answer is given up
SHUTDOWN_TIMEOUT = 10.0  # seconds

Headers = Iterable[tuple[str, str]]


class Target(abc.ABC):
    """Something that answers requests. `ask` never raises: what went wrong is the answer's `error`."""

    name: str

    async def open(self) -> None:  # noqa: B027 - most have nothing to do
        """Get ready; for an application, its startup."""

    @abc.abstractmethod
    async def ask(self, request: RecordedRequest, headers: Headers, timeout: float) -> Answer:
        """Return the answer to a request sent with these headers, within `timeout` seconds."""

    async def close(self) -> None:  # noqa: B027 - as open()
        """Let go; for an application, its shutdown."""


class AsgiTarget(Target):
    """An application in this process, called as a server would call it."""

    def __init__(self, app: AsgiApp, name: str) -> None:
        self.name = name
        self._app = app
        self._lifespan = Lifespan(app, "auto")

    async def open(self) -> None:
        """Run the application's startup; raises `LifespanFailed`."""
        await self._lifespan.startup()

    async def close(self) -> None:
        """Run the application's shutdown."""
        await self._lifespan.shutdown(SHUTDOWN_TIMEOUT)

    async def ask(self, request: RecordedRequest, headers: Headers, timeout: float) -> Answer:
        """Call the application."""
        capture = Capture(None, request.method, limit=ANSWER_LIMIT, flood=FLOOD)
        events: list[Event] = [{"type": "http.request", "body": request.body, "more_body": False}]
        gone = asyncio.Event()

        async def receive() -> Event:
            if not events:
                await gone.wait()
            return events.pop() if events else {"type": "http.disconnect"}

        return await answer_within(self._app, self._scope(request, headers), receive, capture, timeout)

    def _scope(self, request: RecordedRequest, headers: Headers) -> Scope:
        path, _, query = request.target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path.encode("utf-8", "surrogateescape"),
            "query_string": query.encode("utf-8", "surrogateescape"),
            "root_path": "",
            "headers": [(name.encode("latin-1", "replace"), _octets(value)) for name, value in headers],
            "client": ("127.0.0.1", 0),
            "server": ("localhost", 80),
            "state": dict(self._lifespan.state),
            "extensions": {},
        }


def _octets(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape")


def _maybe_basic(parts: SplitResult) -> str | None:
    if parts.username is None:
        return None
    pair = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
    return f"Basic {base64.b64encode(pair).decode()}"


def _without_credentials(parts: SplitResult) -> str:
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


class UrlTarget(Target):
    """A running server; `url` is where its paths begin. Redirects are answers, and not followed.

    `connections`: requests at one time, each in a thread. A user and a password in the URL are sent as Basic
    credentials (RFC 7617), in place of what was recorded; the target's name is without them.
    """

    def __init__(self, url: str, *, verify: bool = True, connections: int = 1) -> None:
        parts = urlsplit(url)
        self.name = _without_credentials(parts)
        self._credentials = _maybe_basic(parts)
        self._threads = ThreadPoolExecutor(connections, "bridge-replay")
        self._prefix = parts.path.rstrip("/")
        self._host, self._port = parts.hostname or "localhost", parts.port
        self._tls: ssl.SSLContext | None = None
        if parts.scheme == "https":
            # Unverified on request only: for a server with a certificate of its own making.
            self._tls = ssl.create_default_context() if verify else ssl._create_unverified_context()  # noqa: S323, SLF001 - as said

    async def ask(self, request: RecordedRequest, headers: Headers, timeout: float) -> Answer:
        """Send the request over a connection of its own, in a thread."""
        connection = self._connection(timeout)
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, self._ask, connection, request, self._with_credentials(headers)
        )
        # The socket's own limit is for each of its steps: an answer that trickles would have all the time there is.
        await asyncio.wait([work], timeout=timeout)
        if not work.done():
            with suppress(OSError, AttributeError):  # not connected yet
                connection.sock.shutdown(socket.SHUT_RDWR)
            await work
            return Answer(body=None, error=f"no whole answer within {timeout:g} s")
        return await work

    async def close(self) -> None:
        """End the threads."""
        await asyncio.to_thread(self._threads.shutdown)

    def _ask(
        self, connection: http.client.HTTPConnection, request: RecordedRequest, headers: list[tuple[str, str]]
    ) -> Answer:
        began = time.perf_counter()
        try:
            connection.putrequest(
                request.method, self._prefix + request.target, skip_host=True, skip_accept_encoding=True
            )
            for name, value in headers:
                connection.putheader(name, _octets(value))
            connection.endheaders(request.body or None)
            with connection.getresponse() as response:
                return self._answer(response, began)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer(body=None, error=f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    def _with_credentials(self, headers: Headers) -> list[tuple[str, str]]:
        if self._credentials is None:
            return list(headers)
        others = [(name, value) for name, value in headers if name.lower() != "authorization"]
        return [*others, ("authorization", self._credentials)]

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    @staticmethod
    def _answer(response: Any, began: float) -> Answer:
        seconds = time.perf_counter() - began
        body = response.read(ANSWER_LIMIT + 1)
        known = len(body) <= ANSWER_LIMIT
        return Answer(
            status=response.status,
            headers=tuple(
                (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
                for name, value in response.getheaders()
            ),
            body=body if known else None,
            size=len(body),
            seconds=seconds,
        )
