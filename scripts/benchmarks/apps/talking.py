"""An echo on WebSockets: by Flask-Sock, and written by hand for ASGI."""

from __future__ import annotations

from typing import Any

import flask
import flask_sock

from scripts.benchmarks.apps.content import HELLO
from scripts.benchmarks.apps.native import hello

__all__ = ["app", "native"]

app = flask.Flask(__name__)
sock = flask_sock.Sock(app)


@app.get("/")
def probe() -> bytes:
    """The sign that the server is up."""
    return HELLO


@sock.route("/sock")  # type: ignore[untyped-decorator] # published without type information
def echo(ws: Any) -> None:
    """Flask-Sock's own example."""
    while True:
        ws.send(ws.receive())


@app.route("/messages", websocket=True)
def messages() -> flask.Response:
    """The same by the object in environ, which only the bridge has."""
    ws = flask.request.environ["wsgi.websocket"]
    for message in ws:
        ws.send(message)
    return flask.Response()


async def native(scope: Any, receive: Any, send: Any) -> None:
    """The floor."""
    if scope["type"] != "websocket":
        await hello(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})
