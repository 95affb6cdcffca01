"""The same faults over real sockets, on both of uvicorn's protocols and in both lanes."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.faults.applications import BLOCK
from tests.faults.uvicorn_server import PROTOCOLS, UvicornServer
from tests.groups import made_once
from tests.servers.wire import Wire

PLACES = 8  # threads, or greenlets: requests that run at one time
LANES = {"thread": "max_threads", "greenlet": "max_greenlets"}  # with the option that bounds each
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module", params=LANES)
def executor(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module", params=made_once("faults", PROTOCOLS))
def server(request: pytest.FixtureRequest, executor: str) -> Iterator[UvicornServer]:
    with UvicornServer(request.param, **lane(executor, PLACES), shutdown_timeout=10.0) as server:
        yield server


def lane(executor: str, places: int) -> dict[str, Any]:
    """Return the options of a bridge that runs so many requests at one time."""
    return {"executor": executor, LANES[executor]: places}


def ask(wire: Wire, line: str, *headers: str, body: bytes = b"") -> None:
    wire.send("\r\n".join([f"{line} HTTP/1.1", "Host: testserver", *headers, "", ""]).encode() + body)


def abandon(wire: Wire, number: int) -> None:
    """Close the connection: every other one with a FIN, the rest with an RST."""
    if number % 2:
        wire.close()
    else:
        wire.reset()


# ---------------------------------------------------------------- clients that go


def test_sixty_abandoned_streams_leave_the_pool_free(server: UvicornServer) -> None:
    """In eight places, all at once: some stream, the others wait in the queue."""
    before = server.settled()
    wires = [server.connect() for _ in range(60)]
    for wire in wires:
        ask(wire, "GET /endless?pause=0.01")
    for wire in wires[:PLACES]:
        wire.await_body(len(BLOCK))
    for number, wire in enumerate(wires):
        abandon(wire, number)
    after = server.settled()
    gone = (after.finished - before.finished) + (after.abandoned - before.abandoned)
    assert gone == 60
    assert after.abandoned > before.abandoned, "none of those that waited left the queue"
    assert after.threads <= before.threads + PLACES
    assert after.tasks <= before.tasks
    assert server.get("/hello").startswith(b"hello")


def test_sixty_streams_abandoned_one_after_the_other_leave_the_pool_free(server: UvicornServer) -> None:
    before = server.settled()
    for number in range(60):
        wire = server.connect()
        ask(wire, "GET /endless")
        wire.await_body(len(BLOCK))
        abandon(wire, number)
    after = server.settled()
    assert after.finished - before.finished + after.abandoned - before.abandoned == 60


def test_abandoned_streams_whose_body_was_never_read_leave_the_pool_free(server: UvicornServer) -> None:
    """The window is full and stays so; uvicorn is asked for no more and says nothing, whatever is sent to it."""
    before = server.settled()
    wires = [server.connect() for _ in range(PLACES)]
    for wire in wires:
        ask(wire, "POST /endless?pause=0.01", "Content-Length: 1000000", body=b"x" * 200_000)
        wire.await_body(len(BLOCK))
    for number, wire in enumerate(wires):
        abandon(wire, number)
    after = server.settled()
    assert after.finished - before.finished == PLACES


def test_uploads_broken_off_leave_the_pool_free(server: UvicornServer) -> None:
    before = server.settled()
    for number in range(20):
        wire = server.connect()
        ask(wire, "POST /upload", "Content-Length: 1000000", body=b"x" * 100_000)
        abandon(wire, number)
    after = server.settled()
    assert after.started - before.started <= 20
    assert server.get("/hello").startswith(b"hello")


def test_clients_that_leave_before_the_answer_leave_the_pool_free(server: UvicornServer) -> None:
    for number in range(20):
        wire = server.connect()
        ask(wire, "GET /slow?seconds=0.01")
        abandon(wire, number)
    server.settled()
    assert server.get("/hello").startswith(b"hello")


# ---------------------------------------------------------------- clients that are slow


def test_a_slow_reader_costs_little_memory_and_gets_it_all(server: UvicornServer) -> None:
    """64 MiB to a client that does not read: what is under way is bounded, and the rest comes when it does."""
    before = server.settled()
    blocks = 64 * MEBIBYTE // len(BLOCK)
    with server.connect(receive_buffer=4096) as wire:
        ask(wire, f"GET /stream?blocks={blocks}", "Connection: close")
        wire.await_body(1)
        for _ in range(20):
            assert server.get("/hello").startswith(b"hello")
        during = server.vitals()
        assert during.active == 1
        assert during.resident - before.resident < 16 * MEBIBYTE
        reply = wire.reply()
    assert reply.complete
    assert len(reply.body) == blocks * len(BLOCK)


def test_slow_uploads_do_not_keep_others_waiting(server: UvicornServer) -> None:
    """Twice as many as there are places, each stuck before its window is full: none of them has one yet."""
    wires = [server.connect() for _ in range(2 * PLACES)]
    for wire in wires:
        ask(wire, "POST /upload", "Content-Length: 1000", "Connection: close", body=b"x" * 500)
    assert server.get("/hello").startswith(b"hello")
    for wire in wires:
        wire.send(b"x" * 500)
    for wire in wires:
        assert wire.reply().body.startswith(b"1000 ")
        wire.close()


def test_an_async_view_that_reads_a_large_upload_does_not_stop_the_server(server: UvicornServer) -> None:
    with server.connect() as wire:
        ask(wire, "POST /async-upload", "Content-Length: 1000000", "Connection: close", body=b"x" * 500_000)
        assert server.get("/-/vitals")
        wire.send(b"x" * 500_000)
        assert wire.reply().body == b"1000000"


# ---------------------------------------------------------------- many connections


def test_five_thousand_keep_alive_connections(executor: str) -> None:
    """Each asks, stays, and asks again; on systems that allow fewer descriptors, as many as they allow."""
    with more_descriptors(5200) as allowed:
        count = min(5000, allowed - 200)
        with UvicornServer("httptools", **lane(executor, PLACES), max_queue=10_000) as server:
            asyncio.run(ask_twice(server.address, count))
            vitals = server.settled()
    assert vitals.finished == 2 * count
    assert vitals.rejected == vitals.abandoned == vitals.queue_timeouts == 0
    assert vitals.threads <= PLACES + 10
    assert count == 5000 or allowed < 5200


@contextlib.contextmanager
def more_descriptors(wanted: int) -> Iterator[int]:
    """Raise the soft limit of open files for a while, as far as is allowed; yields what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    allowed = max(allowed, soft)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    try:
        yield allowed
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def ask_twice(address: tuple[str, int], count: int) -> None:
    connecting = asyncio.Semaphore(200)
    connected = 0
    all_connected = asyncio.Event()

    async def client() -> None:
        nonlocal connected
        async with connecting:
            reader, writer = await asyncio.open_connection(*address)
        await hello(reader, writer)
        connected += 1
        if connected == count:
            all_connected.set()
        await all_connected.wait()
        await hello(reader, writer)
        writer.close()

    await asyncio.gather(*(client() for _ in range(count)))


