"""daphne: one process; what it lacks (lifespan, sockets of every kind, a drain at SIGTERM) is done here.

SIGTERM: stop accepting, close the WebSockets, look until no application runs and nothing is left to be written, stop the reactor.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bridge.cli.servers.base import Launcher
from bridge.cli.servers.lifespan import Lifespan, LifespanFailed
from bridge.cli.servers.websockets import ClosingWebSockets
from bridge.cli.settings import ServeSettings
from bridge.cli.worker import STARTUP_FAILURE
from bridge.protocol.asgi_types import AsgiApp

if TYPE_CHECKING:
    from bridge.cli.servers.twisted_socket import SocketEndpoint

__all__ = ["DaphneLauncher"]

logger = logging.getLogger("bridge.serve")
access_logger = logging.getLogger("bridge.access")

DRAIN_POLL = 0.05  # seconds between two looks at what still runs


class DaphneLauncher(Launcher):
    """Django's own ASGI server."""

    name = "daphne"
    install = "daphne"
    minimum = "4.1"
    refuses = MappingProxyType(
        {
            "workers": "It is one process: take --server uvicorn, or start several behind a proxy.",
        }
    )

    def run(self, settings: ServeSettings, sock: socket.socket | None, app: AsgiApp | None) -> int:
        """Serve on `sock`; see `Launcher.run`."""
        # The first import of Twisted in this process: daphne puts its reactor on an asyncio loop there.
        from daphne.server import twisted_loop

        assert sock is not None
        assert app is not None
        lifespan = Lifespan(app)
        try:
            twisted_loop.run_until_complete(lifespan.startup())
            _serve(settings, sock, app)
            twisted_loop.run_until_complete(lifespan.shutdown())
        except LifespanFailed as failure:
            logger.error("The application's lifespan failed: %s", failure)  # noqa: TRY400 - the message is all
            return STARTUP_FAILURE
        return 0


def _serve(settings: ServeSettings, sock: socket.socket, app: AsgiApp) -> None:
    import daphne.server
    from twisted.internet import reactor

    from bridge.cli.servers.twisted_socket import SocketEndpoint

    # Its lines at "info" are about its insides; "Killed 0 pending applications" reads like an accident.
    logging.getLogger("daphne").setLevel("DEBUG" if settings.logs.level == "debug" else "WARNING")
    # daphne takes endpoints as strings only, and none of Twisted's notations says "this socket, IPv6 or Unix,
    # with a password for the key": so the function that reads the notation is replaced.
    endpoint = SocketEndpoint(reactor, sock, settings.tls)
    daphne.server.serverFromString = lambda *_: endpoint
    _break_off_failed_responses()
    _send_every_close_code()
    closing = ClosingWebSockets(app)
    server = daphne.server.Server(
        closing,
        endpoints=["the socket of wsgi-bridge"],
        signal_handlers=False,
        action_logger=_log_access if settings.logs.access else None,
        verbosity=0,  # no log of Twisted's
    )
    _Drain(reactor, server, endpoint, closing, settings.limits.shutdown_timeout).on_signals()
    server.run()


def _break_off_failed_responses() -> None:
    """Close the connection when an application fails behind its headers.

    daphne then tries to send a second start, fails at that, and leaves its client waiting for ever.
    """
    import daphne.http_protocol

    class Request(daphne.http_protocol.WebRequest):  # type: ignore[misc] # published without type information
        def handle_exception(self, exception: BaseException) -> None:
            if self._response_started and self.channel is not None:
                self.channel.loseConnection()  # what was written still goes out, the end of the body does not
            else:
                super().handle_exception(exception)

    daphne.http_protocol.WebRequest = Request


def _send_every_close_code() -> None:
    """Let applications close with 1001 to 1014, too: autobahn's `sendClose` raises for them, which ends as 1011."""
    import daphne.ws_protocol

    def close(protocol: Any, code: int | None = None) -> None:
        protocol.sendCloseFrame(code=1000 if code is None else code)

    daphne.ws_protocol.WebSocketProtocol.serverClose = close


def _log_access(protocol: str, action: str, details: Mapping[str, Any]) -> None:
    if protocol == "http" and action == "complete":
        client = details["client"] or "-"  # a peer on a Unix socket has no address
        access_logger.info('%s - "%s %s" %d', client, details["method"], details["path"], details["status"])


class _Drain:
    """Stops a daphne server when its requests have ended; daphne by itself cancels them."""

    def __init__(
        self, reactor: Any, server: Any, endpoint: SocketEndpoint, closing: ClosingWebSockets, timeout: float
    ) -> None:
        self.reactor = reactor
        self.server = server
        self.endpoint = endpoint
        self.closing = closing
        self.timeout = timeout  # seconds
        self.deadline: float | None = None

    def on_signals(self) -> None:
        """Drain at SIGTERM and SIGINT; a second SIGINT, an impatient Ctrl+C, ends at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: object) -> None:
        # A signal handler may run between any two instructions of the loop: it only leaves a message there.
        self.reactor.callFromThread(self._start, number)

    def _start(self, number: int) -> None:
        if self.deadline is not None:
            if number == signal.SIGINT:
                self._stop()
            return
        self.deadline = self.reactor.seconds() + self.timeout
        self.endpoint.stop_listening()
        logger.info("Shutting down; %d requests are running", self._running())
        self._close = asyncio.ensure_future(self.closing.close())  # kept: the loop's own reference is weak
        self._look()

    def _look(self) -> None:
        assert self.deadline is not None
        if self._running() == 0 and not self.reactor.getWriters():
            self._stop()
        elif self.reactor.seconds() > self.deadline:
            logger.error("%d requests were still running after %g s", self._running(), self.timeout)
            self._stop()
        else:
            self.reactor.callLater(DRAIN_POLL, self._look)

    def _stop(self) -> None:
        if self.reactor.running:
            self.reactor.stop()

    def _running(self) -> int:
        """Return how many applications run; daphne keeps the tasks by connection."""
        tasks = [details.get("application_instance") for details in self.server.connections.values()]
        return sum(task is not None and not task.done() for task in tasks)
