"""WebSockets end at SIGTERM: what the servers themselves leave out (test_serving.py has the real ones)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge.cli.servers import websockets
from bridge.cli.servers.websockets import ClosingWebSockets
from tests.asgi_driver import AsgiCall
from tests.websockets.driver import WebSocketCall

RESTART = {"type": "websocket.close", "code": 1012, "reason": ""}
DISCONNECT = {"type": "websocket.disconnect", "code": 1012, "reason": ""}


class Echo:
    """A native application, which keeps what it received."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.refused: list[OSError] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": event["text"]})
        self.received.append(event)
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except OSError as error:
            self.refused.append(error)


async def test_both_sides_hear_of_the_end() -> None:
    echo = Echo()
    closing = ClosingWebSockets(echo)
    async with WebSocketCall(closing).running() as one, WebSocketCall(closing).running() as other:
        for client in (one, other):
            assert (await client.sent())["type"] == "websocket.accept"
            client.say("x")
            assert (await client.sent())["text"] == "x"
        await asyncio.gather(closing.close(), closing.close())
        assert await one.sent() == await other.sent() == RESTART
    assert echo.received == [DISCONNECT] * 2
    assert len(echo.refused) == 2


async def test_one_that_begins_afterwards_is_refused() -> None:
    echo = Echo()
    closing = ClosingWebSockets(echo)
    await closing.close()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        echo.received.append(await receive())

    closing.app = app
    async with WebSocketCall(closing).running() as client:
        assert await client.sent() == RESTART
    assert echo.received == [DISCONNECT]


async def test_one_that_the_application_has_closed_is_left_alone() -> None:
    go_on = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close"})
        await go_on.wait()

    closing = ClosingWebSockets(app)
    async with WebSocketCall(closing).running() as client:
        assert await client.sent() == {"type": "websocket.close"}
        await closing.close()
        go_on.set()
    assert client.nothing_sent()


async def test_a_client_that_reads_nothing_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websockets, "CLOSE_LIMIT", 0.01)
    echo = Echo()
    closing = ClosingWebSockets(echo)
    waiting = asyncio.Event()
    events = iter([{"type": "websocket.connect"}])

    async def receive() -> Any:
        if event := next(events, None):
            return event
        waiting.set()
        return await asyncio.Event().wait()

    async def send(event: Any) -> None:
        if event["type"] == "websocket.close":
            await asyncio.Event().wait()

    call = asyncio.create_task(closing({"type": "websocket"}, receive, send))
    await waiting.wait()
    await asyncio.wait_for(closing.close(), 20)
    await asyncio.wait_for(call, 20)
    assert echo.received == [DISCONNECT]


async def test_what_the_server_raises_and_a_cancellation_reach_the_application() -> None:
    closing = ClosingWebSockets(Echo())
    with pytest.raises(RuntimeError, match="out of order"):
        async with WebSocketCall(closing).running() as client:
            await client.sent()
            client.break_receive(RuntimeError("out of order"))
    with pytest.raises(asyncio.CancelledError):
        async with WebSocketCall(closing).running() as client:
            await client.sent()
            assert client.task is not None
            client.task.cancel()


async def test_http_passes_through() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    assert (await AsgiCall(ClosingWebSockets(app)).run()).status == 204
