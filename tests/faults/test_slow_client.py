"""Clients that take, or bring, their bytes slowly: memory stays bounded, threads are not wasted on them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.errors import ClientDisconnected
from tests.asgi_driver import AsgiCall, Event
from tests.faults.rig import LIMIT, Meeting, in_thread

LANES = ["thread", "greenlet"]
THREADS = ["test_clients_that_read_nothing_do_not_keep_the_threads"]

Bridged = Callable[..., WsgiToAsgi]


def ok(start_response: Any) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain")])


class Taking:
    """An `on_send` that lets body events through one by one, when it is told to."""

    def __init__(self) -> None:
        self._permits = asyncio.Semaphore(0)
        self.offered = asyncio.Event()
        self.size = 0  # bytes of the last body event

    async def __call__(self, event: Event) -> None:
        if event["type"] == "http.response.body":
            self.size = len(event["body"])
            self.offered.set()
            await self._permits.acquire()

    def take(self, count: int = 1) -> None:
        """Let so many body events through."""
        for _ in range(count):
            self._permits.release()


async def test_a_slow_client_has_the_worker_wait_at_the_high_water_mark(
    bridged: Bridged, executor: str
) -> None:
    made: list[int] = []
    above = threading.Semaphore(0)

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        for number in range(1000):
            made.append(number)
            above.release()
            yield b"x" * 100

    client = Taking()
    call = AsgiCall(bridged(app, high_water=1000), on_send=client)
    async with call.running():
        await client.offered.wait()
        # One batch is in the client's hands; behind it ten blocks fill the outbox up to the mark, in threads.
        # A greenlet waits for the client itself, and runs ahead by nothing.
        expected = client.size // 100 + (10 if executor == "thread" else 0)
        for _ in range(expected):
            assert await in_thread(above.acquire, True, LIMIT)
        assert await settled_length(made) == expected, "the application ran ahead of its client"
        client.take(2000)
    assert call.answer().body == b"x" * 100_000


async def settled_length(items: list[int]) -> int:
    """Return how long the list is once nothing is added to it any more."""
    length = -1
    while length != len(items):
        length = len(items)
        await in_thread(threading.Event().wait, 0.05)
    return length


async def test_a_slow_client_does_not_keep_others_waiting(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        for _ in range(10 if environ["PATH_INFO"] == "/large" else 1):
            yield b"x" * 1000

    client = Taking()
    bridge = bridged(app, high_water=1000)
    slow = AsgiCall(bridge, path="/large", on_send=client)
    async with slow.running():
        await client.offered.wait()
        for _ in range(20):
            assert (await AsgiCall(bridge).run()).body == b"x" * 1000
        client.take(100)
    assert slow.answer().complete


async def test_a_slow_upload_takes_no_thread_until_its_window_is_full(bridged: Bridged) -> None:
    """One thread, ten clients that have sent half of their body: the eleventh is served at once."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read()
        ok(start_response)
        return [b"%d" % len(body)]

    bridge = bridged(app, max_threads=1, body_wait=LIMIT)
    uploads = [
        AsgiCall(bridge, method="POST", headers=[(b"content-length", b"10")], body=None) for _ in range(10)
    ]
    tasks = [asyncio.ensure_future(call._call()) for call in uploads]
    for call in uploads:
        call.feed(b"12345", more_body=True)
    assert (await AsgiCall(bridge).run()).body == b"0"
    assert bridge.executor.statistics().started == 1
    for call in uploads:
        call.feed(b"67890")
    await asyncio.wait(tasks, timeout=LIMIT)
    assert [call.answer().body for call in uploads] == [b"10"] * 10
    assert bridge.executor.statistics().started == 11


