"""uvicorn: one worker in this process, several under its own supervisor."""

from __future__ import annotations

import inspect
import signal
import socket
import ssl
from typing import TYPE_CHECKING, Any

from bridge.cli.logs import logging_config
from bridge.cli.servers.base import APPLICATION, Launcher, installed
from bridge.cli.settings import ServeSettings
from bridge.cli.worker import STARTUP_FAILURE
from bridge.protocol.asgi_types import AsgiApp

if TYPE_CHECKING:
    import uvicorn

__all__ = ["UvicornLauncher"]


class UvicornLauncher(Launcher):
    """The default server."""

    name = "uvicorn"
    install = "'wsgi-bridge[serve]'"
    minimum = "0.30"

    def parts(self) -> list[str]:
        """Return the loop and the parser that uvicorn's `auto` chooses."""
        return [
            "uvloop" if installed("uvloop") else "asyncio",
            "httptools" if installed("httptools") else "h11",
        ]

    def run(self, settings: ServeSettings, sock: socket.socket | None, app: AsgiApp | None) -> int:
        """Serve on `sock`; see `Launcher.run`."""
        import uvicorn

        assert sock is not None
        config = uvicorn.Config(**_options(settings, app))
        return _run_many(config, sock) if app is None else _run_one(config, sock)


def _options(settings: ServeSettings, app: AsgiApp | None) -> dict[str, Any]:
    tls = settings.tls
    return {
        "app": app or APPLICATION,
        "factory": app is None,
        "workers": settings.workers,
        "interface": "asgi3",
        "http": _protocol(),
        "lifespan": "on",  # the bridge always has one: what it raises at start is an error
        "log_config": logging_config(settings.logs),
        "log_level": settings.logs.level,
        "access_log": settings.logs.access,
        # Ours does this for every server alike (proxy.py).
        "proxy_headers": False,
        "timeout_graceful_shutdown": settings.limits.shutdown_timeout,
        "ssl_certfile": tls.cert,
        "ssl_keyfile": tls.key_file,
        "ssl_keyfile_password": tls.key_password,
        "ssl_ca_certs": tls.ca,
        "ssl_cert_reqs": ssl.CERT_REQUIRED if tls.ca else ssl.CERT_NONE,
    }


def _protocol() -> Any:
    if not installed("httptools"):
        return "h11"  # which knows what HTTP/1.0 is
    from bridge.cli.servers.uvicorn_http10 import Http10Protocol

    return Http10Protocol


def _run_one(config: uvicorn.Config, sock: socket.socket) -> int:
    import uvicorn

    server = uvicorn.Server(config)

    def stop(_signal: int, _frame: object) -> None:
        server.should_exit = True

    # uvicorn handles both signals while it serves, and when it has stopped it raises them once more against
    # the handlers it found. Without ours a clean drain would end as a death by SIGTERM.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=[sock])
    return 0 if server.started else STARTUP_FAILURE


def _run_many(config: uvicorn.Config, sock: socket.socket) -> int:
    from uvicorn import Server
    from uvicorn.supervisors import Multiprocess

    # Before 0.4x the supervisor took the function that its processes run as an argument.
    takes_target = "target" in inspect.signature(Multiprocess.__init__).parameters
    arguments: dict[str, Any] = {"target": Server(config).run} if takes_target else {}
    supervisor = Multiprocess(config, sockets=[sock], **arguments)
    supervisor.run()
    codes = [process.process.exitcode for process in supervisor.processes]
    return STARTUP_FAILURE if STARTUP_FAILURE in codes else 0
