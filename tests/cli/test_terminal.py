"""What a person sees and does: a real terminal, and Ctrl+C, which reaches every process of the command."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.cli.servers import SERVERS
from tests.cli.conftest import Project
from tests.cli.serving import LIMIT, PAUSE, environment

APP = "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'hello']\n"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\].*?\x1b\\")


class Terminal:
    """A pseudo-terminal of 80 columns with the command in it."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.master = master
        self.text = ""

    def read_until(self, expected: str) -> str:
        """Return what was written so far, with `expected` at its end; without colours and links."""
        while expected not in CONTROL.sub("", self.text):
            ready, _, _ = select.select([self.master], [], [], LIMIT)
            assert ready, f"no {expected!r} in\n{self.text}"
            self.text += os.read(self.master, 65536).decode()
        return CONTROL.sub("", self.text).replace("\r\n", "\n")

    def wait_until_empty(self) -> None:
        """Wait until no process of the command is left; the helper of multiprocessing ends a little later."""
        while True:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return
            select.poll().poll(PAUSE)

    def ctrl_c(self) -> int:
        """Send SIGINT to the command and all its processes, as the terminal does; return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(LIMIT)


@contextmanager
def terminal(folder: Path, *arguments: str, **env: str) -> Iterator[Terminal]:
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "serve", *arguments],
        cwd=folder,
        env=environment(TERM="xterm-256color", COLUMNS="80", **env),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(LIMIT)
        os.close(master)


@pytest.mark.parametrize("server", SERVERS)
def test_a_terminal_shows_the_panel_and_ctrl_c_ends_the_command(project: Project, server: str) -> None:
    with terminal(project({"shop.py": APP}), "shop", "--port", "0", "--server", server) as screen:
        text = screen.read_until("Ctrl+C stops ─╯\n".replace("\n", "\r\n"))
        assert text.startswith("╭─ wsgi-bridge ")
        assert re.search(r"^│  address    http://127\.0\.0\.1:\d+ +│$", text, re.MULTILINE)
        assert screen.ctrl_c() == 0


@pytest.mark.parametrize("arguments", [["--workers", "2"], ["--reload"]], ids=["workers", "reload"])
@pytest.mark.parametrize("server", ["uvicorn", "hypercorn", "granian"])
def test_ctrl_c_ends_every_process_of_the_command(
    project: Project, server: str, arguments: list[str]
) -> None:
    with terminal(project({"shop.py": APP}), "shop", "--port", "0", "--server", server, *arguments) as screen:
        screen.read_until("Ctrl+C stops")
        assert screen.ctrl_c() == 0
        screen.wait_until_empty()


def test_a_terminal_shows_an_error_in_colour(project: Project) -> None:
    with terminal(project({}), "shop") as screen:
        screen.read_until("there is no module 'shop'.")
        assert "\x1b[1;31mError:\x1b[0m there is no module" in screen.text
        assert screen.process.wait(LIMIT) == 2


def test_a_terminal_without_colour_is_obeyed(project: Project) -> None:
    with terminal(project({"shop.py": APP}), "shop", "--port", "0", NO_COLOR="1") as screen:
        screen.read_until("Ctrl+C stops")
        assert not re.search(r"\x1b\[[0-9;]*3[0-7]", screen.text)
        assert screen.ctrl_c() == 0
