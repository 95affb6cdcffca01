"""Runs `wsgi-bridge serve` as its users do, in a process of its own, and waits for what it says.

    with Served(tmp_path, "shop", "--port", "0") as served:
        assert served.get("/").body == b"hello"
        assert served.stop() == 0

Nothing here waits by the clock: it waits for lines that the command or the application writes.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from 3.11 on

__all__ = ["APPLICATION", "Reply", "Served", "run_command"]

PAUSE = 10  # milliseconds between two looks; there is no event for "has begun, or stopped, to listen"
LIMIT = 40.0  # seconds that anything may take on a busy machine; below the limit of a test

# Answers with what it sees. /slow says that it has been entered and waits to be let go, through FIFOs; /breaks
# fails behind its first block; /messages is a WebSocket that says when it has ended.
APPLICATION = """
import json, os, sys

print("imported", os.getpid(), file=sys.stderr, flush=True)

def slow():
    open("entered", "w").close()      # returns when the test reads it
    open("release").read()            # returns when the test has written it

def breaks():
    yield b"a"
    raise RuntimeError("behind the headers")

def application(environ, start_response):
    if environ["PATH_INFO"] == "/breaks":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return breaks()
    if environ["PATH_INFO"] == "/slow":
        slow()
    if environ["PATH_INFO"] == "/messages":
        for message in environ["wsgi.websocket"]:
            environ["wsgi.websocket"].send(message)
        print("no more messages", file=sys.stderr, flush=True)
    seen = {key: value for key, value in environ.items() if isinstance(value, str)}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"pid": os.getpid(), "environ": seen}).encode()]
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request was answered with."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def environment(**more: str) -> dict[str, str]:
    """Return an environment with nothing of the developer's in it.

    Python writes no bytecode: a source edited within a second, to the same size, would not be compiled again.
    """
    return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **more}


def _connect_unix(path: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(LIMIT)
    try:
        sock.connect(path)
    except OSError:
        sock.close()
        raise
    return sock


def run_command(
    folder: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `wsgi-bridge` with `arguments` in `folder` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bridge", *arguments],
        cwd=folder,
        env=environment(**(env or {})),
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


class Served:
    """A running `wsgi-bridge serve`; a context manager that leaves no process and no thread."""

    def __init__(self, folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.lines: list[str] = []  # of standard error
        self._news = threading.Condition()
        with (folder / "stdout.txt").open("wb") as stdout:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bridge", "serve", *arguments],
                cwd=folder,
                env=environment(**(env or {})),
                stdout=stdout,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,  # so that the workers can be killed with it
            )
        self._reader = threading.Thread(target=self._read, name="stderr-reader")
        self._reader.start()

    def __enter__(self) -> Self:
        self.line(r"^\W*address\s+(\S+)")
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):  # all ended
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def line(self, pattern: str, count: int = 1) -> re.Match[str]:
        """Wait for the `count`-th line of standard error that has `pattern` and return its match."""

        def found() -> list[re.Match[str]]:
            return [match for line in self.lines if (match := re.search(pattern, line))]

        with self._news:
            arrived = self._news.wait_for(lambda: len(found()) >= count, LIMIT)
        assert arrived, f"no line {count} with {pattern!r} in\n" + "\n".join(self.lines)
        return found()[count - 1]

    @property
    def address(self) -> str:
        """Return the address that the panel shows."""
        return self.line(r"^\W*address\s+(\S+)")[1]

    @property
    def host(self) -> str:
        return self.address.partition("://")[2].rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def connect(self, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
        """Return a connection, opened."""
        if self.address.startswith("unix:"):
            connection = http.client.HTTPConnection("localhost", timeout=LIMIT)
            connection.sock = _connect_unix(str(self.folder / self.address.removeprefix("unix:")))
        elif context is not None:
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=LIMIT, context=context)
            connection.connect()
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=LIMIT)
            connection.connect()
        return connection

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, context: ssl.SSLContext | None = None
    ) -> Reply:
        """Ask for `path` on a connection of its own."""
        connection = self.connect(context)
        try:
            connection.request("GET", path, headers={"Connection": "close", **(headers or {})})
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send the signal to the command alone and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(LIMIT)

    def wait_until_listening(self) -> None:
        """Wait until connections are accepted: granian listens some time after the panel was shown."""
        while not self._is_listening():
            select.poll().poll(PAUSE)

    def wait_until_refused(self) -> None:
        """Wait until nobody listens any more: the server has taken notice of a signal."""
        while self._is_listening():
            select.poll().poll(PAUSE)

    def _is_listening(self) -> bool:
        try:
            self.connect().close()
        except (ConnectionError, FileNotFoundError):
            return False
        return True