async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /hello HTTP/1.1\r\nHost: testserver\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("http", PROTOCOLS)
def test_SIGTERM_under_load_answers_every_request_that_was_taken(http: str, executor: str) -> None:
    """Whatever reached the application, or its queue, is answered whole; the rest is refused as a connection."""
    stop = threading.Event()
    with UvicornServer(http, **lane(executor, 4), shutdown_timeout=10.0) as server:
        with ThreadPoolExecutor(20) as pool:
            clients = [pool.submit(ask_until, stop, server) for _ in range(20)]
            while server.vitals().finished < 40:
                pass
            server.terminate()
            last = server.end()
            stop.set()
        answered = sum(client.result() for client in clients)
        log = server.log()
    assert last.settled
    assert last.finished == answered
    assert last.rejected == last.abandoned == last.queue_timeouts == 0
    assert "Traceback" not in log
    assert "ERROR" not in log


def ask_until(stop: threading.Event, server: UvicornServer) -> int:
    """Make requests one after the other until the server is gone; return how many were answered."""
    answered = 0
    while not stop.is_set():
        try:
            with server.connect() as wire:
                ask(wire, "GET /slow?seconds=0.02", "Connection: close")
                reply = wire.reply()
        except ConnectionError:
            return answered
        assert reply.status in {0, 200}, reply
        assert reply.complete == (reply.status == 200), "an answer was cut short"
        answered += reply.status == 200
    return answered


@pytest.mark.parametrize("http", PROTOCOLS)
def test_SIGTERM_ends_a_server_whose_streams_never_end(http: str, executor: str) -> None:
    """uvicorn cancels them after its own patience; the workers are free and the process ends at once."""
    with UvicornServer(http, **lane(executor, 4), server={"timeout_graceful_shutdown": 1}) as server:
        wires = [server.connect() for _ in range(4)]
        for wire in wires:
            ask(wire, "GET /endless?pause=0.01")
            wire.await_body(len(BLOCK))
        server.terminate()
        last = server.end()
        for wire in wires:
            wire.close()
        assert last.settled
        assert "shutdown left" not in server.log()
