from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from scripts.compare_servers.exchange import Client, Request

Script = Callable[[bytes], bytes]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\nok"


class Peer:
    """Answers each connection's requests with `script`, which gets the head, and keeps what it was sent."""

    def __init__(self, script: Script) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.script = script
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            left_unread = contextlib.suppress(ConnectionResetError)
            with left_unread, connection, connection.makefile("rb") as reader:
                if not self._converse(connection, iter(reader.readline, b"")):
                    return

    def _converse(self, connection: socket.socket, lines: Iterator[bytes]) -> bool:
        head = b""
        for line in lines:
            head += line
            if line == b"stop\r\n":
                return False
            if line == b"\r\n":
                self.heads.append(head)
                answer = self.script(head)
                connection.sendall(answer)
                if b"close" in answer:
                    return True
                head = b""
        return True

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.sendall(b"stop\r\n")
            self._thread.join(10)
        self._listener.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer(lambda _: OK % b"")
    yield peer
    peer.close()


@pytest.fixture
def client(peer: Peer) -> Iterator[Client]:
    client = Client(peer.port)
    yield client
    client.close()


def test_a_request_goes_out_as_it_is(peer: Peer, client: Client) -> None:
    request = Request(
        "PROPFIND", "/a%2Fb//%ff?x=%E9", (("X-Latin", "caf\u00e9"), ("X-Twice", "1"), ("X-Twice", "2"))
    )
    assert client.ask(request).body == b"ok"
    lines = peer.heads[0].split(b"\r\n")
    assert lines[0] == b"PROPFIND /a%2Fb//%ff?x=%E9 HTTP/1.1"
    assert b"Host: localhost" in lines
    assert b"X-Latin: caf\xe9" in lines
    assert lines.index(b"X-Twice: 1") < lines.index(b"X-Twice: 2")


def test_a_header_of_the_request_takes_the_place_of_the_usual_one(peer: Peer, client: Client) -> None:
    client.ask(Request("GET", "/", (("Accept-Encoding", "gzip"),)))
    assert b"Accept-Encoding: gzip" in peer.heads[0]
    assert b"identity" not in peer.heads[0]


def test_cookies_are_kept_and_sent_and_a_twin_has_them_too(peer: Peer, client: Client) -> None:
    peer.script = lambda _: OK % b"Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; Path=/deep\r\n"
    client.ask(Request("GET", "/"))
    client.ask(Request("GET", "/deep/x"))
    client.ask(Request("GET", "/elsewhere"))
    assert [b"b=2; a=1" in head for head in peer.heads] == [False, True, False]
    assert b"Cookie: a=1\r\n" in peer.heads[2]
    client.close()
    twin = client.twin()
    twin.ask(Request("GET", "/deep/x"))
    twin.close()
    assert b"Cookie: b=2; a=1\r\n" in peer.heads[3]


def test_a_request_with_its_own_cookie_does_not_change_ours(peer: Peer, client: Client) -> None:
    peer.script = lambda _: OK % b"Set-Cookie: a=1; Path=/\r\n"
    client.ask(Request("GET", "/", (("Cookie", "other=1"),)))
    client.ask(Request("GET", "/"))
    assert b"Cookie" not in peer.heads[1]


def test_an_answer_that_breaks_off_says_so(peer: Peer, client: Client) -> None:
    peer.script = lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nok"
    answer = client.ask(Request("GET", "/"))
    assert (answer.status, answer.body) == (200, b"ok")
    assert "IncompleteRead" in answer.broken


def test_no_answer_is_an_answer_too(peer: Peer, client: Client) -> None:
    peer.script = lambda _: b"nonsense close\r\n\r\n"
    answer = client.ask(Request("GET", "/"))
    assert (answer.status, answer.body) == (0, b"")
    assert "BadStatusLine" in answer.broken


def test_a_body_sent_to_head_is_not_taken_for_the_next_answer(peer: Peer, client: Client) -> None:
    """As waitress does with what Django leaves in."""
    peer.script = lambda head: OK % b""
    assert client.ask(Request("HEAD", "/")).body == b""
    assert client.ask(Request("GET", "/")).status == 200


def test_chunked_body_goes_out_without_a_length(peer: Peer, client: Client) -> None:
    client.ask(Request("POST", "/", (), b"x" * 10, chunked=True))
    assert b"Transfer-Encoding: chunked\r\n" in peer.heads[0]
    assert b"Content-Length" not in peer.heads[0]
