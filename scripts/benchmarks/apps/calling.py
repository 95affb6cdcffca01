"""Applications that call a slow service: legacy code with http.client and with Flask and requests, and its native twin.

`/call` calls the service; any other path is `hello`.
"""

from __future__ import annotations

import asyncio
import http.client
import os
from typing import TYPE_CHECKING

import requests
from flask import Flask

from scripts.benchmarks.apps import native, plain
from scripts.benchmarks.apps.content import HELLO, SERVICE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["call", "flask_app", "native_call"]

_PORT = int(os.environ.get(SERVICE_VARIABLE, "0"))
_QUESTION = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

flask_app = Flask(__name__)


def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Ask the service as the standard library does, and answer with its answer's first bytes."""
    if environ["PATH_INFO"] == "/call":
        connection = http.client.HTTPConnection("127.0.0.1", _PORT)
        connection.request("GET", "/")
        assert connection.getresponse().read() == HELLO
        connection.close()
    return plain.hello(environ, start_response)


async def native_call(scope: native.Scope, receive: native.Receive, send: native.Send) -> None:
    """The same with asyncio's streams."""
    if scope["path"] == "/call":
        reader, writer = await asyncio.open_connection("127.0.0.1", _PORT)
        writer.write(_QUESTION)
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(len(HELLO)) == HELLO
        writer.close()
    await native.hello(scope, receive, send)


@flask_app.get("/")
def _hello() -> bytes:
    return HELLO


@flask_app.get("/call")
def _call() -> bytes:
    return requests.get(f"http://127.0.0.1:{_PORT}/", timeout=60).content
