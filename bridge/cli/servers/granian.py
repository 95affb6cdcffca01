"""granian: a parent that serves nothing and one process a worker, which open the address themselves."""

from __future__ import annotations

import math
import socket
from pathlib import Path
from types import MappingProxyType

from bridge.cli.logs import logging_config
from bridge.cli.servers.base import Launcher
from bridge.cli.settings import ServeSettings
from bridge.cli.worker import create
from bridge.protocol.asgi_types import AsgiApp

__all__ = ["GranianLauncher"]

ACCESS_FORMAT = '%(addr)s - "%(method)s %(path)s %(protocol)s" %(status)d'


class GranianLauncher(Launcher):
    """HTTP/1.1 and HTTP/2, in Rust."""

    name = "granian"
    install = "granian"
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
        return _exit_code(server)


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _exit_code(server: object) -> int:
    from granian.server import Server

    assert isinstance(server, Server)
    try:
        server.serve(target_loader=create, wrap_loader=False)
    except SystemExit as end:  # granian's way to say that a worker died
        return end.code if isinstance(end.code, int) else 1
    return 0
