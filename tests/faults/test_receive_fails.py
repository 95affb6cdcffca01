"""`receive` raises, or says what it must not: the application gets an OSError, never a silent end of the body."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import WsgiToAsgi
from tests.asgi_driver import Event, http_scope
from tests.asgi_rules import HttpRules
from tests.faults.rig import Counted, Meeting

LANES = ["thread", "greenlet"]

PIECE: Event = {"type": "http.request", "body": b"12345", "more_body": True}
END: Event = {"type": "http.request", "body": b"67890", "more_body": False}

FAULTS = {
    "OSError": ConnectionResetError("reset"),
    "RuntimeError": RuntimeError("the server's own"),
    "CancelledError": asyncio.CancelledError(),
    "no-type": {"body": b"what is this"},
    "not-a-dict": None,
}


class Server:
    """An ASGI server whose `receive` gives out `events`, raising those that are exceptions; then it waits."""

    def __init__(self, *events: object) -> None:
        self._events = list(events)
        self.sent: list[Event] = []
        self.rules: HttpRules | None = None
        self.start_sent = asyncio.Event()

    async def receive(self) -> Any:
        if not self._events:
            await asyncio.get_running_loop().create_future()
        event = self._events.pop(0)
        if isinstance(event, BaseException):
            raise event
        return event

    async def send(self, event: Event) -> None:
        assert self.rules is not None
        self.rules.judge(event)
        self.sent.append(event)
        self.start_sent.set()

    async def request(self, app: WsgiToAsgi, **scope: Any) -> int | None:
        """Make a request with a body of ten bytes; return the status of the answer."""
        scope = http_scope(method="POST", headers=[(b"content-length", b"10")], **scope)
        self.rules = HttpRules(scope)
        await asyncio.wait_for(app(scope, self.receive, self.send), 10.0)
        return self.sent[0]["status"] if self.sent else None


class Reader:
    """A WSGI application that reads its body and keeps what it got, or what was raised."""

    def __init__(self) -> None:
        self.got: bytes | None = None
        self.raised: BaseException | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            self.got = environ["wsgi.input"].read()
        except OSError as error:
            self.raised = error
            raise
        start_response("200 OK", [])
        return [b"read"]


@pytest.mark.parametrize("body_wait", [0, 1.0], ids=["on-the-worker", "before-it"])
@pytest.mark.parametrize("before", [(), (PIECE,)], ids=["at-once", "after-a-piece"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_receive_that_fails_before_the_end_of_the_body_is_an_OSError_to_its_reader(
    bridged: Callable[..., WsgiToAsgi], fault: str, before: tuple[Event, ...], body_wait: float
) -> None:
    reader = Reader()
    server = Server(*before, FAULTS[fault])
    status = await server.request(bridged(Counted(reader), body_wait=body_wait))
    assert status is None, "nobody is there to be answered"
    assert reader.got is None, "a broken upload must not look like a complete one"
    assert isinstance(reader.raised, ConnectionError)


async def test_the_cause_of_a_broken_upload_is_kept(bridged: Callable[..., WsgiToAsgi]) -> None:
    reader = Reader()
    fault = RuntimeError("the server's own")
    await Server(PIECE, fault).request(bridged(reader))
    assert reader.raised is not None
    assert reader.raised.__cause__ is fault


@pytest.mark.parametrize("fault", ["RuntimeError", "no-type", "not-a-dict"])
async def test_receive_that_fails_after_the_body_does_not_disturb_the_response(
    bridged: Callable[..., WsgiToAsgi], fault: str
) -> None:
    """A server may have nothing more to say once it has said it all; only an OSError is a disconnect."""
    meeting = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"one"
        meeting.arrive()
        yield b"two"

    server = Server(PIECE, END, FAULTS[fault])
    task = asyncio.ensure_future(server.request(bridged(Counted(app))))
    await server.start_sent.wait()
    await meeting.arrived()
    meeting.let_go()
    assert await task == 200
    assert b"".join(event.get("body", b"") for event in server.sent) == b"onetwo"


async def test_receive_that_raises_OSError_after_the_body_ends_a_stream(
    bridged: Callable[..., WsgiToAsgi],
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        while True:
            yield b"for ever"

    counted = Counted(app)
    server = Server(PIECE, END, ConnectionResetError("reset"))
    assert await server.request(bridged(counted)) == 200


async def test_a_pump_that_the_server_cancels_does_not_strand_a_stream(
    bridged: Callable[..., WsgiToAsgi],
) -> None:
    """asyncio.run() cancels every task it finds, ours too, in no order."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        while True:
            yield b"for ever"

    server = Server(PIECE, END, asyncio.CancelledError())
    assert await server.request(bridged(Counted(app))) == 200
