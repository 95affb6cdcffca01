"""From settings to a running server: check, open the socket, look at the application, say so, serve.

one process      uvicorn, hypercorn, daphne with one worker: the application is imported here
more than one    workers, granian: it is imported there, and here only described (probe.py)
reload           a watcher here, and one of the two above in a child (reload.py, resume.py)
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

from bridge.cli.errors import MissingPackage, OptionConflict
from bridge.cli.loading import load
from bridge.cli.logs import configure_logging
from bridge.cli.panel import show_panel
from bridge.cli.probe import describe_in_process, described
from bridge.cli.proxy import TrustedPeers
from bridge.cli.servers import launcher_for
from bridge.cli.servers.base import Launcher, installed
from bridge.cli.settings import Limits, ServeSettings
from bridge.cli.sockets import hold_address, open_socket, remove_socket_file
from bridge.cli.tls import check_tls
from bridge.cli.worker import build, lane_table_or_error, prepare, settle

__all__ = ["serve", "start"]

DEFAULTS = Limits()
# A limit's name, its option, the executor that has it (None: both), what to write with the other.
LANE_OPTIONS = (
    ("max_threads", "--threads", "thread", "Write --greenlets instead, or leave --executor out."),
    ("max_greenlets", "--greenlets", "greenlet", "Add --executor greenlet, or write --threads instead."),
    ("max_queue", "--queue-size", None, ""),
    ("queue_timeout", "--queue-timeout", None, ""),
)


def start(settings: ServeSettings) -> int:
    """Serve as `settings` say until a signal comes; return the exit code. Raises `CommandError`."""
    launcher = launcher_for(settings.server)
    launcher.check(settings)
    _check(settings)
    configure_logging(settings.logs)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    sock, settings = _open(launcher, settings)
    try:
        if settings.reload:
            from bridge.cli.reload import supervise

            return supervise(settings, sock)
        return serve(launcher, settings, sock)
    except _Stopped:  # before the server had handlers of its own: there is nothing to drain
        return 0
    finally:
        if sock is not None:
            sock.close()
        remove_socket_file(settings.listen)


class _Stopped(KeyboardInterrupt):
    """SIGTERM or SIGINT came.

    Not KeyboardInterrupt itself: CPython ends a process by SIGINT in which one has passed through `exec` of a
    string, as in the making of a dataclass, though it was caught later.
    """


def _stop(_number: int, _frame: object) -> None:
    raise _Stopped


def serve(
    launcher: Launcher, settings: ServeSettings, sock: socket.socket | None, *, announce: bool = True
) -> int:
    """Run the server on `sock`; with `announce`, look at the application first and show the panel."""
    if launcher.in_process and settings.workers == 1:
        prepare(settings)
        loaded = load(settings.target, settings.folder)
        if announce:
            show_panel(settings, described(loaded), launcher.describe())
        served = build(loaded.application, settings)
        settle(settings)
        return launcher.run(settings, sock, served)
    if announce:
        show_panel(settings, describe_in_process(settings), launcher.describe())
    settings.store()
    return launcher.run(settings, sock if launcher.takes_socket else None, None)


def _check(settings: ServeSettings) -> None:
    check_tls(settings.tls)
    _check_lanes(settings)
    _check_recording(settings)
    if settings.edge.metrics is not None and not installed("prometheus_client"):
        raise MissingPackage(
            "--metrics", "prometheus-client", "'wsgi-bridge[metrics]'", python=sys.executable
        )
    if settings.reload and not installed("watchfiles"):
        raise MissingPackage("--reload", "watchfiles", "'wsgi-bridge[serve]'", python=sys.executable)
    if settings.listen.uds is not None and not hasattr(socket, "AF_UNIX"):
        raise OptionConflict("--uds: this system has no Unix sockets.", "Use --host and --port.")
    try:
        TrustedPeers(settings.edge.forwarded_allow_ips)
    except ValueError as error:
        raise OptionConflict(
            f"--forwarded-allow-ips: {error}.",
            "Give addresses and networks, separated by commas, or * for all: 127.0.0.1,10.0.0.0/8",
        ) from None


def _check_recording(settings: ServeSettings) -> None:
    """Refuse a file that can't be written now, and not when the first request is lost."""
    if settings.record is None:
        return
    file = Path(settings.record.file)
    folder = file.parent
    if file.is_dir():
        raise OptionConflict(
            f"--record: {file} is a folder.", f"Name a file: --record {file / 'traffic.jsonl'}"
        )
    if not folder.is_dir():
        raise OptionConflict(f"--record: there is no folder {folder}.", f"Make it:  mkdir -p {folder}")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise OptionConflict(f"--record: this user may not write {file}.", "Name a file that it may write.")


def _check_lanes(settings: ServeSettings) -> None:
    limits = settings.limits
    if lane_table_or_error(settings) is not None and limits.executor != "thread":
        raise OptionConflict("--lanes says which executor serves which route.", "Leave --executor out.")
    for name, option, executor, instead in LANE_OPTIONS:
        if getattr(limits, name) == getattr(DEFAULTS, name):
            continue
        if limits.lanes is not None:
            advice = f"Write {name} under [lanes.NAME] in {limits.lanes}."
            raise OptionConflict(f"{option} belongs to one lane, and --lanes may name several.", advice)
        if executor not in {None, limits.executor}:
            raise OptionConflict(f"{option} does nothing with --executor {limits.executor}.", instead)
    if limits.report_holds and limits.executor != "greenlet" and limits.lanes is None:
        raise OptionConflict(
            "--watchdog looks for requests that hold the event loop; in threads none can.",
            "Use it with --executor greenlet or --lanes.",
        )


def _open(launcher: Launcher, settings: ServeSettings) -> tuple[socket.socket | None, ServeSettings]:
    """Return the socket, and the settings with the port that it really got."""
    if not launcher.takes_socket:
        held, listen = hold_address(settings.listen)
        return held, replace(settings, listen=listen)
    sock = open_socket(settings.listen)
    if settings.listen.uds is None:
        listen = replace(settings.listen, port=sock.getsockname()[1])
        settings = replace(settings, listen=listen)
    return sock, settings
