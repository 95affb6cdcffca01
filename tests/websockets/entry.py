"""A Flask application with WebSockets, for the servers of the matrix."""

from __future__ import annotations

import os
from typing import Any

from bridge import WsgiToAsgi, cooperative
from tests.conformance.application import EXECUTOR

__all__ = ["application"]

if os.environ[EXECUTOR] == "greenlet":
    cooperative.install()

import flask
import flask_sock

shop = flask.Flask(__name__)
sock = flask_sock.Sock(shop)


@sock.route("/sock")
def echo(ws: Any) -> None:
    while (message := ws.receive()) != "bye":
        ws.send(message)
    ws.close(4001, "so long")


@shop.route("/messages", websocket=True)
def messages() -> flask.Response:
    ws = flask.request.environ["wsgi.websocket"]
    ws.accept(ws.subprotocols[0] if ws.subprotocols else None, [("X-Room", "7")])
    for message in ws:
        if message == "bye":
            ws.close(4001, "so long")
        elif message == "crash":
            raise ValueError(message)
        else:
            ws.send(message)
    return flask.Response()


@shop.route("/refused", websocket=True)
def refused() -> tuple[str, int]:
    return "no", 402


@shop.get("/statistics")
def statistics() -> dict[str, int]:
    return {"active": application.executor.statistics().active}


application = WsgiToAsgi(shop, websockets=True, executor=os.environ[EXECUTOR])  # type: ignore[arg-type]  # its own check
