"""granian: a parent that serves nothing and one process a worker, which open the address themselves."""

from __future__ import annotations

import asyncio
import importlib
import math
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import TYPE_CHECKING, Any

from bridge.cli.logs import logging_config
from bridge.cli.servers.base import Launcher
from bridge.cli.servers.websockets import ClosingWebSockets
from bridge.cli.settings import ServeSettings
from bridge.cli.worker import create
from bridge.protocol.asgi_types import AsgiApp

if TYPE_CHECKING:
    from granian.server.common import AbstractServer

__all__ = ["GranianLauncher"]

REPEAT = 0.5  # seconds; a worker's loop stands still for milliseconds
ACCESS_FORMAT = '%(addr)s - "%(method)s %(path)s %(protocol)s" %(status)d'


class GranianLauncher(Launcher):
    """HTTP/1.1 and HTTP/2, in Rust."""

    name = "granian"
    install = "granian"
    minimum = "2.6"
    in_process = False
    takes_socket = False
    refuses = MappingProxyType(
        {
            # Tried with 2.8: "Invalid key" for every encryption that OpenSSL offers.
            "tls_key_password": "Give it the key without one: openssl pkey -in key.pem -out plain.pem",
        }
    )

    def run(self, settings: ServeSettings, sock: socket.socket | None, app: AsgiApp | None) -> int:
        """Serve at the settings' address; see `Launcher.run`."""
        from granian.constants import Interfaces, SSLProtocols
        from granian.log import LogLevels
        from granian.server import Server

        assert sock is None
        assert app is None
        listen, logs, tls = settings.listen, settings.logs, settings.tls
        server = Server(
            "wsgi-bridge",  # the name of an application; `target_loader` below brings it
            address=listen.host,
            port=listen.port,
            uds=_path(listen.uds),
            uds_permissions=0o666 if listen.uds else None,
            interface=Interfaces.ASGI,
            workers=settings.workers,
            log_level=LogLevels(logs.level),
            log_dictconfig=logging_config(logs),
            log_access=logs.access,
            log_access_format=ACCESS_FORMAT,
            # granian waits for connections as long as they take, then the bridge for its threads; what is
            # killed after that is not even named in the log. In whole seconds, from 1.
            workers_kill_timeout=math.ceil(settings.limits.shutdown_timeout * 2) + 1,
            ssl_cert=_path(tls.cert),
            ssl_key=_path(tls.key_file),
            ssl_protocol_min=SSLProtocols.tls12,  # as the other servers; granian's own default is 1.3
            ssl_ca=_path(tls.ca),
            ssl_client_verify=tls.ca is not None,
        )
        return _serve(server)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _serve(server: AbstractServer[Any]) -> int:
    _keep_signals_from_getting_lost(server)
    try:
        server.serve(target_loader=_create, wrap_loader=False)
    except SystemExit as end:  # granian's way to say that a worker died
        return end.code if isinstance(end.code, int) else 1
    return 0


def _create() -> AsgiApp:
    """Return the application of a worker process, whose WebSockets end before granian drops them at a signal.

    granian has no hook there; the function that sets the worker's handlers is the last one to be called.
    """
    signals: Any = importlib.import_module("granian._signals")
    app = ClosingWebSockets(create())
    set_handlers = signals.set_loop_signals

    def set_loop_signals(loop: asyncio.AbstractEventLoop) -> Any:
        event = set_handlers(loop)

        async def stop() -> None:
            await app.close()
            event.set()

        def on_signal() -> None:
            tasks.append(loop.create_task(stop()))  # kept: the loop's own reference is weak

        tasks: list[asyncio.Task[None]] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal)
        return event

    signals.set_loop_signals = set_loop_signals
    return app


def _keep_signals_from_getting_lost(server: AbstractServer[Any]) -> None:
    """Make SIGTERM reach workers that are just starting; the parent waits for them until the kill timeout.

    A forked worker has its parent's handlers until it sets its own, and a signal that they take is lost: so
    they are reset at the fork. And uvloop forgets a signal that comes while its loop stands still, between
    the lifespan's start and the serving: so it is sent once more.
    """
    parent = os.getpid()

    def reset_in_worker() -> None:
        if os.getppid() == parent:  # and not in what the application forks
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=reset_in_worker)
    server.on_startup(_repeat_signals)


def _repeat_signals() -> None:
    """Wrap the parent's handlers, which exist by now."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _repeating(signal.getsignal(number)))


def _repeating(handler: Any) -> Callable[[int, FrameType | None], None]:
    def on_signal(number: int, frame: FrameType | None) -> None:
        handler(number, frame)
        timer = threading.Timer(REPEAT, _terminate_workers)
        timer.daemon = True
        timer.start()

    return on_signal


def _terminate_workers() -> None:
    for worker in multiprocessing.active_children():
        worker.terminate()
