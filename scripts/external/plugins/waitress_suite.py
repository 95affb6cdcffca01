"""waitress's functional tests over TCP, against an ASGI server and a bridge instead of waitress.

Three things that are waitress's own are given to its tests by the harness, for every contender:

- REMOTE_HOST in environ, which the suite's echo application reads. It's optional (RFC 3875 section 4.1.9).
- `HTTP/1.0` expected in a status line takes `HTTP/1.1`, too: a server answers in the highest version that
  it conforms to (RFC 9110 section 6.2), and it alone writes that line.
- Settings: the server's name, trust in proxies and in which of their headers, the limit on headers, and that
  an application error closes the connection (the exception is left to the server, which answers 500 and closes).

`EXTERNAL_STRICT` in the environment leaves out the first two.
"""

from __future__ import annotations

import functools
import logging
import os
import socket
import sys
from collections.abc import Iterable
from typing import Any

from scripts.external.contenders import to_asgi
from scripts.external.serving import AsgiServer, listen

__all__ = ["BridgedTcpServer", "Cleared", "pytest_collection_finish"]

_strict = bool(os.environ.get("EXTERNAL_STRICT"))


class BridgedTcpServer:
    """Stands in for the suite's `FixtureTcpWSGIServer`: binds, tells where, serves.

    waitress's settings become the server's own: its name in `Server`, and trust in proxies.
    """

    family = socket.AF_INET

    def __init__(self, application: Any, queue: Any, **settings: Any) -> None:
        self.listener = listen()
        self.tell = functools.partial(queue.put, self.listener.getsockname())
        self.app = application if _strict else _with_remote_host(application)
        self.limits: dict[str, Any] = {"max_header_bytes": settings.get("max_request_header_size")}
        self.trusted_headers = settings.get("trusted_proxy_headers")
        trusted = settings.get("trusted_proxy")
        self.options: dict[str, Any] = {
            "headers": [("Server", "waitress")],
            "server_header": False,
            "proxy_headers": trusted is not None,
            "forwarded_allow_ips": trusted,
        }

    def run(self) -> None:
        """Serve until the suite ends the process."""
        logging.disable(logging.CRITICAL)  # as the suite's own NullHandler does
        bridge = to_asgi(self.app, reraise=True, **self.limits)
        if self.trusted_headers is not None:
            bridge = Cleared(bridge, self.trusted_headers)
        AsgiServer(bridge, self.listener, **self.options).run(ready=self.tell)


class Cleared:
    """`app` without the proxy headers that are not trusted: waitress's `clear_untrusted_proxy_headers`."""

    def __init__(self, app: Any, trusted: Iterable[str]) -> None:
        self.app = app
        self.trusted = {name.encode("latin-1") for name in trusted}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand the request on."""
        if scope["type"] == "http":
            scope = {**scope, "headers": [pair for pair in scope["headers"] if self._passes(pair[0])]}
        await self.app(scope, receive, send)

    def _passes(self, name: bytes) -> bool:
        return not name.startswith(b"x-forwarded-") or name in self.trusted


def pytest_collection_finish(session: Any) -> None:
    """Put the bridge in the place of waitress."""
    tests = sys.modules["tests.test_functional"]
    tests.TcpTests.server = BridgedTcpServer
    if not _strict:
        _accept_newer_version(tests.SubprocessTests)


def _with_remote_host(app: Any) -> Any:
    def with_remote_host(environ: dict[str, Any], start_response: Any) -> Any:
        environ["REMOTE_HOST"] = environ.get("REMOTE_ADDR", "")
        return app(environ, start_response)

    return with_remote_host


def _accept_newer_version(case: Any) -> None:
    exact = case.assertline

    def assertline(self: Any, line: bytes, status: str, reason: str, version: str) -> None:
        got = line.split(None, 1)[0].decode("latin-1")
        exact(self, line, status, reason, max(version, got) if got == "HTTP/1.1" else version)

    case.assertline = assertline
