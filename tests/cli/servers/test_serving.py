"""What `serve` promises, on every server, with real processes and sockets."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import signal
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from bridge.cli.servers import SERVERS
from tests.cli.certificates import PASSWORD, write_certificates
from tests.cli.serving import APPLICATION, Reply, Served

SEVERAL = [server for server in SERVERS if server != "daphne"]
EVERY = pytest.mark.parametrize("server", SERVERS)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(APPLICATION)
    return tmp_path


def serve(folder: Path, server: str, *arguments: str) -> Served:
    return Served(folder, "shop", "--port", "0", "--server", server, *arguments)


def ready(served: Served, server: str) -> None:
    """Wait until the server accepts: granian opens its sockets after the panel was shown."""
    if server == "granian":
        served.wait_until_listening()


def noticed(served: Served, server: str) -> None:
    """Wait until the server has taken notice of a signal."""
    if server == "granian":  # some of its versions leave the socket open till the end
        served.line("Shutting down granian")
    else:
        served.wait_until_refused()


@contextlib.contextmanager
def echoing(served: Served) -> Iterator[ClientConnection]:
    """Open a WebSocket whose handler waits for the next message."""
    with connect(served.address.replace("http", "ws", 1) + "/messages", proxy=None) as socket:
        socket.send("x")
        assert socket.recv(30) == "x"
        yield socket


def close_code(socket: ClientConnection) -> int | None:
    """Wait for the close; None: the connection ended without one."""
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(30)
    return None if closed.value.rcvd is None else closed.value.rcvd.code


def environ(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200
    seen: dict[str, Any] = json.loads(reply.body)["environ"]
    return seen


class SlowRequest:
    """A request that is in flight until it is let go."""

    def __init__(self, served: Served) -> None:
        self.folder = served.folder
        for name in ("entered", "release"):
            os.mkfifo(self.folder / name)
        self.replies: list[Reply] = []
        self.thread = threading.Thread(target=self._ask, args=(served,))
        self.thread.start()
        (self.folder / "entered").read_bytes()  # returns once the application is in it

    def _ask(self, served: Served) -> None:
        with contextlib.suppress(ConnectionError, http.client.HTTPException):  # then there is no reply
            self.replies.append(served.get("/slow"))

    def let_go(self) -> Reply:
        (self.folder / "release").write_bytes(b"")
        self.thread.join(30)
        return self.replies[0]


# ---------------------------------------------------------------- one process


@EVERY
def test_serve_answers_at_the_port_that_it_shows(shop: Path, server: str) -> None:
    with serve(shop, server) as served:
        assert served.port > 0
        ready(served, server)
        seen = environ(served.get("/basket?item=5"))
        assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == ("/basket", "item=5")
        assert seen["SERVER_PORT"] == str(served.port)
        assert served.stop() == 0


@EVERY
def test_serve_breaks_off_a_response_that_fails_behind_its_headers(shop: Path, server: str) -> None:
    with serve(shop, server) as served:
        ready(served, server)
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            served.get("/breaks")
        environ(served.get("/"))
        assert served.stop() == 0


@EVERY
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_serve_lets_a_running_request_end_and_exits_with_0(shop: Path, server: str, number: int) -> None:
    """A WebSocket does not end by itself: it is closed, and its handler hears that."""
    with serve(shop, server, "--websockets") as served:
        ready(served, server)
        slow = SlowRequest(served)
        with echoing(served) as socket:
            served.process.send_signal(number)
            assert close_code(socket) == 1012
        served.line("^no more messages")
        noticed(served, server)
        assert served.process.poll() is None
        assert slow.let_go().status == 200
        assert served.process.wait(30) == 0
    assert "Traceback" not in "\n".join(served.lines)


@EVERY
def test_serve_gives_up_on_a_request_after_the_shutdown_timeout_and_names_it(shop: Path, server: str) -> None:
    with serve(shop, server, "--shutdown-timeout", "0.2") as served:
        ready(served, server)
        slow = SlowRequest(served)
        served.process.send_signal(signal.SIGTERM)
        served.process.wait(30)
        slow.thread.join(30)
    assert [reply.status for reply in slow.replies] in ([], [500])
    # granian waits for its connections by itself and kills the worker, which cannot say what it was doing.
    named = "Killing worker-" if server == "granian" else "GET /slow"
    assert any(named in line for line in served.lines)


@EVERY
def test_serve_listens_on_a_unix_socket_and_removes_it(
    shop: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop)  # so that the path of the socket is short
    with serve(shop, server, "--uds", "app.sock") as served:
        ready(served, server)
        seen = environ(served.get("/", {"X-Forwarded-For": "203.0.113.9"}))
        assert seen["REMOTE_ADDR"] == "203.0.113.9"
        assert served.stop() == 0
    assert not Path("app.sock").exists()


@EVERY
def test_serve_listens_on_ipv6(shop: Path, server: str) -> None:
    with serve(shop, server, "--host", "::1") as served:
        ready(served, server)
        assert served.address.startswith("http://[::1]:")
        assert environ(served.get("/"))["REMOTE_ADDR"] == "::1"


@EVERY
def test_serve_believes_a_proxy_on_this_machine_and_mounts_at_its_root_path(shop: Path, server: str) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    with serve(shop, server, "--root-path", "/shop") as served:
        ready(served, server)
        seen = environ(served.get("/basket", headers))
        names = ("REMOTE_ADDR", "SCRIPT_NAME", "PATH_INFO", "HTTPS")
        assert [seen.get(name) for name in names] == ["203.0.113.9", "/shop", "/basket", "on"]


@EVERY
def test_serve_believes_nobody_who_is_not_listed(shop: Path, server: str) -> None:
    with serve(shop, server, "--forwarded-allow-ips", "10.0.0.0/8") as served:
        ready(served, server)
        seen = environ(served.get("/", {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}))
        assert (seen["REMOTE_ADDR"], seen.get("HTTPS")) == ("127.0.0.1", None)


@EVERY
def test_serve_logs_a_request_with_the_client_that_the_proxy_names(shop: Path, server: str) -> None:
    with serve(shop, server) as served:
        ready(served, server)
        served.get("/basket", {"X-Forwarded-For": "203.0.113.9"})
        assert served.stop() == 0
    log = (shop / "stdout.txt").read_text()
    if server == "daphne":  # it logs who connected
        assert "] 127.0.0.1:" in log
        assert '"GET /basket" 200' in log
    else:
        assert "] 203.0.113.9" in log
        assert '"GET /basket HTTP/1.1" 200' in log


@EVERY
def test_serve_logs_no_request_when_told_not_to(shop: Path, server: str) -> None:
    with serve(shop, server, "--no-access-log") as served:
        ready(served, server)
        served.get("/basket")
        assert served.stop() == 0
    assert (shop / "stdout.txt").read_text() == ""
    assert "basket" not in "\n".join(served.lines)


@EVERY
def test_serve_shows_metrics(shop: Path, server: str) -> None:
    with serve(shop, server, "--metrics") as served:
        ready(served, server)
        served.get("/")
        text = served.get("/metrics").body.decode()
    assert 'wsgi_bridge_requests_started_total{lane="bridge",pid="' in text
    assert "process_resident_memory_bytes" in text


@EVERY
def test_serve_keeps_to_its_limits(shop: Path, server: str) -> None:
    with serve(shop, server, "--threads", "1", "--queue-size", "0") as served:
        ready(served, server)
        slow = SlowRequest(served)
        full = served.get("/")
        assert full.status == 503
        assert "Retry-After" in {name.title() for name in full.headers}
        assert slow.let_go().status == 200


# ---------------------------------------------------------------- TLS


def trusting(ca: str, client: str | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    if client is not None:
        context.load_cert_chain(client)
    return context


@EVERY
def test_serve_does_tls(shop: Path, server: str) -> None:
    files = write_certificates(shop)
    with serve(shop, server, "--tls-cert", "cert.pem", "--tls-key", "key.pem") as served:
        assert served.address.startswith("https://127.0.0.1:")
        ready(served, server)
        seen = environ(served.get("/", context=trusting(files.cert)))
        assert (seen["HTTPS"], seen["SERVER_PORT"]) == ("on", str(served.port))


@EVERY
def test_serve_does_tls_with_one_file_for_both(shop: Path, server: str) -> None:
    files = write_certificates(shop)
    with serve(shop, server, "--tls-cert", "both.pem") as served:
        ready(served, server)
        assert served.get("/", context=trusting(files.cert)).status == 200


@pytest.mark.parametrize("server", ["uvicorn", "hypercorn", "daphne"])
def test_serve_opens_a_key_with_its_password(shop: Path, server: str) -> None:
    files = write_certificates(shop)
    arguments = ("--tls-cert", "cert.pem", "--tls-key", "encrypted_key.pem", "--tls-key-password", PASSWORD)
    with serve(shop, server, *arguments) as served:
        assert served.get("/", context=trusting(files.cert)).status == 200


@EVERY
def test_serve_asks_clients_for_certificates(shop: Path, server: str) -> None:
    files = write_certificates(shop)
    with serve(shop, server, "--tls-cert", "both.pem", "--tls-ca", "ca.pem") as served:
        ready(served, server)
        assert served.get("/", context=trusting(files.cert, files.client)).status == 200
        with pytest.raises((ssl.SSLError, ConnectionError)):
            served.get("/", context=trusting(files.cert))


# ---------------------------------------------------------------- several processes


@pytest.mark.parametrize("server", SEVERAL)
def test_serve_answers_from_four_workers_and_stops_them_all(shop: Path, server: str) -> None:
    with serve(shop, server, "--workers", "4", "--websockets") as served:
        # The probe's line is the first.
        workers = {int(served.line(r"^imported (\d+)", count)[1]) for count in range(2, 6)}
        assert len(workers) == 4
        ready(served, server)
        assert int(json.loads(served.get("/").body)["pid"]) in workers
        watched = [os.pidfd_open(pid) for pid in workers]
        with echoing(served) as socket:
            assert served.stop() == 0
            assert close_code(socket) == 1012
        ended, _, _ = select.select(watched, [], [], 30)
        assert len(ended) > 0
        for descriptor in watched:
            assert select.select([descriptor], [], [], 30)[0], "a worker outlived the command"
            os.close(descriptor)
    assert [line for line in served.lines if line.startswith("wsgi-bridge ")] == [served.lines[1]]


@pytest.mark.parametrize("server", SEVERAL)
def test_serve_lets_one_worker_s_request_end_after_the_others_have_gone(shop: Path, server: str) -> None:
    """hypercorn's parent, left alone, kills the workers that still drain when the first one has ended."""
    with serve(shop, server, "--workers", "2") as served:
        workers = {int(served.line(r"^imported (\d+)", count)[1]) for count in (2, 3)}
        ready(served, server)
        slow = SlowRequest(served)
        watched = [os.pidfd_open(pid) for pid in workers]
        served.process.send_signal(signal.SIGTERM)
        assert select.select(watched, [], [], 30)[0], "the idle worker did not end"
        assert slow.let_go().status == 200
        assert served.process.wait(30) == 0
        for descriptor in watched:
            os.close(descriptor)


@pytest.mark.parametrize("server", SEVERAL)
def test_serve_with_workers_refuses_a_broken_application_before_it_starts_any(
    shop: Path, server: str
) -> None:
    (shop / "shop.py").write_text("app = 5\n")
    served = Served(shop, "shop", "--port", "0", "--server", server, "--workers", "2")
    try:
        assert served.process.wait(30) == 2
        served.line("^Error: shop:app is an object of type int, not a WSGI application")
    finally:
        served.__exit__()
