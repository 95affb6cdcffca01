"""`python -m bridge.cli.resume`: the child that `--reload` starts, with everything in its environment.

Ctrl+C reaches it as well as the watcher, which sends SIGTERM then. Until its server handles SIGINT it ignores
it: an interrupt in the middle of an import would print a traceback.
"""

from __future__ import annotations

import os
import signal
import sys

if __name__ == "__main__":  # before the imports below, which take a while
    signal.signal(signal.SIGINT, signal.SIG_IGN)

from bridge.cli.complaint import complain
from bridge.cli.errors import CommandError
from bridge.cli.logs import configure_logging
from bridge.cli.servers import launcher_for
from bridge.cli.settings import ServeSettings
from bridge.cli.sockets import open_socket
from bridge.cli.starting import serve

__all__ = ["resume"]


def resume() -> int:
    """Serve as the environment says, on the socket that the watcher opened; return the exit code."""
    from bridge.cli.reload import FIRST

    settings = ServeSettings.restore()
    configure_logging(settings.logs)
    launcher = launcher_for(settings.server)
    sock = open_socket(settings.listen) if launcher.takes_socket else None
    try:
        return serve(launcher, settings, sock, announce=bool(os.environ.get(FIRST)))
    except CommandError as error:
        complain(error)
        return error.exit_code


if __name__ == "__main__":  # processes that the servers spawn import this file again
    sys.exit(resume())
