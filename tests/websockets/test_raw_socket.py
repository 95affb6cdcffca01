"""`environ["werkzeug.socket"]`: handlers that speak RFC 6455 themselves, by the libraries that people use."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import flask
import flask_sock
import flask_socketio
import pytest
import simple_websocket
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Ping, TextMessage

from bridge import WsgiToAsgi
from bridge.adapters import websocket_socket
from tests.websockets.driver import WebSocketCall

Bridged = Callable[..., WsgiToAsgi]
DENIAL: dict[str, Any] = {
    "websocket.http.response": {}
}  # the server can send a response in place of a handshake
LARGE = 1_000_000  # characters: more than the buffers of a socket hold


def server(environ: dict[str, Any], **options: Any) -> simple_websocket.Server:
    return simple_websocket.Server.accept(environ, **options)


@pytest.fixture
def shop() -> flask.Flask:
    """A Flask application with Flask-Sock and Flask-SocketIO, as their documentation has it."""
    app = flask.Flask(__name__)
    sock = flask_sock.Sock(app)

    @sock.route("/echo")
    def echo(ws: simple_websocket.Server) -> None:
        while (message := ws.receive()) != "bye":
            if message == "crash":
                raise ValueError(message)
            ws.send(message)
        ws.close(4001, "so long")

    @sock.route("/user")
    def user(ws: simple_websocket.Server) -> None:
        ws.send(flask.request.headers["X-User"])

    @app.get("/plain")
    def plain() -> str:
        return "plain"

    return app


async def test_flask_sock_echoes(bridged: Bridged, shop: flask.Flask) -> None:
    async with WebSocketCall(bridged(shop), "/echo").running() as client:
        assert (await client.sent())["type"] == "websocket.accept"
        for message in ("héllo", "", b"\x00\xff", "x" * LARGE, b"y" * LARGE):
            client.say(message)
            kind = "text" if isinstance(message, str) else "bytes"
            assert await client.sent() == {"type": "websocket.send", kind: message}
        client.say("bye")
        assert await client.sent() == {"type": "websocket.close", "code": 4001, "reason": "so long"}


async def test_flask_sock_has_flasks_request(bridged: Bridged, shop: flask.Flask) -> None:
    headers = [(b"host", b"example.test"), (b"x-user", b"ann")]
    async with WebSocketCall(bridged(shop), "/user", headers=headers).running() as client:
        await client.sent()
        assert (await client.sent())["text"] == "ann"
        assert (await client.sent())["code"] == 1000


async def test_a_client_that_leaves_ends_the_handler(
    bridged: Bridged, shop: flask.Flask, caplog: pytest.LogCaptureFixture
) -> None:
    for code in (1001, 1005, 1006):
        async with WebSocketCall(bridged(shop), "/echo").running() as client:
            await client.sent()
            client.leave(code, "bye" if code == 1001 else "")
        assert client.nothing_sent()
    assert caplog.records == []


async def test_a_handler_that_fails_closes_with_1011(
    bridged: Bridged, shop: flask.Flask, caplog: pytest.LogCaptureFixture
) -> None:
    async with WebSocketCall(bridged(shop), "/echo").running() as client:
        await client.sent()
        client.say("crash")
        assert (await client.sent())["code"] == 1011
    assert [record.levelno for record in caplog.records] == [logging.ERROR]  # Flask's own


@pytest.mark.parametrize(("path", "status"), [("/plain", 400), ("/nowhere", 404)])
async def test_a_route_that_is_no_websockets_refuses(
    bridged: Bridged, shop: flask.Flask, path: str, status: int
) -> None:
    """Werkzeug tells the two kinds of routes apart: the view is not called."""
    async with WebSocketCall(bridged(shop), path, extensions=DENIAL).running() as client:
        assert (await client.sent())["status"] == status


@pytest.mark.leaks("Socket.IO's own service thread")
async def test_flask_socketio_answers_its_events(bridged: Bridged) -> None:
    app = flask.Flask(__name__)
    socketio = flask_socketio.SocketIO(app, async_mode="threading")

    @socketio.on("ask")
    def ask(data: Any) -> None:
        flask_socketio.emit("answer", data)

    scope = {"query_string": b"EIO=4&transport=websocket"}
    async with WebSocketCall(bridged(app), "/socket.io/", **scope).running() as client:
        await client.sent()
        assert (await client.sent())["text"].startswith("0{")  # Engine.IO: open
        client.say("40")  # Socket.IO: connect
        assert (await client.sent())["text"].startswith("40{")
        client.say('42["ask",{"a":1}]')
        assert (await client.sent())["text"] == '42["answer",{"a":1}]'
        client.leave()


async def test_the_subprotocol_is_agreed_on(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = server(environ, subprotocols=["logs", "chat"])
        websocket.send(websocket.subprotocol)
        websocket.close()
        start_response("200 OK", [])
        return []

    async with WebSocketCall(bridged(app), subprotocols=["chat"]).running() as client:
        assert (await client.sent())["subprotocol"] == "chat"
        assert (await client.sent())["text"] == "chat"
        assert (await client.sent())["type"] == "websocket.close"


async def test_the_librarys_pings_are_answered(bridged: Bridged) -> None:
    """Its own time limit would close the connection after two intervals without an answer."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = server(environ, ping_interval=0.05)
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            assert websocket.receive(timeout=0.05) is None
        websocket.send("still here")
        websocket.close()
        start_response("200 OK", [])
        return []

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["text"] == "still here"
        await client.sent()


