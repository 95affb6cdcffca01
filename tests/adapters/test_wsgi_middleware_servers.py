"""WsgiMiddleware in ASGI servers: a WSGI middleware around Starlette, over real sockets."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.adapters.live_server import LIMIT, BrokenOff, LiveServer
from tests.groups import made_once

BLOCK = b"0123456789abcdef" * 64
UVICORN = [sys.executable, "-m", "uvicorn", "--log-level=warning"]
SERVERS = {
    "uvicorn-h11": [*UVICORN, "--loop=asyncio", "--http=h11"],
    "uvicorn-httptools": [*UVICORN, "--loop=uvloop", "--http=httptools"],
}


@pytest.fixture(scope="module", params=made_once("WSGI middleware", SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder = tmp_path_factory.mktemp("wrapped")
    server = LiveServer(request.param, SERVERS[request.param], "tests.adapters.way_back_apps:wrapped", folder)
    yield server
    server.stop()


def test_get(server: LiveServer) -> None:
    response, body = server.ask("GET", "/?name=bridge")
    assert (response.status, body) == (200, b"Hello, bridge!")
    assert response.getheader("x-middleware") == "127.0.0.1"


def test_the_lifespans_state_and_loop(server: LiveServer) -> None:
    seen = json.loads(server.ask("GET", "/process")[1])
    assert (seen["started_in"], seen["same_loop"], seen["loops"]) == (seen["pid"], True, 0)


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_an_upload(server: LiveServer, chunked: bool) -> None:
    pieces = [os.urandom(size) for size in (1, 70_000, 3, 500_000)]
    whole = b"".join(pieces)
    body = iter(pieces) if chunked else whole
    _, answer = server.ask("POST", "/digest", body, encode_chunked=chunked)
    assert json.loads(answer) == {"size": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}


def test_a_streaming_download(server: LiveServer) -> None:
    assert server.ask("GET", "/download/2000")[1] == BLOCK * 2000


def test_a_client_that_leaves_mid_stream_cancels_the_application(server: LiveServer) -> None:
    with contextlib.closing(server.connect()) as connection:
        connection.request("GET", "/endless")
        assert connection.getresponse().read(10) == BLOCK[:10]
    assert server.ask("GET", "/await/closed")[1] == b"it happened"


def test_concurrent_requests(server: LiveServer) -> None:
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(server.ask, "GET", "/await/together") for _ in range(4)]
        assert server.ask("POST", "/set/together")[1] == b"set"
        assert [each.result(LIMIT)[1] for each in waiting] == [b"it happened"] * 4


def test_an_error_before_the_start_is_500(server: LiveServer) -> None:
    response, _ = server.ask("GET", "/fail/before")
    assert (response.status, response.getheader("x-middleware")) == (500, "127.0.0.1")


def test_an_error_after_the_start_breaks_the_response(server: LiveServer) -> None:
    with pytest.raises(BrokenOff):
        server.ask("GET", "/fail/after")
    assert server.ask("GET", "/")[0].status == 200


def test_the_end_of_the_server_shuts_the_lifespan_down(
    server: LiveServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ends")
    own = LiveServer(server.name, SERVERS[server.name], "tests.adapters.way_back_apps:wrapped", folder)
    try:
        pid = json.loads(own.ask("GET", "/process")[1])["pid"]
    finally:
        own.stop()
    assert own.lines() == [f"startup {pid}", f"shutdown {pid}"]
