"""Sockets in greenlets: every call that waits, its timeouts and errors, and that the loop goes on meanwhile."""

from __future__ import annotations

import asyncio
import errno
import os
import select
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.cooperative import names
from bridge.cooperative.switch import run_in_greenlet
from bridge.errors import TwoWaiters
from tests.cli.certificates import write_certificates
from tests.cooperative.conftest import Together

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

Pair = tuple[socket.socket, socket.socket]
TIMEOUTS = pytest.mark.parametrize("timeout", [None, 10.0], ids=["blocking", "with-timeout"])


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two connected sockets, made before the layer is installed."""
    one, other = socket.socketpair()
    with one, other:
        yield one, other


READERS: dict[str, Callable[[socket.socket], bytes]] = {
    "recv": lambda sock: sock.recv(10),
    "recv_into": lambda sock: bytes(buffer[: sock.recv_into(buffer)]) if (buffer := bytearray(10)) else b"",
    "recvfrom": lambda sock: sock.recvfrom(10)[0],
    "recvfrom_into": lambda sock: (
        bytes(buffer[: sock.recvfrom_into(buffer)[0]]) if (buffer := bytearray(9)) else b""
    ),
    "recvmsg": lambda sock: sock.recvmsg(10)[0],
    "recvmsg_into": lambda sock: (
        bytes(buffer[: sock.recvmsg_into([buffer])[0]]) if (buffer := bytearray(9)) else b""
    ),
    "makefile": lambda sock: sock.makefile("rb").readline(),
}


@TIMEOUTS
@pytest.mark.parametrize("read", READERS)
async def test_a_read_waits_and_lets_the_writer_go_on(
    pair: Pair, together: Together, read: str, timeout: float | None
) -> None:
    here, there = pair
    here.settimeout(timeout)
    order: list[str] = []

    def reader() -> bytes:
        order.append("reads")
        return READERS[read](here)

    def writer() -> None:
        order.append("writes")
        there.sendall(b"line\n")

    assert (await together(reader, writer))[0] == b"line\n"
    assert order == ["reads", "writes"]
    assert here.gettimeout() == timeout


@TIMEOUTS
@pytest.mark.parametrize("write", ["send", "sendall", "sendmsg", "sendfile"])
async def test_a_write_waits_for_a_slow_reader(
    pair: Pair, together: Together, tmp_path: Path, write: str, timeout: float | None
) -> None:
    here, there = pair
    here.settimeout(timeout)
    data = os.urandom(3_000_000)  # more than the system buffers

    def writer() -> None:
        if write == "sendall":
            here.sendall(data)
        elif write == "sendfile":
            (tmp_path / "file").write_bytes(data)
            with (tmp_path / "file").open("rb") as file:
                here.sendfile(file)
        else:
            send: Callable[[bytes], int] = {
                "send": here.send,
                "sendmsg": lambda part: here.sendmsg([part]),
            }[write]
            sent = 0
            while sent < len(data):
                sent += send(data[sent : sent + 100_000])
        here.close()

    def reader() -> bytes:
        return b"".join(iter(lambda: there.recv(65536), b""))

    assert (await together(writer, reader))[1] == data


@pytest.mark.parametrize("read", ["recv", "recv_into", "recvfrom"])
async def test_a_timeout_is_the_sockets_own(pair: Pair, together: Together, read: str) -> None:
    pair[0].settimeout(0.01)

    def reader() -> str:
        with pytest.raises(TimeoutError, match="timed out") as caught:
            READERS[read](pair[0])
        return type(caught.value).__name__

    assert await together(reader) == ["TimeoutError"]


async def test_a_socket_that_does_not_block_still_does_not(pair: Pair, together: Together) -> None:
    pair[0].setblocking(False)

    def reader() -> None:
        with pytest.raises(BlockingIOError):
            pair[0].recv(1)

    await together(reader)


async def test_outside_of_a_request_the_original_is_called(pair: Pair, installed: None) -> None:
    pair[1].send(b"x")
    assert await asyncio.to_thread(pair[0].recv, 1) == b"x"
    pair[0].setblocking(False)
    with pytest.raises(BlockingIOError):
        pair[0].recv(1)


async def test_two_requests_that_wait_for_one_socket_are_told(pair: Pair, together: Together) -> None:
    def first() -> bytes:
        return pair[0].recv(1)

    def second() -> str:
        with pytest.raises(TwoWaiters, match="read from descriptor") as caught:
            pair[0].recv(1)
        pair[1].send(b"x")
        return str(caught.value)

    assert (await together(first, second))[0] == b"x"


@pytest.mark.parametrize("close", ["close", "detach"])
async def test_closing_wakes_who_waits(pair: Pair, together: Together, close: str) -> None:
    def reader() -> int:
        with pytest.raises(OSError, match="closed while") as caught:
            pair[0].recv(1)
        return caught.value.errno or 0

    def closer() -> None:
        left = getattr(pair[0], close)()
        if left is not None:
            os.close(left)

    assert (await together(reader, closer))[0] == errno.EBADF


async def test_shutdown_ends_a_read(pair: Pair, together: Together) -> None:
    result = await together(lambda: pair[0].recv(1), lambda: pair[0].shutdown(socket.SHUT_RDWR))
    assert result[0] == b""


async def test_a_cancelled_read_leaves_the_socket_usable(pair: Pair, installed: None) -> None:
    task = asyncio.ensure_future(run_in_greenlet(pair[0].recv, 1))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    pair[1].send(b"y")
    assert await run_in_greenlet(pair[0].recv, 1) == b"y"


# ---------------------------------------------------------------- connections


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@TIMEOUTS
async def test_connect_and_accept(listener: socket.socket, together: Together, timeout: float | None) -> None:
    listener.settimeout(timeout)

    def server() -> str:
        accepted, _ = listener.accept()
        with accepted:
            accepted.sendall(accepted.recv(5).upper())
            return f"blocking {accepted.getblocking()}"

    def client() -> bytes:
        with socket.create_connection(listener.getsockname(), timeout) as sock:
            assert sock.gettimeout() == timeout
            sock.sendall(b"hello")
            return sock.recv(5)

    assert await together(server, client) == ["blocking True", b"HELLO"]


async def test_a_host_name_is_looked_up_off_the_loop(
    listener: socket.socket, together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def look_up(*arguments: Any, **options: Any) -> Any:
        threads.append(threading.current_thread().name)
        return original(*arguments, **options)

    original = names._original
    monkeypatch.setattr(names, "_original", look_up)
    port = listener.getsockname()[1]

    def client() -> None:
        with socket.socket() as sock:
            sock.connect(("localhost", port))
        socket.create_connection(("localhost", port)).close()
        socket.create_connection(("127.0.0.1", port)).close()

    await together(client)
    assert [name.startswith("bridge-offload") for name in threads] == [True, True, False]


async def test_a_name_that_is_unknown_is_an_error_of_its_own(together: Together) -> None:
    def client() -> None:
        with pytest.raises(socket.gaierror):
            socket.create_connection(("no-such-host.invalid", 80))

    await together(client)


async def test_a_refused_connection(together: Together) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = closed.getsockname()

    def client() -> int:
        with socket.socket() as sock, pytest.raises(ConnectionRefusedError):
            sock.connect(address)
        with socket.socket() as sock:
            return sock.connect_ex(address)

    assert await together(client) == [errno.ECONNREFUSED]


async def test_unix_sockets(tmp_path: Path, together: Together) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(1)

        def server() -> list[bytes]:
            got = []
            for _ in range(6):
                accepted, _address = listening.accept()
                with accepted:
                    got.append(accepted.recv(1))
            return got

        def client() -> None:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(path)
                sock.sendall(b"x")

        assert (await together(*[client] * 6, server))[-1] == [b"x"] * 6


async def test_datagrams(together: Together) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        got = await together(lambda: one.recvfrom(9), lambda: other.sendto(b"datagram", one.getsockname()))
        assert got[0] == (b"datagram", other.getsockname())


# ---------------------------------------------------------------- waiting for several


@pytest.mark.parametrize("selector", ["SelectSelector", "PollSelector", "EpollSelector"])
async def test_selectors(pair: Pair, together: Together, selector: str) -> None:
    def nothing() -> list[Any]:
        with getattr(selectors, selector)() as chosen:
            chosen.register(pair[0], selectors.EVENT_READ, "data")
            return [chosen.select(0), chosen.select(0.01)]

    assert await together(nothing) == [[[], []]]

    def waiter() -> list[Any]:
        with getattr(selectors, selector)() as chosen:
            chosen.register(pair[0], selectors.EVENT_READ, "data")
            return [key.data for key, _ in chosen.select()]

    assert await together(waiter, lambda: pair[1].send(b"x")) == [["data"], 1]


def by_select(sock: socket.socket, timeout: float | None) -> bool:
    return select.select([sock], [], [sock], timeout)[0] == [sock]


def by_poll(sock: socket.socket, timeout: float | None) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return [number for number, _ in poll.poll(None if timeout is None else timeout * 1000)] == [sock.fileno()]


def by_epoll(sock: socket.socket, timeout: float | None) -> bool:
    with select.epoll() as poll:
        poll.register(sock, select.EPOLLIN)
        return [number for number, _ in poll.poll(timeout)] == [sock.fileno()]


@pytest.mark.parametrize("ways", [by_select, by_poll, by_epoll])
async def test_polling(pair: Pair, together: Together, ways: Callable[..., bool]) -> None:
    assert await together(lambda: ways(pair[0], 0), lambda: ways(pair[1], 0.01)) == [False, False]
    assert await together(lambda: ways(pair[0], None), lambda: pair[1].send(b"x")) == [True, 1]
    assert await together(lambda: ways(pair[0], 5.0)) == [True]


# ---------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return write_certificates(tmp_path_factory.mktemp("tls"))


@TIMEOUTS
async def test_tls_both_ways(
    listener: socket.socket, together: Together, certificates: Any, timeout: float | None
) -> None:
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(certificates.cert, certificates.key)
    client_context = ssl.create_default_context(cafile=certificates.cert)
    client_context.check_hostname = False
    data = os.urandom(2_000_000)

    def server() -> None:
        accepted, _ = listener.accept()
        with server_context.wrap_socket(accepted, server_side=True) as sock:
            sock.settimeout(timeout)
            got = b""
            while len(got) < len(data):
                got += sock.recv(65536)
            sock.sendall(got)
            sock.unwrap().close()

    def client() -> bytes:
        raw = socket.create_connection(listener.getsockname(), timeout)
        with client_context.wrap_socket(raw, server_hostname="localhost") as sock:
            sock.sendall(data)
            got = b""
            while block := sock.recv(65536):
                got += block
            sock.unwrap().close()
            return got

    assert (await together(server, client))[1] == data


async def test_a_tls_handshake_that_fails_is_an_error_of_its_own(
    listener: socket.socket, together: Together
) -> None:
    def server() -> None:
        accepted, _ = listener.accept()
        with accepted:
            accepted.recv(10)
            accepted.sendall(b"this is no TLS\n")

    def client() -> None:
        raw = socket.create_connection(listener.getsockname())
        with raw, pytest.raises(ssl.SSLError):
            ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")

    await together(server, client)


async def test_a_tls_handshake_has_the_sockets_timeout(listener: socket.socket, together: Together) -> None:
    def client() -> None:
        raw = socket.create_connection(listener.getsockname(), 0.02)
        with raw, pytest.raises(TimeoutError):
            ssl.create_default_context().wrap_socket(raw, server_hostname="localhost")

    await together(client)
