"""A server's whole life: where it listens, start-up, shutdown."""

from __future__ import annotations

import socket
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.certificates import write_certificates
from tests.conformance.application import FAIL_STARTUP, MARKS_FILE
from tests.conformance.apps.disconnect import two_blocks_and_a_file
from tests.conformance.apps.environ import dump
from tests.conformance.fixtures import SHORT, mark_if_limited, maybe_limit
from tests.conformance.peers import Peer
from tests.servers.catalogue import SERVERS, Server
from tests.servers.processes import STOP_LIMIT, ServerProcess
from tests.servers.socket_peer import Http2Peer, SocketPeer

PROBES = 200  # looks at a server that stops listening


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SERVERS])
def server(request: pytest.FixtureRequest, executor: str) -> Server:
    """Return each server, to be started by the test."""
    mark_if_limited(request, request.param, executor)
    return SERVERS[request.param]


@pytest.fixture
def patience(request: pytest.FixtureRequest, server: Server, executor: str) -> float:
    """Return how many seconds to wait for what should happen; few where it is known not to."""
    return SHORT if maybe_limit(server.name, request.node.name, executor) else STOP_LIMIT


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder with a short name: that of a unix socket is limited to some hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="bridge-") as name:
        yield Path(name)


def test_a_unix_socket_has_no_port_and_no_client_address(server: Server, executor: str, folder: Path) -> None:
    with ServerProcess(server, executor, unix_socket=str(folder / "socket")) as process:
        environ = SocketPeer(server.name, process.address).ask(dump).json()
    # The name comes from the Host header then, the port from the scheme.
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("testserver", "80")
    assert environ["REMOTE_ADDR"] == ""
    assert "REMOTE_PORT" not in environ


def test_HTTPS_is_on_over_TLS(server: Server, executor: str, folder: Path) -> None:
    files = write_certificates(folder)
    tls = ssl.create_default_context(cafile=files.cert)
    with ServerProcess(server, executor, cert=files.cert, key=files.key) as process:
        peers: list[Peer] = [SocketPeer(server.name, process.address, tls=tls)]
        if server.http2:
            tls_with_http2 = ssl.create_default_context(cafile=files.cert)
            tls_with_http2.set_alpn_protocols(["h2"])
            peers.append(Http2Peer(server.name, process.address, tls=tls_with_http2))
        for peer in peers:
            environ = peer.ask(dump, b"/caf%C3%A9?a").json()
            assert (environ["HTTPS"], environ["wsgi.url_scheme"]) == ("on", "https")
            assert environ["SERVER_PROTOCOL"] == ("HTTP/2.0" if peer.http2 else "HTTP/1.1")
            assert (environ["SERVER_PORT"], environ["PATH_INFO"]) == (str(process.address[1]), "/caf\xc3\xa9")


@pytest.mark.parametrize("target", [b"/app/x%2Fy/%C3%A9", b"/app/%FF"])
def test_SCRIPT_NAME_is_the_root_path_of_the_server(server: Server, executor: str, target: bytes) -> None:
    """Some servers expect the prefix in the request's path, some add it."""
    sent = target.removeprefix(b"/app") if server.adds_root_path else target
    with ServerProcess(server, executor, root_path="/app") as process:
        environ = SocketPeer(server.name, process.address).ask(dump, sent).json()
    wanted = {b"/app/%FF": "/\xff"}.get(target, "/x/y/\xc3\xa9")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/app", wanted)


def test_the_lifespan_begins_and_ends_with_the_server_and_requests_drain(
    server: Server, executor: str, folder: Path
) -> None:
    marks, go = folder / "marks", folder / "go"
    with ServerProcess(server, executor, environment={MARKS_FILE: str(marks)}) as process:
        peer = SocketPeer(server.name, process.address)
        with peer.open(two_blocks_and_a_file, b"/?" + str(go).encode(), method="GET") as conversation:
            conversation.await_body(len(b"first "))
            assert marks.read_text() == "startup\n"
            process.terminate()
            wait_until_it_stops_listening(process)
            go.touch()
            reply = conversation.reply()
        assert process.has_ended()
    assert (reply.body, reply.complete) == (b"first second", True)
    assert marks.read_text() == "startup\nshutdown\n"


def wait_until_it_stops_listening(process: ServerProcess) -> None:
    """Return when it takes no more connections, or after a while if it goes on to."""
    for _ in range(PROBES):
        with socket.socket() as probe:
            probe.settimeout(SHORT)
            if probe.connect_ex(process.address) != 0:
                return


def test_a_startup_that_fails_ends_the_server_and_its_message_is_printed(
    server: Server, executor: str, patience: float
) -> None:
    process = ServerProcess(server, executor, environment={FAIL_STARTUP: "no database today"})
    try:
        assert process.has_ended(patience)
        assert "no database today" in process.log()
    finally:
        process.stop()
