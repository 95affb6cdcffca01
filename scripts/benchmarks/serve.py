"""The server process: `python -m scripts.benchmarks.serve CONTENDER APP --fd N --threads N`.

The listening socket comes from the parent, which so knows the port and needs to wait for nothing but an answer.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from typing import Any

from bridge.cli.collector import calm_collector
from scripts.benchmarks.apps import APPS, load
from scripts.benchmarks.contenders import CONTENDERS, Contender

__all__ = ["asgi_app", "granian_command", "gunicorn_command", "main"]

KEEP_ALIVE = 75  # seconds: no connection is closed between two requests of a run
BACKLOG = 2048
WORKERS = {"gunicorn": "gthread", "gevent": "gevent"}  # contender -> gunicorn's worker class


def main() -> None:
    """Serves until it is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("app", choices=APPS)
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    if (command := _wsgi_server(options)) is not None:
        os.execv(sys.executable, command)  # noqa: S606  no shell: the arguments are ours
    contender = CONTENDERS[options.contender]
    app = asgi_app(contender, options.app, options.threads)
    if contender.greenlets:  # what `wsgi-bridge serve` does there; nobody else's server touches the collector
        calm_collector(threshold=None, greenlets=True)
    _run_uvicorn(app, options.fd, reset_context=contender.reset_context)


def _wsgi_server(options: argparse.Namespace) -> list[str] | None:
    """The command of a server that speaks WSGI itself; None: the contender is a bridge."""
    if options.contender in WORKERS:
        return gunicorn_command(options.contender, options.app, options.fd, options.threads)
    if options.contender == "granian":
        with socket.socket(fileno=options.fd) as taken:  # which only kept the port
            return granian_command(options.app, taken.getsockname()[1], options.threads)
    return None


def asgi_app(contender: Contender, app: str, threads: int) -> Any:
    """The ASGI application that `contender` makes of `app`.

    Raises ValueError when a native form is asked for and there is none.
    """
    if contender.greenlets:
        from bridge.cooperative import install

        install()
    if contender.wrap is not None:
        return contender.wrap(load(APPS[app].wsgi), threads)
    if APPS[app].native is None:
        raise ValueError(f"the application {app!r} has no native ASGI form; leave out the contender 'native'")
    return load(APPS[app].native or "")


def gunicorn_command(contender: str, app: str, descriptor: int, threads: int) -> list[str]:
    """gunicorn as teams run it today: one process, with `threads` threads or with gevent's greenlets."""
    return [
        *(sys.executable, "-m", "gunicorn", "--bind", f"fd://{descriptor}"),
        *("--worker-class", WORKERS[contender], "--workers", "1"),
        *(("--threads", str(threads)) if contender == "gunicorn" else ("--worker-connections", "20000")),
        *("--keep-alive", str(KEEP_ALIVE), "--backlog", str(BACKLOG)),
        *("--timeout", "300", "--graceful-timeout", "1", "--log-level", "error"),
        *_gunicorn_extras(),
        APPS[app].wsgi,
    ]


def granian_command(app: str, port: int, threads: int) -> list[str]:
    """granian's WSGI mode: one worker with `threads` threads. It takes no socket of others, only a port."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", str(threads), "--backlog", str(BACKLOG)),
        *("--http", "1", "--no-ws", "--log-level", "error", "--workers-kill-timeout", "1"),
        APPS[app].wsgi,
    ]


def _gunicorn_extras() -> list[str]:
    """gunicorn 24 and later open a control socket in the user's home unless told not to."""
    import gunicorn

    return ["--no-control-socket"] if gunicorn.version_info >= (25,) else []


def _run_uvicorn(app: Any, descriptor: int, *, reset_context: bool) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE,
        backlog=BACKLOG,
        reset_contextvars=reset_context,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main()
