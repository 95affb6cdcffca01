"""A real server on a real socket around an ASGI application, for the suites that speak TCP.

uvicorn with httptools by default. A suite that speaks raw HTTP judges the server together with the
bridge; `EXTERNAL_SERVER` gives a second opinion on what fails there: `uvicorn-h11`, `hypercorn` or
`granian`. A test that passes under one of them, with the same bridge, has failed on its server.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable
from typing import Any

__all__ = ["SERVERS", "SERVER_VARIABLE", "AsgiServer", "listen"]

SERVER_VARIABLE = "EXTERNAL_SERVER"
SERVERS = ("uvicorn", "uvicorn-h11", "hypercorn", "granian")
_server = os.environ.get(SERVER_VARIABLE, "uvicorn")
_GRACE = 2  # seconds for open connections at the end; the suites have hung up by then


def listen(host: str = "127.0.0.1", port: int = 0, *, path: str | None = None) -> socket.socket:
    """A listening socket: on `host` and `port` (0: the system's choice), or the unix socket `path`.

    For granian, which opens sockets of its own, it is bound only: it keeps the port, and who comes too
    early is refused instead of reset.
    """
    if path is not None:
        unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        unix.bind(path)
        unix.listen(128)
        return unix
    if _server == "granian":
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
        return bound
    return socket.create_server((host, port), backlog=128)


class AsgiServer:
    """One server in the calling thread: `run()` returns after `stop()` from another, or a signal.

    `listener` is taken over. `options` are uvicorn's; the other servers do without them.
    """

    def __init__(
        self, app: Any, listener: socket.socket, *, tls: ssl.SSLContext | None = None, **options: Any
    ) -> None:
        self._server = _KINDS[_server](app, listener, tls, options)

    def run(self, *, ready: Callable[[], None] | None = None) -> None:
        """Serve until told to stop; `ready` is called when a client can connect."""
        self._server.run(ready or _nothing)

    def stop(self) -> None:
        """Ask `run()` to return; from any thread."""
        self._server.stop()


def _nothing() -> None:
    """Stands for the callback of a caller who waits in another way."""


class _Uvicorn:
    def __init__(
        self, app: Any, listener: socket.socket, tls: ssl.SSLContext | None, options: dict[str, Any]
    ) -> None:
        import uvicorn

        from bridge.cli.servers.uvicorn_http10 import Http10Protocol  # as `wsgi-bridge serve` runs it

        settings: dict[str, Any] = {
            "lifespan": "on",
            "log_level": "warning",
            "http": "h11" if _server == "uvicorn-h11" else Http10Protocol,
            "timeout_graceful_shutdown": _GRACE,
        }
        self.listener = listener
        config = uvicorn.Config(app, **(settings | options))
        config.load()
        config.ssl = tls
        self.server = uvicorn.Server(config)

    def run(self, ready: Callable[[], None]) -> None:
        ready()  # the listener is open already: the system keeps who comes now
        self.server.run(sockets=[self.listener])

    def stop(self) -> None:
        self.server.should_exit = True


class _Hypercorn:
    """hypercorn on the same listener."""

    def __init__(
        self, app: Any, listener: socket.socket, tls: ssl.SSLContext | None, options: dict[str, Any]
    ) -> None:
        self.app = app
        self.listener = listener
        self.tls = tls
        self.loop = asyncio.new_event_loop()
        self.ended = asyncio.Event()

    def run(self, ready: Callable[[], None]) -> None:
        from hypercorn.asyncio import serve
        from hypercorn.config import Config

        config = Config()
        config.bind = [f"fd://{self.listener.fileno()}"]
        config.graceful_timeout = _GRACE
        if self.tls is not None:
            config.create_ssl_context = lambda: self.tls  # type: ignore[method-assign]  # its only door
        ready()
        self.loop.run_until_complete(serve(self.app, config, shutdown_trigger=self.ended.wait))

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.ended.set)


class _Granian:
    """granian on the listener's port."""

    def __init__(
        self, app: Any, listener: socket.socket, tls: ssl.SSLContext | None, options: dict[str, Any]
    ) -> None:
        from granian.constants import Interfaces
        from granian.server.embed import Server

        self.address = listener.getsockname()
        self.listener = listener
        host, port = self.address
        self.server = Server(app, address=host, port=port, interface=Interfaces.ASGI, log_enabled=False)
        self.loop = asyncio.new_event_loop()

    def run(self, ready: Callable[[], None]) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._run(ready))

    async def _run(self, ready: Callable[[], None]) -> None:
        serving = self.loop.create_task(self.server.serve())
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                _, writer = await asyncio.open_connection(*self.address)
                break
            await asyncio.sleep(0.01)
        writer.close()
        ready()
        await serving

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.server.stop)


_KINDS: dict[str, Callable[..., Any]] = {
    "uvicorn": _Uvicorn,
    "uvicorn-h11": _Uvicorn,
    "hypercorn": _Hypercorn,
    "granian": _Granian,
}
