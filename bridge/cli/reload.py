"""`--reload`: watches the source and runs the server in a child that is replaced when something changes.

The servers' own reloaders differ too much (daphne has none, hypercorn's ends at the first syntax error), so
there is one for all of them:

    watcher (this process)                     child
    ----------------------                     -----
    opens the socket, which stays open         serves on it
    app.py changes: SIGTERM -----------------> lets running requests end, exits
    starts the next child                      (meanwhile clients wait in the socket's backlog)
    the child died of an error: waits for the next change
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.settings import ServeSettings

if TYPE_CHECKING:
    from watchfiles import Change

__all__ = ["supervise"]

logger = logging.getLogger("bridge.serve")

# What an application reads when it starts: code, templates that frameworks cache, configuration. Not data,
# such as JSON or SQLite: an application may write it, and would restart itself for ever.
SUFFIXES = (
    ".py",
    ".html",
    ".htm",
    ".jinja",
    ".jinja2",
    ".j2",
    ".mako",
    ".pt",
    ".toml",
    ".ini",
    ".cfg",
    ".env",
)
# Names of folders whose content is never the application's source.
IGNORED = frozenset(
    {
        "__pycache__",
        ".git",
        ".hg",
        ".svn",
        ".tox",
        ".nox",
        ".venv",
        "venv",
        "env",
        ".idea",
        ".vscode",
        "node_modules",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        "site-packages",
    }
)
GRACE = 2.0  # seconds that running requests get before a reload; its user is waiting
MARGIN = 5.0  # seconds after that until the child is killed
TICK = 300  # milliseconds between two looks at whether the child still lives
DEBOUNCE = 300  # milliseconds; an editor that saves several files causes one restart
FIRST = "WSGI_BRIDGE_ANNOUNCE"  # in the environment of the first child, which shows the panel


def supervise(settings: ServeSettings, sock: socket.socket | None) -> int:
    """Serve and reload until SIGTERM or SIGINT; return the exit code.

    When the first child fails at once its exit code is ours: there is nothing to serve.
    """
    return _Supervisor(_for_child(settings, sock), sock).run()


def _for_child(settings: ServeSettings, sock: socket.socket | None) -> ServeSettings:
    fd = None if sock is None else sock.fileno()
    limits = replace(settings.limits, shutdown_timeout=min(settings.limits.shutdown_timeout, GRACE))
    return replace(settings, listen=replace(settings.listen, fd=fd), limits=limits)


class _Supervisor:
    """Runs one child at a time; `settings` are the child's."""

    def __init__(self, settings: ServeSettings, sock: socket.socket | None) -> None:
        self.settings = settings
        self.fds = () if sock is None else (sock.fileno(),)
        self.stopping = threading.Event()
        self.starts = 0

    def run(self) -> int:
        """Supervise; see `supervise`."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        self.settings.store()
        child = self._start()
        told = False
        for changes in self._changes():
            code = child.poll()
            if changes:
                logger.info("Changed: %s. Restarting", _listed(changes))
                _stop(child, self.settings)
                child, told = self._start(), False
            elif code is not None and self.starts == 1:
                return code
            elif code is not None and not told:
                logger.warning("The server ended with exit code %s; waiting for a change", code)
                told = True
        return _stop(child, self.settings)

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        environment = {**os.environ, FIRST: "1" if self.starts == 1 else ""}
        command = [sys.executable, "-m", "bridge.cli.resume"]
        return subprocess.Popen(command, env=environment, pass_fds=self.fds)  # noqa: S603 - it is ourselves

    def _changes(self) -> Iterator[set[tuple[Change, str]]]:
        """Yield what has changed, and an empty set every TICK, until it is time to stop."""
        from watchfiles import watch

        return watch(
            *self.settings.reload_dirs,
            watch_filter=_is_source,
            stop_event=self.stopping,
            rust_timeout=TICK,
            debounce=DEBOUNCE,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )


def _is_source(_change: Change, path: str) -> bool:
    parts = Path(path).parts
    return path.endswith(SUFFIXES) and not IGNORED.intersection(parts)


def _stop(child: subprocess.Popen[bytes], settings: ServeSettings) -> int:
    """Ask the child to stop, wait, kill it if need be; return the exit code for the whole command."""
    if child.poll() is not None:
        return 0  # it died of a change, which was told; now its user has had enough
    child.terminate()
    try:
        code = child.wait(2 * settings.limits.shutdown_timeout + MARGIN)
    except subprocess.TimeoutExpired:
        logger.error("The server did not stop in time and was killed")  # noqa: TRY400 - there is no more to say
        child.kill()
        return child.wait()
    # Killed by our signal before its server handled it: it had nothing to drain.
    return 0 if code in {-signal.SIGTERM, -signal.SIGINT} else code


def _listed(changes: set[tuple[Change, str]]) -> str:
    names = sorted({os.path.relpath(path) for _, path in changes})
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
