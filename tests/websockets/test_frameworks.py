"""Handlers as the documentation of each framework and library has them, without Flask (test_raw_socket.py)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import bottle  # type: ignore[import-untyped] # published without type information
import simple_websocket
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from bridge import WsgiToAsgi
from tests.websockets.driver import WebSocketCall

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # WebOb imports cgi, which is deprecated
    from pyramid.config import Configurator
    from pyramid.request import Request
    from pyramid.response import Response

Bridged = Callable[..., WsgiToAsgi]


async def converse(app: Any, url: str) -> None:
    """Have a message echoed, and leave."""
    async with WebSocketCall(app, url).running() as client:
        assert (await client.sent())["type"] == "websocket.accept"
        for message in ("héllo", b"\x00\xff"):
            client.say(message)
            kind = "text" if isinstance(message, str) else "bytes"
            assert await client.sent() == {"type": "websocket.send", kind: message}
        client.leave()


async def test_bottle_s_recipe_for_gevent_websocket_works(bridged: Bridged) -> None:
    """Bottle's documentation, "Primer to Asynchronous Applications": its page on WebSockets."""
    app = bottle.Bottle()

    @app.route("/websocket")
    def handle_websocket() -> None:
        wsock = bottle.request.environ.get("wsgi.websocket")
        if not wsock:
            bottle.abort(400, "Expected WebSocket request.")
        while True:
            try:
                message = wsock.receive()
                if message is None:
                    break
                wsock.send(message)
            except ConnectionError:
                break

    await converse(bridged(app), "/websocket")


async def test_a_view_of_django_may_use_simple_websocket(bridged: Bridged) -> None:
    """No Channels; the library's documentation has `Server.accept(request.environ)` for any WSGI framework."""
    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
    await converse(bridged(WSGIHandler()), "/simple")
    await converse(bridged(WSGIHandler()), "/messages")


def simple(request: HttpRequest) -> HttpResponse:
    websocket = simple_websocket.Server.accept(request.environ)
    try:
        while True:
            websocket.send(websocket.receive())
    except simple_websocket.ConnectionClosed:
        return HttpResponse()


def messages(request: HttpRequest) -> HttpResponse:
    for message in request.META["wsgi.websocket"]:
        request.META["wsgi.websocket"].send(message)
    return HttpResponse()


urlpatterns = [path("simple", simple), path("messages", messages)]


async def test_a_view_of_pyramid_may_have_websockets(bridged: Bridged) -> None:
    def echo(request: Request) -> Response:
        websocket = request.environ["wsgi.websocket"]
        for message in websocket:
            websocket.send(message)
        return Response()

    with Configurator() as config:
        config.add_route("echo", "/echo")
        config.add_view(echo, route_name="echo")
        app = config.make_wsgi_app()
    await converse(bridged(app), "/echo")
