"""Serves a WSGI application with waitress or wsgiref on a socket that is already bound.

    python -m tests.adapters.way_back_server waitress FD tests.adapters.way_back_apps:starlette_wsgi

SIGTERM ends it in order, which these two servers leave to their user.
"""

from __future__ import annotations

import importlib
import signal
import socket
import sys
import threading
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import waitress


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's own name
        """Write no access log."""


def serve_wsgiref(app: Any, bound: socket.socket) -> None:
    server = WSGIServer(bound.getsockname(), Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = bound
    server.server_name, server.server_port = bound.getsockname()
    server.setup_environ()
    server.set_app(app)
    # Not by an exception out of the handler: wsgiref has an `except:` that would swallow it.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.05)


def serve_waitress(app: Any, bound: socket.socket) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # which waitress.serve expects
    waitress.serve(app, sockets=[bound], threads=4, clear_untrusted_proxy_headers=True)


def main(server: str, descriptor: str, target: str) -> None:
    module, _, name = target.partition(":")
    app = getattr(importlib.import_module(module), name)
    serve = serve_waitress if server == "waitress" else serve_wsgiref
    serve(app, socket.socket(fileno=int(descriptor)))


if __name__ == "__main__":
    main(*sys.argv[1:])
