"""Any order of what a handler and its client can do, in both lanes, is a legal ASGI exchange with an end."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, TextMessage
from wsproto.utilities import LocalProtocolError

from bridge import WsgiToAsgi
from tests.fuzz.scale import FACTOR
from tests.websockets.driver import WebSocketCall

EXAMPLES = 100 * FACTOR
Step = tuple[Any, ...]

# What the handler does: with the object in environ, on the raw socket, as an ordinary WSGI application.
MESSAGES: list[Step] = [
    ("accept", None),
    ("accept", "chat"),
    ("accept", "never offered"),
    ("send", "text"),
    ("send", b""),
    ("receive",),
    ("close", 1000),
    ("close", 4000),
    ("close", 1005),
]
RAW: list[Step] = [
    ("raw", AcceptConnection()),
    ("raw", AcceptConnection(subprotocol="chat")),
    ("raw", TextMessage("raw")),
    ("raw", TextMessage("part", message_finished=False)),
    ("raw", Ping()),
    ("raw", CloseConnection(4001)),
    ("raw", b"no frame at all\r\n\r\n"),
    ("shut",),
]
PLAIN: list[Step] = [("start", "200 OK"), ("start", "403 Forbidden"), ("start", "500 Oh"), ("write", b"body")]
RAISES = [("raise", error) for error in (ValueError, ConnectionError, StopIteration)]
HANDLER = st.lists(st.sampled_from([*MESSAGES, *RAW, *PLAIN, *RAISES]), max_size=7)
CLIENT = st.lists(
    st.sampled_from(
        [("say", "x"), ("say", b"x"), ("pause",), ("leave", 1001), ("leave", 1006), ("break",), ("fail",)]
    ),
    max_size=5,
)
HEADERS = (
    "CONNECTION",
    "UPGRADE",
    "SEC_WEBSOCKET_KEY",
    "SEC_WEBSOCKET_VERSION",
    "HOST",
    "SEC_WEBSOCKET_PROTOCOL",
)


class Handler:
    """A WSGI application that does one step after the other; errors of a step are its own business."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self._peer: WSConnection | None = None
        self._start_response: Any = None
        self._write: Any = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self._start_response = start_response
        try:
            for step in self.steps:
                if step[0] == "raise":
                    raise step[1]
                with contextlib.suppress(Exception):
                    self._do(step, environ)
        finally:
            if any(step[0] == "raw" for step in self.steps):
                environ["werkzeug.socket"].close()  # as libraries do
        if self._write is None:
            start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"done"]

    def _do(self, step: Step, environ: dict[str, Any]) -> None:
        verb, *arguments = step
        if verb == "raw":
            environ["werkzeug.socket"].settimeout(0.1)
            environ["werkzeug.socket"].send(self._frame(arguments[0], environ))
        elif verb == "shut":
            environ["werkzeug.socket"].close()
        elif verb == "start":
            self._write = self._start_response(arguments[0], [("Content-Type", "text/plain")])
        elif verb == "write" and self._write is not None:
            self._write(*arguments)
        elif verb == "receive":
            environ["wsgi.websocket"].receive(timeout=0.001)
        elif verb in {"accept", "send", "close"}:
            getattr(environ["wsgi.websocket"], verb)(*arguments)

    def _frame(self, event: Any, environ: dict[str, Any]) -> bytes:
        if isinstance(event, bytes):
            return event
        if self._peer is None:
            self._peer = WSConnection(ConnectionType.SERVER)
            lines = [f"{name.replace('_', '-')}: {environ['HTTP_' + name]}" for name in HEADERS]
            self._peer.receive_data("\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode())
            list(self._peer.events())
        try:
            return bytes(self._peer.send(event))
        except LocalProtocolError:
            return b"\x81\x02ok"  # a message before the handshake, or after the close


async def _act(client: WebSocketCall, steps: list[Step]) -> bool:
    """Do what the client does; False if it, or the server, has gone."""
    for verb, *arguments in steps:
        for _ in range(5):
            await asyncio.sleep(0)
        if verb == "say":
            client.say(*arguments)
        elif verb == "leave":
            client.leave(*arguments)
            return False
        elif verb == "break":
            client.break_receive(RuntimeError("out of order"))
            return False
        elif verb == "fail":
            client.failing = True
            return False
        else:
            await asyncio.sleep(0.001)
    return True


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(handler=HANDLER, client=CLIENT, executor=st.sampled_from(["thread", "greenlet"]), denial=st.booleans())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_order_of_calls_is_a_legal_exchange_with_an_end(
    handler: list[Step], client: list[Step], executor: Any, denial: bool
) -> None:
    extensions: dict[str, Any] = {"websocket.http.response": {}} if denial else {}

    async def converse() -> None:
        bridge = WsgiToAsgi(Handler(handler), executor=executor, websockets=True, shutdown_timeout=10)
        call = WebSocketCall(bridge, subprotocols=["chat"], extensions=extensions)
        broken_off = stays = True
        with contextlib.suppress(ValueError, ConnectionError, RuntimeError):  # the handler's
            async with call.running():  # judges every event, and that the handler ends
                stays = await _act(call, client)
            broken_off = False
        assert await bridge.executor.drain() == []
        assert call.state == "closed" or broken_off or not stays, "the client was left waiting"

    asyncio.run(converse())