async def test_all_that_was_sent_before_the_handler_returned_arrives(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = server(environ)
        for number in range(300):
            websocket.send(f"{number} " + "x" * 1000)
        websocket.close(4002, "all")
        start_response("200 OK", [])
        return []

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        for number in range(300):
            assert (await client.sent())["text"].startswith(f"{number} ")
        assert (await client.sent())["code"] == 4002


async def test_a_message_in_fragments_is_one_message(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = server(environ)
        for event in (
            TextMessage("ab", message_finished=False),
            TextMessage("c"),
            BytesMessage(b"\x00", message_finished=False),
            BytesMessage(b"\x01", message_finished=False),
            BytesMessage(b"\x02"),
        ):
            websocket.sock.send(websocket.ws.send(event))
        websocket.close()
        start_response("200 OK", [])
        return []

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["text"] == "abc"
        assert (await client.sent())["bytes"] == b"\x00\x01\x02"
        await client.sent()


async def test_bytes_that_are_no_frames_close_the_connection(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = server(environ)
        websocket.sock.send(b"HTTP/1.1 200 OK\r\n\r\n")
        with pytest.raises(simple_websocket.ConnectionClosed):
            websocket.receive(timeout=20)
        start_response("200 OK", [])
        return []

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["code"] == 1002


async def test_bytes_that_are_no_handshake_refuse_it_and_are_logged(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["werkzeug.socket"].send(b"220 smtp.example.test\r\n\r\n")
        while not environ["wsgi.websocket"].closed:
            time.sleep(0.01)
        start_response("200 OK", [])
        return []

    async with WebSocketCall(bridged(app)).running() as client:
        assert (await client.sent())["type"] == "websocket.close"
    assert "what the application wrote to its socket" in caplog.text


async def test_a_handler_that_reads_nothing_and_returns_is_no_reason_to_wait(bridged: Bridged) -> None:
    """Its client fills the socket; what the handler then writes asks for an answer, which nobody waits for."""
    full = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        peer = WSConnection(ConnectionType.SERVER)
        sock = environ["werkzeug.socket"]
        fields = ("CONNECTION", "UPGRADE", "SEC_WEBSOCKET_KEY", "SEC_WEBSOCKET_VERSION", "HOST")
        lines = [f"{name.replace('_', '-')}: {environ['HTTP_' + name]}" for name in fields]
        peer.receive_data("\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode())
        list(peer.events())
        sock.send(peer.send(AcceptConnection()))
        assert full.wait(20)
        with sock:
            sock.send(peer.send(Ping()) + peer.send(CloseConnection(4001)))
        start_response("200 OK", [])
        return []

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        for _ in range(20):
            client.say(b"x" * LARGE)
        for _ in range(200):
            await asyncio.sleep(0)
        full.set()
        assert (await client.sent())["code"] == 4001


async def test_the_handshake_counts_before_the_response(bridged: Bridged) -> None:
    """The response overtakes what is still in the socket; nothing of that may be lost."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        server(environ).close(4003, "at once")
        start_response("500 Internal Server Error", [])
        return []

    bridge = bridged(app)
    for _ in range(30):
        async with WebSocketCall(bridge).running() as client:
            assert (await client.sent())["type"] == "websocket.accept"
            assert (await client.sent())["code"] == 4003


async def test_a_handler_that_never_touches_the_socket_leaves_none_behind(
    bridged: Bridged, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[socket.socket] = []

    class Noted(websocket_socket._WholeSends):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(websocket_socket, "_WholeSends", Noted)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("403 Forbidden", [])
        return []

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
    assert [each.fileno() for each in made] == [-1]


async def test_without_wsproto_there_is_no_socket_and_messages_still_work(
    bridged: Bridged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wsproto", None)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        assert "werkzeug.socket" not in environ
        environ["wsgi.websocket"].send("hi")
        start_response("200 OK", [])
        return []

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["text"] == "hi"
        await client.sent()
