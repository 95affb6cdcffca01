"""AsgiToWsgi in real WSGI servers: processes of their own, real sockets."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.live_server import LIMIT, ROOT, BrokenOff, LiveServer
from tests.groups import made_once

APPS = "tests.adapters.way_back_apps"
BLOCK = b"0123456789abcdef" * 64

GUNICORN = [sys.executable, "-m", "gunicorn", "--workers=1", "--no-control-socket", "--graceful-timeout=20"]
GTHREAD = [*GUNICORN, "--worker-class=gthread", "--threads=4"]
OTHERS = [sys.executable, "-m", "tests.adapters.way_back_server"]

SERVERS = {
    "gunicorn-sync": GUNICORN,
    "gunicorn-sync-preload": [*GUNICORN, "--preload"],
    "gunicorn-gthread": GTHREAD,
    "gunicorn-gthread-preload": [*GTHREAD, "--preload"],
    "waitress": [*OTHERS, "waitress"],
    "wsgiref": [*OTHERS, "wsgiref"],
}
ONE_AT_A_TIME = {"gunicorn-sync", "gunicorn-sync-preload", "wsgiref"}


@pytest.fixture(scope="module", params=made_once("way back", SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with the Starlette application, the same one for all tests of this module."""
    server = LiveServer(
        request.param, SERVERS[request.param], f"{APPS}:starlette_wsgi", tmp_path_factory.mktemp("starlette")
    )
    yield server
    server.stop()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., LiveServer]]:
    """Return what starts a server for one test."""
    started: list[LiveServer] = []

    def serve(name: str, app: str, *options: str, **environment: str) -> LiveServer:
        started.append(LiveServer(name, [*SERVERS[name], *options], app, tmp_path, **environment))
        return started[-1]

    yield serve
    for each in started:
        each.stop()


# ---------------------------------------------------------------- what every server must do


def test_get(server: LiveServer) -> None:
    response, body = server.ask("GET", "/?name=bridge")
    assert (response.status, response.reason, body) == (200, "OK", b"Hello, bridge!")
    assert response.getheader("content-type") == "text/plain; charset=utf-8"
    assert response.getheader("content-length") == "14"


def test_head_has_headers_and_no_body(server: LiveServer) -> None:
    response, body = server.ask("HEAD", "/")
    assert (response.status, response.getheader("content-length"), body) == (200, "13", b"")


def test_a_connection_is_kept_alive_after_a_response(server: LiveServer) -> None:
    with contextlib.closing(server.connect()) as connection:
        for _ in range(3):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"Hello, world!"


def test_the_scope(server: LiveServer) -> None:
    response, body = server.ask("GET", "/scope/caf%C3%A9?q=%2F", headers={"Cookie": "a=1; b=2"})
    scope = json.loads(body)
    # wsgiref has no key for the target as it came
    raw_path = "" if server.name == "wsgiref" else "/scope/caf%C3%A9"
    assert scope == {
        "path": "/scope/café",
        "raw_path": raw_path,
        "query": "q=%2F",
        "server": server.address[1],
        "client": "127.0.0.1",
        "cookie": "a=1; b=2",
    }
    assert response.getheader("x-latin") == "café"


def test_repeated_set_cookie(server: LiveServer) -> None:
    response, _ = server.ask("GET", "/cookies")
    assert [value.partition(";")[0] for value in response.headers.get_all("set-cookie", [])] == ["a=1", "b=2"]


def test_an_upload_with_a_length(server: LiveServer) -> None:
    body = os.urandom(3_000_000)
    _, answer = server.ask("POST", "/digest", body)
    assert json.loads(answer) == {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_a_chunked_upload(server: LiveServer) -> None:
    if server.name == "wsgiref":
        assert_chunks_are_refused(server)
        return
    pieces = [os.urandom(size) for size in (1, 70_000, 3, 500_000)]
    _, answer = server.ask("POST", "/digest", iter(pieces), encode_chunked=True)
    whole = b"".join(pieces)
    assert json.loads(answer) == {"size": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}


def assert_chunks_are_refused(server: LiveServer) -> None:
    """wsgiref hands the chunks on undecoded; reading them would never end.

    It closes the connection after its answer, so the request has to leave in one piece.
    """
    with contextlib.closing(server.connect()) as connection:
        connection.connect()
        connection.sock.sendall(
            b"POST /digest HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
        )
        answer = b""
        while block := connection.sock.recv(65536):
            answer += block
    assert answer.split(b" ", 2)[1] == b"411"
    assert b"does not decode" in answer


def test_a_streaming_download(server: LiveServer) -> None:
    response, body = server.ask("GET", "/download/2000")
    assert (response.status, body == BLOCK * 2000) == (200, True)


def test_a_stream_arrives_while_it_is_sent(server: LiveServer) -> None:
    with contextlib.closing(server.connect()) as connection:
        connection.request("GET", "/endless")
        response = connection.getresponse()
        assert response.read(len(BLOCK) * 3) == BLOCK * 3


def test_a_client_that_leaves_mid_stream_ends_the_application(server: LiveServer) -> None:
    with contextlib.closing(server.connect()) as connection:
        connection.request("GET", "/endless")
        assert connection.getresponse().read(10) == BLOCK[:10]
    assert server.ask("GET", "/await/closed")[1] == b"it happened"


def test_a_background_task_runs_after_the_response(server: LiveServer) -> None:
    assert server.ask("GET", "/background")[1] == b"at once"
    assert server.ask("GET", "/await/background")[1] == b"it happened"


def test_concurrent_requests(server: LiveServer) -> None:
    if server.name in ONE_AT_A_TIME:
        assert server.ask("POST", "/set/alone")[1] == b"set"
        assert server.ask("GET", "/await/alone")[1] == b"it happened"
        return
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(server.ask, "GET", "/await/together") for _ in range(2)]
        assert server.ask("POST", "/set/together")[1] == b"set"
        assert [each.result(LIMIT)[1] for each in waiting] == [b"it happened"] * 2


