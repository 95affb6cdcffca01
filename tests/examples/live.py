"""The examples as a user meets them: a server process of its own, real sockets, a filled instance folder.

Waitress runs them without the bridge, as they have always run. What holds there must hold through the
bridge on every ASGI server, and with `wsgi-bridge serve`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

__all__ = [
    "EXAMPLES",
    "SERVERS",
    "Example",
    "Running",
    "example_environment",
    "fill_instance",
    "in_blocks",
    "running",
]

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT = 40.0  # seconds; a second or two on an idle machine
STOP_LIMIT = 15.0  # seconds
REQUEST_LIMIT = 30.0  # seconds
POLL = 0.03  # seconds between two looks whether the server answers
COMPLAINTS = (
    "Exception in ASGI application",
    "was never retrieved",
    "was never awaited",
    "Fatal Python error",
)
TRIES = 4  # ports: another process may take the one that was just found free


@dataclass(frozen=True, slots=True)
class Example:
    """A folder of examples/, the module in it that holds `application`, and its instance folder's variable."""

    name: str
    module: str
    variable: str

    @property
    def folder(self) -> Path:
        return ROOT / "examples" / self.name


EXAMPLES = {
    example.name: example
    for example in (
        Example("flask_shop", "wsgi", "FLASK_SHOP_INSTANCE"),
        Example("django_library", "library_site.wsgi", "DJANGO_LIBRARY_INSTANCE"),
        Example("pyramid_notes", "wsgi", "PYRAMID_NOTES_INSTANCE"),
    )
}


# ---------------------------------------------------------------- servers

Command = Callable[[Example, int], list[str]]


def _python(*arguments: str) -> list[str]:
    return [sys.executable, "-m", *arguments]


def _waitress(example: Example, port: int) -> list[str]:
    return _python("waitress", f"--listen=127.0.0.1:{port}", "--threads=8", f"{example.module}:application")


def _serve(example: Example, port: int) -> list[str]:
    return _python("bridge", "serve", str(example.folder), "--port", str(port))


def _uvicorn(http: str) -> Command:
    return lambda example, port: _python("uvicorn", "asgi_entry:app", "--port", str(port), "--http", http)


def _hypercorn(example: Example, port: int) -> list[str]:
    return _python("hypercorn", "asgi_entry:app", "--bind", f"127.0.0.1:{port}")


def _granian(example: Example, port: int) -> list[str]:
    return _python("granian", "--interface", "asgi", "--port", str(port), "asgi_entry:app")


def _daphne(example: Example, port: int) -> list[str]:
    return _python("daphne", "--port", str(port), "asgi_entry:app")


def _gunicorn(example: Example, port: int) -> list[str]:
    return _python("gunicorn", "--worker-class", "asgi", "--bind", f"127.0.0.1:{port}", "asgi_entry:app")


SERVERS: dict[str, Command] = {
    "waitress-without-bridge": _waitress,
    "wsgi-bridge-serve": _serve,
    "uvicorn-h11": _uvicorn("h11"),
    "uvicorn-httptools": _uvicorn("httptools"),
    "hypercorn": _hypercorn,
    "granian": _granian,
    "daphne": _daphne,
    "gunicorn-asgi": _gunicorn,
}


# ---------------------------------------------------------------- instance folders


def example_environment(example: Example, instance: Path) -> dict[str, str]:
    """Return an environment in which `example` finds its modules and keeps its data in `instance`."""
    paths = [str(example.folder), str(Path(__file__).parent), str(ROOT)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "EXAMPLE_FOLDER": str(example.folder),
        "EXAMPLE_MODULE": example.module,
        example.variable: str(instance),
        "FLASK_SHOP_SHIPPING_DELAY": "0.01",
    }


def fill_instance(example: Example, instance: Path) -> None:
    """Let `example` make its data in `instance`, as its first start does."""
    environment = example_environment(example, instance)
    command = [sys.executable, "-c", f"import {example.module}"]
    subprocess.run(command, env=environment, check=True, timeout=START_LIMIT)


# ---------------------------------------------------------------- a running server


def in_blocks(body: bytes, size: int = 7001) -> Iterator[bytes]:
    """Return an iterator over `body`, so that httpx sends it with `Transfer-Encoding: chunked`."""
    return (body[at : at + size] for at in range(0, len(body), size))


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at `url`, and the instance folder that its application writes to."""

    url: str
    instance: Path
    server: str

    def client(self) -> httpx.Client:
        """Return a browser: it keeps cookies and follows redirects. Close it."""
        return httpx.Client(base_url=self.url, timeout=REQUEST_LIMIT, follow_redirects=True, trust_env=False)


class PortTaken(Exception):
    """Somebody else took the port between our finding it free and the server's binding it."""


@contextlib.contextmanager
def running(example: Example, server: str, filled: Path, folder: Path) -> Iterator[Running]:
    """Run `example` under `server` on a copy of the instance `filled`, kept in `folder` like the log."""
    instance = folder / "instance"
    shutil.copytree(filled, instance)
    for attempt in range(1, TRIES + 1):
        with contextlib.ExitStack() as stack:
            try:
                url = stack.enter_context(_process(example, server, instance, folder / "server.log"))
            except PortTaken:
                if attempt == TRIES:
                    raise
                continue
            yield Running(url, instance, server)
            stack.close()
            _read_complaints(folder / "server.log")
            return


@contextlib.contextmanager
def _process(example: Example, server: str, instance: Path, log: Path) -> Iterator[str]:
    port = _free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            SERVERS[server](example, port),
            env=example_environment(example, instance),
            cwd=instance,  # an example must start from anywhere
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_it_answers(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _read_complaints(log: Path) -> None:
    """Fail on what a server says only when something went wrong outside of the application."""
    said = log.read_text("utf-8", "replace")
    found = [complaint for complaint in COMPLAINTS if complaint in said]
    assert not found, said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        answers = _answers(port)
        if process.poll() is not None:
            said = log.read_text("utf-8", "replace")
            if "in use" in said:
                raise PortTaken(said)
            raise AssertionError(f"the server ended with {process.returncode}:\n{said}")
        if answers:
            return
        time.sleep(POLL)
    raise AssertionError(f"nothing answers after {START_LIMIT} s:\n{log.read_text('utf-8', 'replace')}")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server gently, then kill whatever is left of what it started."""
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"the server still runs {STOP_LIMIT} s after SIGTERM") from None
    finally:
        with contextlib.suppress(ProcessLookupError):  # as it should be: nothing is left
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
