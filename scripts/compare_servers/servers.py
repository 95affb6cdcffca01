"""The application in three server processes, each in a copy of its folder: the same database three times."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BRIDGES", "Application", "Server", "ServerError", "complaints", "serving"]

START_LIMIT = 120.0  # seconds; a large Django application on a busy machine needs some
STOP_LIMIT = 40.0  # seconds after SIGTERM; `serve` gives running requests 30
POLL = 0.05  # seconds between two looks whether the server answers
THREADS = 8  # of waitress
SAID = (
    12  # lines of a server's log that are shown when it did not start; waitress prints its manual before them
)
LEFT_BEHIND = shutil.ignore_patterns(".git", "node_modules", "__pycache__")
COMPLAINTS = re.compile(
    r"^Traceback|Exception in ASGI application|was never retrieved|was never awaited|Fatal Python error"
    r"|Exception ignored in|database is locked",
    re.MULTILINE,
)
BARE = """
import importlib, sys, bridge, uvicorn
module, _, attribute = sys.argv[1].partition(":")
target = getattr(importlib.import_module(module), attribute.removesuffix("()"))
uvicorn.run(bridge.WsgiToAsgi(target() if attribute.endswith("()") else target), port=int(sys.argv[2]))
"""
BRIDGES = ("uvicorn", "hypercorn", "granian", "daphne", "bare-uvicorn")


class ServerError(Exception):
    """A server did not start; the message has the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What is served. `folder`: copied for each server, which then runs in its copy.

    `target`: module:attribute, or module:factory(). `python`: an interpreter that has the application's needs,
    waitress and wsgi-bridge. `environment`: added to ours; "{folder}" in a value is the server's copy.
    """

    target: str
    folder: Path
    python: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    name: str
    port: int
    log: Path


def complaints(log: Path) -> int:
    """How many times a server's log speaks of something that went wrong."""
    return len(COMPLAINTS.findall(log.read_text("utf-8", "replace")))


@contextlib.contextmanager
def serving(application: Application, name: str, server: str, folder: Path) -> Iterator[Server]:
    """Run `application` under `server` ("waitress" or one of BRIDGES) in `folder`/`name`. Raises ServerError.

    Names of equal length keep paths that show in answers of equal length.
    """
    copy, log, port = folder / name, folder / f"{name}.log", _free_port()
    shutil.copytree(application.folder, copy, symlinks=True, ignore=LEFT_BEHIND)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command(application, server, port),
            cwd=copy,
            env=_environment(application, copy),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that stopping it reaches its children and nobody else
        )
        try:
            _wait_until_it_answers(process, port, log)
            yield Server(server, port, log)
        finally:
            _stop(process)


def command(application: Application, server: str, port: int) -> list[str]:
    """The command line that serves `application` on `port`."""
    target = application.target
    if server == "waitress":
        call = ["--call"] if target.endswith("()") else []
        listen = [f"--listen=127.0.0.1:{port}", f"--threads={THREADS}"]
        return [application.python, "-m", "waitress", *listen, *call, target.removesuffix("()")]
    if server == "bare-uvicorn":
        return [application.python, "-c", BARE, target, str(port)]
    serve = ["-m", "bridge", "serve", target, "--port", str(port), "--server", server]
    return [application.python, *serve, "--no-access-log"]


def _environment(application: Application, copy: Path) -> dict[str, str]:
    own = {name: value.replace("{folder}", str(copy)) for name, value in application.environment.items()}
    # The hash seed: Flask's Allow header, for one, is in the order of a set.
    fixed = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONPATH": str(copy)}
    return {**os.environ, **fixed, **own}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    """Whether a request is answered: a server may listen before it has imported the application, and fail at that."""
    with socket.create_connection(("127.0.0.1", port), START_LIMIT) as connection:
        connection.sendall(b"HEAD / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return connection.recv(4) == b"HTTP"


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):  # not yet
            if _answers(port):
                return
        time.sleep(POLL)
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    code = process.poll()
    what = f"still starting after {START_LIMIT:.0f} s" if code is None else f"ended with exit code {code}"
    raise ServerError(
        f"The application was not served: {shlex.join(map(str, _arguments(process)))} {what}. "
        f"The end of what it said, in a copy of --folder:\n\n" + "\n".join(lines[-SAID:])
    )


def _arguments(process: subprocess.Popen[bytes]) -> Sequence[object]:
    return process.args if isinstance(process.args, list) else [process.args]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Gently, then with force; what it started goes with it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):  # it has ended, and all its children
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_LIMIT)
