"""One request and its response: costs, hops, contexts, and what is left afterwards.

The rows of the conformance suite are in tests/conformance; here is what no client can see.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.executors.threads import ThreadExecutor
from tests.asgi_driver import AsgiCall

Bridged = Callable[..., WsgiToAsgi]

WAIT = 20.0  # seconds; a limit, never a pause
colour: contextvars.ContextVar[str] = contextvars.ContextVar("colour", default="none")


def hello(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def stream(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield from (b"a", b"b", b"c")


class CountingExecutor(ThreadExecutor):
    """Counts the hops: jobs in, wake-ups of the loop out."""

    def __init__(self) -> None:
        super().__init__()
        self.submitted = 0
        self.posted = 0

    def submit(self, job: Any) -> bool:
        self.submitted += 1
        return super().submit(job)

    def crossing(self, loop: asyncio.AbstractEventLoop) -> Any:
        crossing = super().crossing(loop)
        post = crossing.post

        def counted(letter: Callable[[], None]) -> None:
            self.posted += 1
            post(letter)

        object.__setattr__(crossing, "post", counted)
        return crossing


async def test_a_list_costs_one_hop_in_and_one_out(bridged: Bridged) -> None:
    executor = CountingExecutor()
    app = bridged(hello, executor=executor)
    for _ in range(10):
        assert (await AsgiCall(app).run()).body == b"hello"
    assert (executor.submitted, executor.posted) == (10, 10)


async def test_a_small_body_does_not_cost_another_hop(bridged: Bridged) -> None:
    def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        hello(environ, start_response)
        return [environ["wsgi.input"].read()]

    executor = CountingExecutor()
    headers = [(b"content-length", b"5")]
    answer = await AsgiCall(
        bridged(echo, executor=executor), method="POST", headers=headers, body=[b"ab", b"cde"]
    ).run()
    assert (answer.body, executor.posted) == (b"abcde", 1)


def slow_stream(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    """Streams so slowly that the loop idles between two blocks, and watches for a disconnect."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"a"
    assert environ["bridge.disconnected"]() is False
    yield b"b"


@pytest.mark.parametrize("app", [hello, stream, slow_stream])
async def test_a_request_leaves_no_garbage(bridged: Bridged, app: Any) -> None:
    """Reference cycles would leave every request to the cyclic collector, at twice the cost."""
    application = bridged(app)
    for _ in range(3):
        await AsgiCall(application).run()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(5):
            await AsgiCall(application).run()
        await application.executor.drain()  # the worker is out of its last frame
        gc.collect()
        found = [thing for thing in gc.garbage if type(thing).__module__.startswith("bridge")]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert found == []


async def test_blocks_that_pile_up_behind_a_send_leave_together(bridged: Bridged) -> None:
    all_put, first_sent = threading.Event(), threading.Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"0"
        assert first_sent.wait(WAIT)
        yield from (b"1", b"2", b"3")
        all_put.set()

    async def slow_client(event: Any) -> None:
        if event.get("body") == b"0":
            first_sent.set()
            await asyncio.to_thread(all_put.wait, WAIT)

    answer = await AsgiCall(bridged(app), on_send=slow_client).run()
    bodies = [event["body"] for event in answer.events if event["type"] == "http.response.body"]
    assert bodies[:2] == [b"0", b"123"]


async def test_a_block_that_stands_alone_leaves_at_once(bridged: Bridged) -> None:
    go_on = threading.Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"first"
        assert go_on.wait(WAIT)
        yield b"second"

    call = AsgiCall(bridged(app))
    async with call.running():
        assert (await call.event_sent(2))["body"] == b"first"
        go_on.set()
    assert call.answer().body == b"firstsecond"


