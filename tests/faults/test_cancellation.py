"""A request is cancelled at each of its awaits in turn: nothing may be left, and `close()` runs exactly once."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from bridge import ErrorResponse, WsgiToAsgi
from tests.asgi_driver import AsgiCall, Event
from tests.faults.rig import CancelledAt, Counted, finished

MOST_AWAITS = 200  # a guard against a scenario that never ends; the longest has about 30


@dataclass(frozen=True, slots=True)
class Scenario:
    """A request: its application, what is sent to it, and options of the bridge."""

    name: str
    app: Callable[..., Iterable[bytes]]
    request: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def ok(start_response: Any, *headers: tuple[str, str]) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain"), *headers])


def blocks(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    ok(start_response)
    yield from (b"one", b"two", b"three")


def large_blocks(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    ok(start_response)
    yield from (b"x" * 1000 for _ in range(8))


def reader(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    ok(start_response)
    return [b"%d" % len(body)]


def echo(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    ok(start_response)
    while block := environ["wsgi.input"].read(100):
        yield block


def writer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    write = ok(start_response)
    write(b"one")
    write(b"two")
    return [b"three"]


def failing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise ValueError("the application's own")


def file(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    ok(start_response)
    wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(b"x" * 200_000))
    return wrapped


def asking(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    gone = environ["bridge.disconnected"]()
    ok(start_response)
    return [b"%r" % gone]


def trailing(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    ok(start_response, ("Trailer", "X-Sum"))
    yield b"body"
    environ["bridge.trailers"]([("X-Sum", "1")])


def hinting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    environ["wsgi.early_hints"]([("Link", "</style.css>; rel=preload")])
    ok(start_response)
    return [b"hinted"]


async def answer_later(error: BaseException, scope: Any) -> ErrorResponse:
    await asyncio.sleep(0)
    return ErrorResponse(503, body=b"later")


def upload(pieces: int = 6, size: int = 400) -> dict[str, Any]:
    length = b"%d" % (pieces * size)
    return {"method": "POST", "headers": [(b"content-length", length)], "body": [b"x" * size] * pieces}


CHUNKED = {**upload(), "headers": [(b"transfer-encoding", b"chunked")]}

SCENARIOS = [
    Scenario("blocks", blocks),
    Scenario("blocks-above-high-water", large_blocks, options={"high_water": 1500}),
    Scenario("upload", reader, upload(), {"body_window": 1000}),
    Scenario("upload-that-takes-a-thread-at-once", reader, upload(), {"body_window": 1000, "body_wait": 0}),
    Scenario("echo", echo, upload(), {"body_window": 500, "high_water": 300}),
    Scenario("chunked-and-spooled", reader, CHUNKED, {"body_window": 1000, "spool_memory": 100}),
    Scenario("chunked", reader, CHUNKED, {"body_window": 1000, "spool_chunked": False}),
    Scenario("write", writer),
    Scenario("error", failing),
    Scenario("error-answered-later", failing, options={"on_error": answer_later}),
    Scenario("file", file),
    Scenario("asking-about-the-client", asking),
    Scenario("trailers", trailing, {"extensions": {"http.response.trailers": {}}}),
    Scenario("early-hints", hinting, {"extensions": {"http.response.early_hint": {}}}),
]


@pytest.mark.parametrize("executor", ["thread", "greenlet"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
async def test_cancelled_at_each_await_leaves_nothing_and_closes_once(
    scenario: Scenario, executor: Literal["thread", "greenlet"]
) -> None:
    for n in itertools.count(1):
        assert n < MOST_AWAITS
        app = Counted(scenario.app)
        bridge = WsgiToAsgi(app, executor=executor, shutdown_timeout=10.0, **scenario.options)
        suspensions = await cancelled_at(n, bridge, scenario.request)
        assert await finished(bridge.executor) == [], f"left after a cancellation at await {n}"
        assert app.closes == app.returns
        assert app.calls <= 1
        assert len(asyncio.all_tasks()) == 1, f"tasks left after a cancellation at await {n}"
        if suspensions < n:
            assert n > 2, "the scenario never waited"
            return


async def cancelled_at(n: int, bridge: WsgiToAsgi, request: dict[str, Any]) -> int:
    """Run the request, cancel it at its n-th await; return how often it waited."""
    call = AsgiCall(bridge, on_send=let_others_run, **request)
    driven = CancelledAt(call._call(), n)

    async def drive() -> None:
        await driven

    task = asyncio.ensure_future(drive())
    await asyncio.wait([task], timeout=10.0)
    assert task.done(), f"the request ignored its cancellation at await {n}"
    call._raise_illegal()
    if driven.suspensions < n:
        task.result()
        assert call.answer().complete
    else:
        assert task.cancelled(), "a cancellation must not be swallowed"
    await asyncio.sleep(0)  # the pump's own cancellation takes a turn of the loop
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return driven.suspensions


async def let_others_run(event: Event) -> None:
    """Make every `send` an await that can be cancelled."""
    await asyncio.sleep(0)
