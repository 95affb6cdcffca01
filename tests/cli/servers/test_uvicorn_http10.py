"""What clients of HTTP/1.0 get from uvicorn as `serve` runs it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
import uvicorn

from bridge.cli.servers.uvicorn_http10 import Http10Protocol
from bridge.protocol.asgi_types import AsgiApp

OK = {"type": "http.response.start", "status": 200}
KEEP = b"Connection: keep-alive\r\n"


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answer `/length` with a Content-Length, `/chunks` in two blocks without, `/empty` with 204."""
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            break
    if scope["path"] == "/length":
        await send({**OK, "headers": [(b"content-length", b"%d" % (3 + len(body)))]})
        await send({"type": "http.response.body", "body": b"abc" + body})
    elif scope["path"] == "/empty":
        await send({**OK, "status": 204})
        await send({"type": "http.response.body"})
    else:
        coding = [(b"Transfer-Encoding", b"chunked")] if scope["path"] == "/declared" else []
        await send({**OK, "headers": coding})
        await send({"type": "http.response.body", "body": b"first,", "more_body": True})
        if scope["path"] == "/breaks":
            raise RuntimeError("behind the first block")
        await send({"type": "http.response.body", "body": b"second" + body})


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with listening(application) as address:
        yield address


@contextmanager
def listening(app: AsgiApp) -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(
        app, http=Http10Protocol, lifespan="off", log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()


def ask(address: tuple[str, int], *requests: bytes) -> bytes:
    """Send the requests at once and return all that comes until the server closes."""
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"".join(requests))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def get(path: bytes, headers: bytes = b"", *, method: bytes = b"GET", version: bytes = b"1.0") -> bytes:
    return b"%s %s HTTP/%s\r\nHost: here\r\n%s\r\n" % (method, path, version, headers)


def parts(answer: bytes) -> tuple[bytes, bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.lower(), body


@pytest.mark.parametrize("path", [b"/chunks", b"/declared"])
@pytest.mark.parametrize("asks", [b"", KEEP], ids=["closing", "keeping"])
def test_a_body_of_unknown_length_ends_with_the_connection(
    address: tuple[str, int], path: bytes, asks: bytes
) -> None:
    head, body = parts(ask(address, get(path, asks)))
    assert body == b"first,second"
    assert b"connection: close" in head
    assert b"transfer-encoding" not in head


def test_a_response_that_fails_is_cut_off(address: tuple[str, int]) -> None:
    assert parts(ask(address, get(b"/breaks")))[1] == b"first,"


@pytest.mark.parametrize(
    ("request_line", "body"),
    [
        (get(b"/length", KEEP), b"abc"),
        (get(b"/length", KEEP + b"Content-Length: 2\r\n", method=b"POST") + b"de", b"abcde"),
        (get(b"/empty", KEEP), b""),
        (get(b"/chunks", KEEP, method=b"HEAD"), b""),
    ],
    ids=["GET", "POST", "204", "HEAD"],
)
def test_a_connection_is_kept_for_who_asks(
    address: tuple[str, int], request_line: bytes, body: bytes
) -> None:
    first, second = b"connection: keep-alive\r\n", b"connection: close\r\n"
    answers = ask(address, request_line, get(b"/length")).lower()
    head, rest = parts(answers)
    assert first in head + b"\r\n"
    assert rest.startswith(body + b"http/1.1 200 ok\r\n")
    assert second in rest
    assert rest.endswith(b"\r\n\r\nabc")


@pytest.mark.parametrize(
    "headers",
    [b"", b"Connection: close\r\n", KEEP + b"Transfer-Encoding: chunked\r\n"],
    ids=["unasked", "close", "framed in a way that HTTP/1.0 does not know"],
)
def test_a_connection_is_closed_otherwise(address: tuple[str, int], headers: bytes) -> None:
    end = b"0\r\n\r\n" if b"chunked" in headers else b""
    answers = ask(address, get(b"/length", headers) + end, get(b"/length", KEEP)).lower()
    assert answers.count(b"http/1.1 ") == 1
    assert b"connection: close" in answers


def test_HTTP_1_1_stays_as_it_is(address: tuple[str, int]) -> None:
    answers = ask(
        address, get(b"/chunks", version=b"1.1"), get(b"/length", b"Connection: close\r\n", version=b"1.1")
    )
    assert b"transfer-encoding: chunked\r\n\r\n6\r\nfirst,\r\n6\r\nsecond\r\n0\r\n\r\n" in answers.lower()
    assert answers.endswith(b"\r\n\r\nabc")