async def test_a_worker_runs_ahead_no_further_than_high_water(bridged: Bridged) -> None:
    produced, gate = [0], asyncio.Event()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        for number in range(100):
            produced[0] = number + 1
            yield b"x" * 1000

    async def stuck_client(event: Any) -> None:
        if event["type"] == "http.response.body":
            await gate.wait()

    application = bridged(app, high_water=5000)
    call = AsgiCall(application, on_send=stuck_client)
    async with call.running():
        await call.event_sent(1)
        while application.executor.statistics().active and produced[0] < 5:
            await asyncio.sleep(0)
        for _ in range(200):  # as often as the loop likes: nothing more is produced
            await asyncio.sleep(0)
        assert produced[0] <= 11  # one batch that was taken, one that waits, one block more
        gate.set()
    assert len(call.answer().body) == 100_000


async def test_app_iteration_and_close_share_thread_and_context(bridged: Bridged) -> None:
    seen: list[tuple[str, int, str]] = []

    def note(what: str) -> None:
        seen.append((what, threading.get_ident(), colour.get()))

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            note("iterate")
            yield b"x"

        def close(self) -> None:
            note("close")

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Body:
        colour.set("green")
        note("call")
        start_response("200 OK", [])
        return Body()

    await AsgiCall(bridged(app)).run()
    assert [what for what, _, _ in seen] == ["call", "iterate", "close"]
    assert len({thread for _, thread, _ in seen}) == 1
    assert {value for _, _, value in seen} == {"green"}


@pytest.mark.parametrize("streaming", [False, True])
async def test_context_variables_flow_in_and_back_out(bridged: Bridged, streaming: bool) -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        start_response("200 OK", [("X-Seen", colour.get())])
        colour.set("blue")
        return iter([b"x"]) if streaming else [b"x"]

    application = bridged(app)
    at_start: list[str] = []

    async def watch(event: Any) -> None:
        if event["type"] == "http.response.start":
            at_start.append(colour.get())

    colour.set("red")
    answer = await AsgiCall(lambda *args: application(*args), on_send=watch).run()
    assert answer.header(b"x-seen") == b"red"
    assert at_start == ["blue"]


async def test_environ_outlives_the_request(bridged: Bridged) -> None:
    """Code that keeps environ (Flask's copy_current_request_context) finds it whole."""
    kept: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        kept.append(environ)
        return hello(environ, start_response)

    await AsgiCall(bridged(app), path="/kept").run()
    assert kept[0]["PATH_INFO"] == "/kept"
    assert kept[0]["bridge.disconnected"]() is False
    with pytest.raises(OSError, match="client closed"):
        kept[0]["wsgi.input"].read()


@pytest.mark.parametrize("announced", [b"3", b"0"])
@pytest.mark.parametrize("size", [10, 300_000])
async def test_a_content_length_beside_chunks_counts_for_nothing_and_ends_the_connection(
    bridged: Bridged, announced: bytes, size: int
) -> None:
    """RFC 9112 section 6.1: what a proxy took for the end of the body may be the next request (smuggling)."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-Length", environ["CONTENT_LENGTH"])])
        return [b"%d" % len(environ["wsgi.input"].read())]

    headers = [(b"content-length", announced), (b"transfer-encoding", b"chunked")]
    pieces = [b"x" * min(size - at, 50_000) for at in range(0, size, 50_000)]
    answer = await AsgiCall(bridged(app), method="POST", headers=headers, body=pieces).run()
    assert (answer.header(b"x-length"), answer.body) == (b"%d" % size, b"%d" % size)
    assert answer.header(b"connection") == b"close"
    second = await AsgiCall(bridged(app), method="POST", headers=headers[1:], body=pieces).run()
    assert second.header(b"connection") is None


@pytest.mark.parametrize(("limit", "status"), [(400, 413), (500, 200), (None, 200)])
async def test_an_upload_of_unknown_length_is_spooled_up_to_a_limit(
    bridged: Bridged, limit: int | None, status: int
) -> None:
    """One client without a Content-Length could fill the disk before the application has a say."""
    lengths = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        lengths.append(environ["CONTENT_LENGTH"])
        return hello(environ, start_response)

    bridge = bridged(app, body_window=100, spool_memory=50, spool_limit=limit)
    chunked = [(b"transfer-encoding", b"chunked")]
    answer = await AsgiCall(bridge, method="POST", headers=chunked, body=[b"x" * 100] * 5).run()
    assert answer.status == status
    assert lengths == (["500"] if status == 200 else [])
