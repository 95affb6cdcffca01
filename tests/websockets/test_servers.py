"""WebSockets over real connections, on every server of the matrix and in both lanes."""

from __future__ import annotations

import dataclasses
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import CloseConnection, TextMessage

from tests.servers.catalogue import ENTRY, SERVERS, Place, Server
from tests.servers.http2_wire import Http2Wire
from tests.servers.processes import ServerProcess

pytestmark = pytest.mark.xdist_group("websocket servers")

LIMIT = 30.0  # seconds; a limit, never a pause
LARGE = 300_000  # characters; some servers take no more than a MiB

# What the servers leave out; a native ASGI application has it no better.
WITHOUT_STATUS = (
    "daphne",
    "gunicorn",
)  # no extension websocket.http.response: a refusal is 403, and nothing else
WITHOUT_HEADERS = ("granian", "daphne")  # of websocket.accept
WITHOUT_REASON = ("daphne",)  # of websocket.close
WITHOUT_EMPTY_TEXT = ("daphne",)  # an empty text message is sent to nobody


def _serving(server: Server) -> Server:
    def command(place: Place) -> list[str]:
        return [word.replace(ENTRY, "tests.websockets.entry:application") for word in server.command(place)]

    return dataclasses.replace(server, command=command)


@pytest.fixture(
    scope="module",
    params=["uvicorn-h11-asyncio", "uvicorn-httptools-uvloop", "hypercorn", "granian", "daphne", "gunicorn"],
)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=["thread", "greenlet"])
def server(name: str, request: pytest.FixtureRequest) -> Iterator[ServerProcess]:
    with ServerProcess(_serving(SERVERS[name]), request.param) as running:
        yield running


def place(server: ServerProcess) -> str:
    assert isinstance(server.address, tuple)
    host, port = server.address
    return f"{host}:{port}"


def opened(server: ServerProcess, path: str, **options: Any) -> ClientConnection:
    options = {"open_timeout": LIMIT, "close_timeout": LIMIT, "proxy": None, **options}
    return connect(f"ws://{place(server)}{path}", **options)


@pytest.mark.parametrize("path", ["/sock", "/messages"])
def test_messages_go_both_ways_and_the_close_arrives(server: ServerProcess, name: str, path: str) -> None:
    with opened(server, path) as ws:
        messages: list[str | bytes] = ["héllo", "", b"\x00\xff", "x" * LARGE, b"y" * LARGE]
        if name in WITHOUT_EMPTY_TEXT:
            messages.remove("")
        for message in messages:
            ws.send(message)
            assert ws.recv(LIMIT) == message
        ws.send("bye")
        with pytest.raises(ConnectionClosed) as closed:
            ws.recv(LIMIT)
    assert closed.value.rcvd is not None
    reason = "" if name in WITHOUT_REASON else "so long"
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4001, reason)


def test_subprotocol_and_headers_of_the_application_arrive(server: ServerProcess, name: str) -> None:
    with opened(server, "/messages", subprotocols=["chat"]) as ws:
        assert ws.subprotocol == "chat"
        assert ws.response is not None
        assert ws.response.headers.get("X-Room") == (None if name in WITHOUT_HEADERS else "7")


def test_a_handler_that_fails_closes_with_1011(server: ServerProcess) -> None:
    with opened(server, "/messages") as ws:
        ws.send("crash")
        with pytest.raises(ConnectionClosed) as closed:
            ws.recv(LIMIT)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011


def test_a_refusal_has_the_applications_status_where_the_server_can(server: ServerProcess, name: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        opened(server, "/refused")
    assert refused.value.response.status_code == (403 if name in WITHOUT_STATUS else 402)


@pytest.mark.parametrize("name", ["hypercorn"], indirect=True)
@pytest.mark.parametrize("path", ["/sock", "/messages"])
def test_messages_go_both_ways_over_http_2(server: ServerProcess, path: str) -> None:
    """RFC 8441: a stream of its own, opened with CONNECT, which carries the frames of RFC 6455."""
    wire = Http2Wire(server.address)
    try:
        headers = [(b":protocol", b"websocket"), (b"sec-websocket-version", b"13")]
        wire.request("CONNECT", path.encode(), headers, end=False)
        while not wire.status:
            wire.step()
        assert wire.status == 200
        client = Connection(ConnectionType.CLIENT)
        wire.send(client.send(TextMessage("x" * LARGE)) + client.send(TextMessage("bye")))
        wire.reply()
    finally:
        wire.close()
    client.receive_data(wire.body)
    *parts, close = client.events()
    assert "".join(part.data for part in parts if isinstance(part, TextMessage)) == "x" * LARGE
    assert isinstance(close, CloseConnection)
    assert (close.code, close.reason) == (4001, "so long")


def test_no_handler_is_left_by_clients_that_vanish(server: ServerProcess) -> None:
    for path in ("/sock", "/messages"):
        with ExitStack() as stack:
            for _ in range(10):
                ws = stack.enter_context(opened(server, path))
                ws.send("x")
                assert ws.recv(LIMIT) == "x"
                ws.socket.close()  # without a word
    deadline = time.monotonic() + LIMIT
    active = 0
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://{place(server)}/statistics", timeout=LIMIT) as answer:
            active = json.load(answer)["active"]
        if active == 1:  # the question itself
            return
        time.sleep(0.1)
    pytest.fail(f"{active - 1} handlers still run")
