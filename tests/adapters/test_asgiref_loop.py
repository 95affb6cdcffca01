"""`async def` code of Flask and Django runs on the server's loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import flask
from asgiref.sync import async_to_sync, sync_to_async

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall

Bridged = Callable[..., WsgiToAsgi]


async def test_async_to_sync_runs_on_the_servers_loop(bridged: Bridged) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def note() -> None:
        loops.append(asyncio.get_running_loop())

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        async_to_sync(note)()
        start_response("200 OK", [])
        return [b"x"]

    application = bridged(app)
    await AsgiCall(application).run()
    await AsgiCall(application).run()
    assert loops == [asyncio.get_running_loop()] * 2


async def test_sync_code_called_from_there_returns_to_the_worker(bridged: Bridged) -> None:
    import threading

    threads: list[str] = []

    async def view() -> None:
        await sync_to_async(lambda: threads.append(threading.current_thread().name))()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        threads.append(threading.current_thread().name)
        async_to_sync(view)()
        start_response("200 OK", [])
        return [b"x"]

    await AsgiCall(bridged(app)).run()
    assert len(threads) == 2
    assert len(set(threads)) == 1


async def test_a_flask_async_view_runs_on_the_servers_loop(bridged: Bridged) -> None:
    application = flask.Flask(__name__)

    @application.get("/")
    async def view() -> str:
        await asyncio.sleep(0)
        return str(id(asyncio.get_running_loop()))

    answer = await AsgiCall(bridged(application)).run()
    assert answer.body.decode() == str(id(asyncio.get_running_loop()))


def test_asgiref_is_not_imported_for_it() -> None:
    program = "import sys, bridge.adapters.wsgi_to_asgi; assert 'asgiref' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


FIRST_VIEW = """
import asyncio, sys

import flask
from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall

application = flask.Flask(__name__)

@application.get("/")
async def view():
    return str(id(asyncio.get_running_loop()))

async def main():
    assert "asgiref" not in sys.modules, "something else has imported it: this proves nothing"
    bridge = WsgiToAsgi(application)
    answer = await AsgiCall(bridge).run()
    await bridge.executor.drain()
    assert answer.body.decode() == str(id(asyncio.get_running_loop())), "the first view had a loop of its own"

asyncio.run(main())
"""


def test_the_first_async_view_of_a_process_runs_on_the_servers_loop() -> None:
    """Flask imports asgiref inside the view, after the bridge has looked for it."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_VIEW], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