async def test_an_upload_slower_than_body_wait_takes_a_thread_and_others_go_on(bridged: Bridged) -> None:
    reading = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            reading.pass_by()
        body = environ["wsgi.input"].read()
        ok(start_response)
        return [b"%d" % len(body)]

    bridge = bridged(app, max_threads=2, body_wait=0.01)
    upload = AsgiCall(bridge, method="POST", headers=[(b"content-length", b"10")], body=None)
    async with upload.running():
        upload.feed(b"12345", more_body=True)
        await reading.arrived()
        for _ in range(5):
            assert (await AsgiCall(bridge).run()).body == b"0"
        upload.feed(b"67890")
    assert upload.answer().body == b"10"


@pytest.mark.parametrize("spooled", [True, False], ids=["spooled", "read by the application"])
async def test_clients_that_send_nothing_more_do_not_keep_the_threads(
    bridged: Bridged, *, spooled: bool
) -> None:
    """Two threads, twenty uploads that stop half-way: each gets 408, and others are served."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read()
        ok(start_response)
        return [b"%d" % len(body)]

    bridge = bridged(app, max_threads=2, body_wait=0, client_timeout=0.01)
    headers = [(b"transfer-encoding", b"chunked")] if spooled else [(b"content-length", b"10")]
    uploads = [AsgiCall(bridge, method="POST", headers=headers, body=None) for _ in range(20)]
    tasks = [asyncio.ensure_future(call._call()) for call in uploads]
    for call in uploads:
        call.feed(b"12345", more_body=True)
    await asyncio.wait(tasks, timeout=LIMIT)
    assert [call.answer().status for call in uploads] == [408] * 20
    assert (await AsgiCall(bridge).run()).body == b"0"


async def test_an_application_hears_that_its_client_sends_nothing_more(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        said = []
        for _ in range(2):  # what comes later is no continuation: the error stays
            try:
                environ["wsgi.input"].read()
            except OSError as error:
                said.append(str(error))
                call.feed(b"67890")
        ok(start_response)
        return [", ".join(said).encode()]

    bridge = bridged(app, body_wait=0, client_timeout=0.01)
    call = AsgiCall(bridge, method="POST", headers=[(b"content-length", b"10")], body=None)
    async with call.running():
        call.feed(b"12345", more_body=True)
    told = b"the client did nothing for 0.01 s (client_timeout) while the request body was being read"
    assert call.answer().body == told + b", " + told


async def test_clients_that_read_nothing_do_not_keep_the_threads(bridged: Bridged) -> None:
    closed: list[str] = []

    class Blocks:
        def __iter__(self) -> Iterator[bytes]:
            return iter([b"x" * 1000] * 100)

        def close(self) -> None:
            closed.append("closed")

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        ok(start_response)
        return [b"small"] if environ["PATH_INFO"] == "/small" else Blocks()

    bridge = bridged(app, max_threads=1, high_water=1000, client_timeout=0.01)
    client = Taking()
    calls = [AsgiCall(bridge, on_send=client) for _ in range(3)]
    tasks = [asyncio.ensure_future(call._call()) for call in calls]
    assert (await AsgiCall(bridge, path="/small").run()).body == b"small"
    while len(closed) < len(calls):
        await asyncio.sleep(0)
    client.take(1000)  # they come back: what they have must not look like all of it
    done = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), LIMIT)
    assert {(type(error), getattr(error, "idle", None)) for error in done} == {(ClientDisconnected, 0.01)}
    assert not any(call.answer().complete for call in calls)


async def test_a_large_upload_is_asked_for_only_as_it_is_read(bridged: Bridged) -> None:
    """At most a window and one message of the server's are here that the application has not read."""
    reading, more = Meeting(), Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"]
        reading.arrive()
        got = len(body.read(100))
        more.arrive()
        got += len(body.read())
        ok(start_response)
        return [b"%d" % got]

    call = AsgiCall(
        bridged(app, body_window=1000),
        method="POST",
        headers=[(b"content-length", b"10000")],
        body=[b"x" * 100] * 100,
    )
    async with call.running():
        await reading.arrived()
        assert call.receives == 10
        reading.let_go()
        await more.arrived()
        await asyncio.sleep(0)
        assert call.receives <= 21
        more.let_go()
    assert call.answer().body == b"10000"
