"""Requests that wait side by side: none ever sees a value of another, on asyncio and uvloop."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
LOOPS = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
REQUESTS = 1000
# WSGI_BRIDGE_ISOLATION_ROUNDS=20 runs it as often, and Django with as many requests, which is too long for every day.
ROUNDS = int(os.environ.get("WSGI_BRIDGE_ISOLATION_ROUNDS", "1"))
pytestmark = pytest.mark.timeout(60 * ROUNDS)
DJANGO_REQUESTS = 40 if ROUNDS == 1 else REQUESTS
CONNECTIONS = 60  # of the 100 that PostgreSQL has; the other requests wait for their turn

PROGRAM = """
import asyncio, sys
from bridge.cooperative import install
install()
from bridge import WsgiToAsgi
from tests import asgi_driver
from tests.asgi_driver import AsgiCall
from tests.cooperative import isolation_apps
asgi_driver.CALL_TIMEOUT = 600.0  # the last of them waits for all others, on a busy machine

async def main():
    bridge = WsgiToAsgi({app}, executor="greenlet", max_greenlets={most}, queue_timeout=None)
    for _ in range({rounds}):
        calls = [AsgiCall(bridge, path=f"{prefix}/{{number}}", body=b"body", method="{method}",
                          headers=[(b"content-length", b"4")]).run() for number in range({requests})]
        answers = await asyncio.gather(*calls)
        {check}
    assert await bridge.executor.drain() == []
    print("isolated")

if {loop!r} == "uvloop":
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
"""
ALL_OK = """assert {answer.body for answer in answers} == {b"OK"}, {answer.body for answer in answers}"""


def isolated(**parts: object) -> None:
    """Run the program in a process of its own: the layer must come before the application's import."""
    defaults = {
        "rounds": ROUNDS,
        "requests": REQUESTS,
        "most": REQUESTS,
        "prefix": "",
        "method": "GET",
        "check": ALL_OK,
    }
    code = PROGRAM.format(**{**defaults, **parts})
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55 * ROUNDS)
    assert done.stdout == "isolated\n", textwrap.shorten(done.stdout, 500) + done.stderr[-3000:]


@LOOPS
def test_flask_contextvars_locals_g_session_and_scoped_sessions(loop: str) -> None:
    isolated(loop=loop, app="isolation_apps.flask_app('sqlite://')")


@LOOPS
def test_flask_async_views(loop: str) -> None:
    isolated(loop=loop, app="isolation_apps.flask_app('sqlite://')", prefix="/async", requests=200)


DATABASES = [
    pytest.param("postgresql", marks=pytest.mark.service("postgresql")),
    pytest.param("mysql", marks=pytest.mark.service("mariadb")),
]


@LOOPS
@pytest.mark.parametrize("engine", DATABASES)
def test_django_transactions_and_connections(loop: str, engine: str) -> None:
    check = """
        assert all(answer.body.startswith(b"OK") for answer in answers), {a.body for a in answers}
        assert len({answer.body for answer in answers}) == len(answers)  # a connection each
        from django.db import connection
        assert connection.connection is None
    """
    port = SERVICES["postgresql" if engine == "postgresql" else "mariadb"].port
    app = f"isolation_apps.django_app({port}, {engine!r})"
    isolated(loop=loop, app=app, check=check, requests=DJANGO_REQUESTS, most=CONNECTIONS)


@LOOPS
@pytest.mark.service("postgresql")
def test_django_async_views_run_on_the_servers_loop(loop: str) -> None:
    check = """
        here = f"OK {id(asyncio.get_running_loop())} body".encode()
        assert {answer.body for answer in answers} == {here}, {answer.body for answer in answers}
    """
    app = f"isolation_apps.django_app({SERVICES['postgresql'].port})"
    isolated(loop=loop, app=app, check=check, requests=100, prefix="/async", method="POST")
