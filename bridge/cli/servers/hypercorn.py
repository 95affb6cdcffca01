"""hypercorn: one worker in this process, several under its own supervisor."""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import socket
import ssl
import sys
from typing import TYPE_CHECKING, Any, cast

from bridge.cli.servers.base import Launcher, installed
from bridge.cli.servers.websockets import ClosingWebSockets
from bridge.cli.settings import ServeSettings
from bridge.protocol.asgi_types import AsgiApp

if TYPE_CHECKING:
    from hypercorn.config import Config
    from hypercorn.typing import ASGIFramework

__all__ = ["HypercornLauncher", "create"]


class HypercornLauncher(Launcher):
    """HTTP/2 where TLS is on, and h2c."""

    name = "hypercorn"
    install = "hypercorn"
    minimum = "0.17"

    def parts(self) -> list[str]:
        """Return the loop."""
        return ["uvloop" if installed("uvloop") else "asyncio"]

    def run(self, settings: ServeSettings, sock: socket.socket | None, app: AsgiApp | None) -> int:
        """Serve on `sock`; see `Launcher.run`."""
        from hypercorn.run import run

        assert sock is not None
        config = _config(settings, sock)
        if app is None:
            # hypercorn evaluates what stands behind the colon; "asgi:" saves it from guessing.
            config.application_path = f"asgi:{__name__}:create()"
            return run(config)
        _run_one(config, app)
        return 0


def create() -> AsgiApp:
    """Return the application of a worker process; the one that `APPLICATION` names."""
    from bridge.cli.worker import create as create_application

    _leave_stopping_to_the_parent()
    app = ClosingWebSockets(create_application())
    _close_when_the_parent_says_stop(app)
    return app


def _close_when_the_parent_says_stop(app: ClosingWebSockets) -> None:
    """Have the worker's wait for the parent's event end with the end of the WebSockets; there is no hook."""
    worker: Any = importlib.import_module("hypercorn.asyncio.run")
    stopped = worker.check_multiprocess_shutdown_event

    async def stopped_and_closed(*arguments: Any) -> None:
        await stopped(*arguments)
        await app.close()

    worker.check_multiprocess_shutdown_event = stopped_and_closed


def _leave_stopping_to_the_parent() -> None:
    """Ignore SIGTERM while the parent lives.

    The parent asks its workers to stop through an event; but once the first of them has ended, it sends
    SIGTERM to the others, which would kill those that still drain. A worker whose parent is gone obeys.
    """
    parent = os.getppid()

    def on_term(_signal: int, _frame: object) -> None:
        if os.getppid() != parent:
            sys.exit(0)

    signal.signal(signal.SIGTERM, on_term)


def _config(settings: ServeSettings, sock: socket.socket) -> Config:
    from hypercorn.config import Config

    tls = settings.tls
    config = Config()
    # The descriptor changes hands: hypercorn makes a socket of it and closes that.
    config.bind = [f"fd://{sock.detach()}"]
    config.workers = settings.workers
    config.worker_class = "uvloop" if installed("uvloop") else "asyncio"
    config.loglevel = settings.logs.level.upper()
    config.errorlog = logging.getLogger("hypercorn.error")
    config.accesslog = logging.getLogger("hypercorn.access") if settings.logs.access else None
    config.access_log_format = '%(h)s - "%(m)s %(Uq)s HTTP/%(H)s" %(s)s'
    config.graceful_timeout = settings.limits.shutdown_timeout
    # The bridge's own drain comes after that, in the lifespan's shutdown.
    config.shutdown_timeout = settings.limits.shutdown_timeout + 5.0
    config.certfile, config.keyfile, config.keyfile_password = tls.cert, tls.key_file, tls.key_password
    config.ca_certs, config.verify_mode = tls.ca, ssl.CERT_REQUIRED if tls.ca else None
    return config


def _run_one(config: Config, app: AsgiApp) -> None:
    main = _serve(config, ClosingWebSockets(app))
    if config.worker_class == "uvloop":
        import uvloop

        uvloop.run(main)
    else:
        asyncio.run(main)


async def _serve(config: Config, app: ClosingWebSockets) -> None:
    from hypercorn.asyncio import serve

    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)

    async def stopped() -> None:
        await asked.wait()
        await app.close()

    await serve(cast("ASGIFramework", app), config, mode="asgi", shutdown_trigger=stopped)
