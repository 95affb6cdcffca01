"""Streams in the greenlet lane: what is joined, what leaves at once, and that nothing waits that need not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import WsgiToAsgi, await_, cooperative
from bridge.adapters import relay
from tests.asgi_driver import AsgiCall, Event

pytestmark = pytest.mark.may_block("the layer replaces the very methods that the guard replaces")

BLOCK = bytes(1024)
BURST = 50  # blocks: more than go out alone, less than is joined
START = 1  # event
ALONE = 1 + relay.DIRECT  # blocks that go out by themselves: the loop has its turn after the first
WAIT = 20.0  # seconds; a limit, never a pause

Blocks = Callable[[], Iterator[bytes]]


@pytest.fixture(autouse=True)
def one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no turn end by the clock, which on a busy machine it may do at any block."""
    monkeypatch.setattr(relay, "TURN", 3600.0)


@pytest.fixture
def layer() -> Iterator[None]:
    """The cooperative layer."""
    cooperative.install()
    yield
    cooperative.uninstall()


def streaming(blocks: Blocks) -> WsgiToAsgi:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return blocks()

    return WsgiToAsgi(app, executor="greenlet")


def burst() -> Iterator[bytes]:
    for number in range(BURST):
        yield b"%d," % number


WHOLE_BURST = b"".join(burst())


def sent(call: AsgiCall) -> bytes:
    return b"".join(event.get("body", b"") for event in call.events)


class SlowClient:
    """Takes the events at once until `stop_at` of them, then one each time that it is told to."""

    def __init__(self, stop_at: int) -> None:
        self.left = stop_at
        self.stopped = asyncio.Event()
        self.go_on = asyncio.Event()

    async def take(self, event: Event) -> None:
        self.left -= 1
        if self.left < 0:
            self.stopped.set()
            await self.go_on.wait()


async def test_blocks_that_pile_up_are_joined() -> None:
    count = 10_000

    def blocks() -> Iterator[bytes]:
        for _ in range(count):
            yield BLOCK

    answer = await AsgiCall(streaming(blocks)).run()
    assert answer.body == BLOCK * count
    assert answer.complete
    bodies = [len(event["body"]) for event in answer.events if event["type"] == "http.response.body"]
    assert max(bodies) == relay.JOINED
    assert len(bodies) <= ALONE + count * len(BLOCK) / relay.JOINED + 2


async def test_a_block_that_stands_alone_leaves_at_once() -> None:
    log: list[str] = []

    def blocks() -> Iterator[bytes]:
        for number in range(2 * relay.DIRECT):
            log.append(f"made {number}")
            yield b"%d" % number
            log.append(f"back {number}")
            await_(asyncio.sleep(0))

    async def note(event: Event) -> None:
        if event.get("body"):
            log.append(f"sent {event['body'].decode()}")

    await AsgiCall(streaming(blocks), on_send=note).run()
    steps = ("made", "sent", "back")
    assert log == [f"{step} {number}" for number in range(2 * relay.DIRECT) for step in steps]


async def test_when_a_turn_is_over_a_block_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "TURN", 0.0)
    answer = await AsgiCall(streaming(burst)).run()
    assert [event["body"] for event in answer.events[1:-1]] == list(burst())


async def test_what_was_kept_back_leaves_before_the_application_waits() -> None:
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        waiting.set()
        await go_on.wait()

    def blocks() -> Iterator[bytes]:
        yield from burst()
        await_(wait())
        yield b"last"

    call = AsgiCall(streaming(blocks))
    async with call.running():
        await asyncio.wait_for(waiting.wait(), WAIT)
        assert sent(call) == WHOLE_BURST
        go_on.set()
    assert sent(call) == WHOLE_BURST + b"last"


async def test_what_was_kept_back_leaves_before_a_failure_breaks_the_stream_off() -> None:
    def blocks() -> Iterator[bytes]:
        yield from burst()
        raise LookupError("in the middle")

    call = AsgiCall(streaming(blocks))
    with pytest.raises(LookupError, match="in the middle"):
        await call.run()
    assert sent(call) == WHOLE_BURST
    assert not call.answer().complete


async def test_a_client_that_goes_is_no_error_of_what_the_application_waits_for() -> None:
    raised: list[str] = []

    async def wait() -> str:
        return "waited"

    def blocks() -> Iterator[bytes]:
        yield from burst()
        raised.append(await_(wait()))
        try:
            yield b"nobody takes it"
        except GeneratorExit:
            raised.append("closed")

    async def break_down(event: Event) -> None:
        if len(event.get("body", b"")) > len(b"49,"):  # joined: sent before the wait
            raise OSError("gone")

    await asyncio.wait_for(AsgiCall(streaming(blocks), on_send=break_down).run(), WAIT)
    assert raised == ["waited", "closed"]


async def test_a_request_cancelled_while_its_blocks_leave_awaits_nothing_more() -> None:
    """A coroutine that nobody awaits is a warning, which is an error here."""
    client = SlowClient(START + ALONE)
    ended: list[str] = []

    async def never() -> None:
        ended.append("awaited")

    def blocks() -> Iterator[bytes]:
        try:
            yield from burst()
            await_(never())
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        finally:
            ended.append("closed")

    call = AsgiCall(streaming(blocks), on_send=client.take)
    with pytest.raises(asyncio.CancelledError):
        async with call.running() as task:
            await asyncio.wait_for(client.stopped.wait(), WAIT)
            task.cancel()
    assert ended == ["cancelled", "closed"]


async def test_a_slow_client_keeps_no_lock_from_others(layer: None) -> None:
    """Who stands in line is woken in place of others: a request does so once its blocks have left."""
    client = SlowClient(START + ALONE)
    lock = threading.Lock()
    asks = asyncio.Event()
    order: list[str] = []

    def slow() -> Iterator[bytes]:
        yield from burst()
        with lock:
            order.append("slow")
        yield b"last"

    def quick() -> Iterator[bytes]:
        asks.set()
        with lock:
            order.append("quick")
        yield b"quick"

    lock.acquire()
    held_up = AsgiCall(streaming(slow), on_send=client.take)
    other = AsgiCall(streaming(quick))
    async with held_up.running():
        await asyncio.wait_for(client.stopped.wait(), WAIT)
        async with other.running():
            await asyncio.wait_for(asks.wait(), WAIT)  # and so it stands in line: the loop goes on
            lock.release()
        assert order == ["quick"]
        client.go_on.set()
    assert order == ["quick", "slow"]
    assert sent(held_up) == WHOLE_BURST + b"last"