def test_an_error_before_the_start_is_500(server: LiveServer) -> None:
    response, _ = server.ask("GET", "/fail/before")
    assert response.status == 500
    assert server.ask("GET", "/")[0].status == 200


@pytest.mark.parametrize("query", ["?length", ""], ids=["with a length", "chunked"])
def test_an_error_after_the_start_breaks_the_response(server: LiveServer, query: str) -> None:
    if server.name == "wsgiref" and not query:
        # HTTP/1.0 without a length: the end of the connection is the end of the body, whatever its cause
        assert server.ask("GET", "/fail/after")[1] == BLOCK
        return
    with pytest.raises(BrokenOff) as caught:
        server.ask("GET", "/fail/after" + query)
    assert caught.value.partial == BLOCK
    assert server.ask("GET", "/")[0].status == 200


def test_the_lifespan_ran_once_in_the_process_and_on_the_loop_that_serve(server: LiveServer) -> None:
    seen = [json.loads(server.ask("GET", "/process")[1]) for _ in range(3)]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0]["started_in"] == seen[0]["pid"]
    assert (seen[0]["same_loop"], seen[0]["loops"]) == (True, 1)
    assert server.lines() == [f"startup {seen[0]['pid']}"]


# ---------------------------------------------------------------- with a server of its own


def test_the_end_of_the_server_shuts_the_lifespan_down(
    server: LiveServer, serve: Callable[..., LiveServer]
) -> None:
    own = serve(server.name, f"{APPS}:starlette_wsgi")
    pid = json.loads(own.ask("GET", "/process")[1])["pid"]
    assert own.stop() == 0
    assert own.lines() == [f"startup {pid}", f"shutdown {pid}"]


@pytest.mark.parametrize("name", SERVERS)
def test_fastapi(name: str, serve: Callable[..., LiveServer]) -> None:
    server = serve(name, "tests.adapters.way_back_fastapi:fastapi_wsgi")
    response, body = server.ask("GET", "/items/3?detail=all")
    assert (response.status, json.loads(body)) == (200, {"number": 3, "detail": "all"})
    item = json.dumps({"name": "chain", "price": 4.5})
    response, body = server.ask("POST", "/items", item, headers={"Content-Type": "application/json"})
    assert (response.status, json.loads(body)) == (201, {"name": "CHAIN", "price": 9.0})
    response, body = server.ask("POST", "/items", "{}", headers={"Content-Type": "application/json"})
    assert response.status == 422


@pytest.mark.parametrize("name", SERVERS)
def test_a_failed_startup_is_in_the_log_with_its_message(name: str, serve: Callable[..., LiveServer]) -> None:
    server = serve(name, f"{APPS}:starlette_wsgi", BRIDGE_TEST_FAIL="no database at 10.0.0.1")
    assert server.ask("GET", "/")[0].status == 500
    server.stop()
    assert "no database at 10.0.0.1" in server.log.read_text()
    assert server.lines() == []


@pytest.mark.parametrize("app", ["bare_wsgi", "raising_wsgi"])
@pytest.mark.parametrize("name", SERVERS)
def test_what_nobody_caught_is_500_and_logged_once(
    name: str, app: str, serve: Callable[..., LiveServer]
) -> None:
    server = serve(name, f"{APPS}:{app}")
    assert [server.ask("GET", path)[0].status for path in ("/", "/started")] == [500, 500]
    server.stop()
    assert server.log.read_text().count("ZeroDivisionError: nobody caught it") == 2


@pytest.mark.parametrize("name", ["gunicorn-gthread", "gunicorn-gthread-preload"])
def test_each_gunicorn_worker_has_its_own_lifespan(name: str, serve: Callable[..., LiveServer]) -> None:
    server = serve(name, f"{APPS}:starlette_wsgi", "--workers=2")
    seen: dict[int, Any] = {}
    deadline = time.monotonic() + LIMIT
    while len(seen) < 2 and time.monotonic() < deadline:
        answer = json.loads(server.ask("GET", "/process")[1])
        seen[answer["pid"]] = answer
    assert len(seen) == 2
    for pid, answer in seen.items():
        assert (answer["started_in"], answer["same_loop"], answer["loops"]) == (pid, True, 1)
    server.stop()
    assert sorted(server.lines()) == sorted(
        f"{phase} {pid}" for pid in seen for phase in ("startup", "shutdown")
    )


def test_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(path))
    bound.listen()
    process = subprocess.Popen(
        [*GTHREAD, f"--bind=fd://{bound.fileno()}", f"{APPS}:starlette_wsgi"],
        cwd=ROOT,
        pass_fds=[bound.fileno()],
        stderr=subprocess.DEVNULL,
    )
    try:
        with contextlib.closing(bound), contextlib.closing(socket.socket(socket.AF_UNIX)) as client:
            client.settimeout(LIMIT)
            client.connect(str(path))
            client.sendall(b"GET /scope/x HTTP/1.0\r\nHost: testserver\r\n\r\n")
            received = b"".join(iter(lambda: client.recv(65536), b""))
    finally:
        process.terminate()
        process.wait(LIMIT)
    answer = json.loads(received.partition(b"\r\n\r\n")[2])
    assert (answer["server"], answer["client"]) == (80, None)
