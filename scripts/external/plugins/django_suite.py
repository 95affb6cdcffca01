"""Django's `tests/servers`, its live server replaced by uvicorn and a bridge: run as a script.

    python -m scripts.external.plugins.django_suite RUNTESTS [arguments of Django's runtests.py]

`django.core.servers.basehttp` gets a server of the same shape, so every thread class that the tests
derive (and what they replace in it) works on; the request handling behind it is the bridge's, and uvicorn
ends its responses as Django's live server does (`scripts.external.framing`).
"""

from __future__ import annotations

import importlib
import runpy
import sys
import threading
import unittest
from pathlib import Path
from typing import Any

from scripts.external.contenders import bridge_name, to_asgi
from scripts.external.framing import AsDjangoFrames, options_of
from scripts.external.plugins.recording import record
from scripts.external.serving import AsgiServer, listen

__all__ = ["BridgedServer", "ClosingServer", "RecordingResult", "main"]


class BridgedServer:
    """What `LiveServerThread` needs of a `WSGIServer`, on uvicorn.

    `connections_override` are database connections that every thread which runs a request uses;
    `_close_connections` is called after each request, as in Django's `ThreadedWSGIServer`.
    """

    headers: tuple[tuple[str, str], ...] = ()  # of every response

    def __init__(
        self,
        address: tuple[str, int],
        handler_class: object,
        *,
        allow_reuse_address: bool = True,
        connections_override: dict[str, Any] | None = None,
    ) -> None:
        self.connections_override = connections_override or {}
        self.listener = listen(*address)
        self.server_address = self.listener.getsockname()
        self.stopped = threading.Event()

    def set_app(self, app: Any) -> None:
        """Take the application that the live server thread has made."""
        self.app = app
        framing = options_of(AsDjangoFrames)
        self.server = AsgiServer(
            to_asgi(self._serve_request), self.listener, headers=list(self.headers), **framing
        )

    def serve_forever(self) -> None:
        """Serve until `shutdown`."""
        from django.core.signals import request_finished

        def close_connections(**signal: Any) -> None:
            self._close_connections()

        request_finished.connect(close_connections)
        try:
            self.server.run()
        finally:
            request_finished.disconnect(close_connections)
            self.stopped.set()

    def shutdown(self) -> None:
        """Stop serving and wait until it has stopped."""
        self.server.stop()
        self.stopped.wait()

    def server_close(self) -> None:
        """Give the port back."""
        self.listener.close()

    def _close_connections(self) -> None:
        from django.db import connections

        connections.close_all()

    def _serve_request(self, environ: dict[str, Any], start_response: Any) -> Any:
        from django.db import connections

        for alias, connection in self.connections_override.items():
            connections[alias] = connection
        return self.app(environ, start_response)


class ClosingServer(BridgedServer):
    """In the place of Django's `WSGIServer`, whose one thread can't wait on a connection kept open.

    Keeping connections is up to the ASGI server, so that is where it's turned off.
    """

    headers = (("Connection", "close"),)


class RecordingResult(unittest.TextTestResult):
    """The runner's result, with a line for each test in the results file."""

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802  # unittest's name
        """Record a test that passed."""
        super().addSuccess(test)
        record(test.id(), "passed")

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802  # as above
        """Record a test that failed."""
        super().addFailure(test, err)
        record(test.id(), "failed", repr(err[1]))

    def addError(self, test: unittest.TestCase, err: Any) -> None:  # noqa: N802  # as above
        """Record a test that raised."""
        super().addError(test, err)
        record(test.id(), "failed", repr(err[1]))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:  # noqa: N802  # as above
        """Record a test that does not run here."""
        super().addSkip(test, reason)
        record(test.id(), "skipped", reason)


def main(runtests: str, arguments: list[str]) -> None:
    """Run Django's own `runtests.py` with the bridge in its live server."""
    from django.core.servers import basehttp
    from django.test.runner import DiscoverRunner
    from django.test.testcases import LiveServerThread

    sys.path.insert(0, str(Path(runtests).parent))
    importlib.import_module("servers.test_basehttp")  # tests methods of Django's own class: let it have that
    if bridge_name() != "none":
        basehttp.ThreadedWSGIServer = LiveServerThread.server_class = BridgedServer
        basehttp.WSGIServer = ClosingServer
    DiscoverRunner.get_resultclass = lambda self: RecordingResult
    sys.argv = [runtests, "--parallel=1", *arguments]
    runpy.run_path(runtests, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
