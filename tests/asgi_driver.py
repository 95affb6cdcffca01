"""Calls an ASGI application as the strictest server would, in process.

    answer = await AsgiCall(app, method="POST", path="/upload", body=[b"one", b"two"]).run()
    assert (answer.status, answer.body, answer.complete) == (200, b"ok", True)

Every event that the application sends is judged by `tests.asgi_rules`, and an illegal one raises
`IllegalEvent` both into the application and, should the application swallow it, out of `run()`.

A test that has to act while the application runs starts it and steers it:

    call = AsgiCall(app, body=None)              # None: the test feeds the request body itself
    async with call.running():
        call.feed(b"part", more_body=True)
        await call.event_sent()                  # until the next event has come
        call.disconnect()                        # the client has gone
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.asgi_rules import HttpRules, IllegalEvent, LifespanRules

if TYPE_CHECKING:
    from typing_extensions import Self  # typing has it from 3.11 on

__all__ = ["Answer", "AsgiCall", "AsgiLifespan", "IllegalEvent", "exchange", "http_scope"]

Event = MutableMapping[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]

CALL_TIMEOUT = 20.0  # seconds; well under the limit of a test, and generous for two busy cores


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client got. `complete` is False where the server would break the connection off."""

    status: int | None
    headers: list[tuple[bytes, bytes]]
    body: bytes
    events: list[Event]
    complete: bool
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of that name, written in lower case; None where there is none."""
        return next((value for key, value in self.headers if key == name), None)

    def headers_named(self, name: bytes) -> list[bytes]:
        """Return every value of that name, in order."""
        return [value for key, value in self.headers if key == name]


def http_scope(**changes: Any) -> dict[str, Any]:
    """Return the scope of `GET /`, with these keys changed; `raw_path` follows `path` unless given."""
    path = changes.get("path", "/")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode("ascii"),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"testserver")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
        "extensions": {},
        **changes,
    }


class AsgiCall:
    """One HTTP request to an ASGI application.

    `body`: the request body, whole or in the pieces that `receive` hands out; None where the test
    feeds it. `headers` are added to `host`. `on_send` is awaited with every legal event before it
    counts as sent: a slow client waits in it, a broken one raises. Any other key goes into the scope.
    """

    def __init__(
        self,
        app: Application,
        *,
        method: str = "GET",
        path: str = "/",
        query: bytes = b"",
        headers: Iterable[tuple[bytes, bytes]] = (),
        body: bytes | Iterable[bytes] | None = b"",
        extensions: dict[str, Any] | None = None,
        on_send: Callable[[Event], Awaitable[None]] | None = None,
        **scope: Any,
    ) -> None:
        self.app = app
        self.scope = http_scope(
            method=method,
            path=path,
            query_string=query,
            headers=[(b"host", b"testserver"), *headers],
            extensions=extensions or {},
            **scope,
        )
        self.events: list[Event] = []
        self.receives = 0  # how many times the application asked for an event
        self._rules = HttpRules(self.scope)
        self._on_send = on_send
        self._illegal: IllegalEvent | None = None
        self._incoming: asyncio.Queue[Event] = asyncio.Queue()
        self._sent = asyncio.Condition()
        self._gone = asyncio.Event()
        if body is not None:
            self._feed_all([body] if isinstance(body, bytes) else list(body))

    def _feed_all(self, pieces: list[bytes]) -> None:
        for piece in pieces[:-1]:
            self.feed(piece, more_body=True)
        self.feed(pieces[-1] if pieces else b"")

    def feed(self, piece: bytes, *, more_body: bool = False) -> None:
        """Put one piece of the request body before the application."""
        self._incoming.put_nowait({"type": "http.request", "body": piece, "more_body": more_body})

    def disconnect(self) -> None:
        """Let the client go: `receive` answers http.disconnect once the pieces fed before are taken."""
        self._gone.set()

    async def event_sent(self, count: int | None = None) -> Event:
        """Wait until there are `count` events, or one more than now, and return the last of them."""
        count = len(self.events) + 1 if count is None else count
        async with self._sent:
            await asyncio.wait_for(self._sent.wait_for(lambda: len(self.events) >= count), CALL_TIMEOUT)
        return self.events[count - 1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """Run the application as a task beside the block; at its end wait for it, and raise what it raised."""
        task = asyncio.ensure_future(self._call())
        try:
            yield task
            await asyncio.wait_for(asyncio.shield(task), CALL_TIMEOUT)
        finally:
            task.cancel()
            await asyncio.wait([task])
        self._raise_illegal()

    async def run(self) -> Answer:
        """Call the application to its end; what it raises comes out, illegal events before all."""
        try:
            await asyncio.wait_for(self._call(), CALL_TIMEOUT)
        finally:
            self._raise_illegal()
        return self.answer()

    def answer(self) -> Answer:
        """Return what a client would have got of the events so far."""
        start: Event = next((event for event in self.events if event["type"] == "http.response.start"), {})
        return Answer(
            status=start.get("status"),
            headers=[(bytes(name), bytes(value)) for name, value in start.get("headers", ())],
            body=b"".join(event.get("body", b"") for event in self.events),
            events=self.events,
            complete=self._rules.complete,
            trailers=[
                (bytes(name), bytes(value))
                for event in self.events
                if event["type"] == "http.response.trailers"
                for name, value in event.get("headers", ())
            ],
        )

    async def _call(self) -> None:
        await self.app(self.scope, self._receive, self._send)

    async def _receive(self) -> Event:
        self.receives += 1
        if not self._incoming.empty():
            return self._incoming.get_nowait()
        fed = asyncio.ensure_future(self._incoming.get())
        gone = asyncio.ensure_future(self._gone.wait())
        try:
            await asyncio.wait((fed, gone), return_when=asyncio.FIRST_COMPLETED)
            return fed.result() if fed.done() else {"type": "http.disconnect"}
        finally:
            fed.cancel()
            gone.cancel()

    async def _send(self, event: Event) -> None:
        try:
            self._rules.judge(event)
        except IllegalEvent as error:
            self._illegal = self._illegal or error
            raise
        if self._on_send is not None:
            await self._on_send(event)
        async with self._sent:
            self.events.append(event)
            self._sent.notify_all()
        if self._rules.complete:
            self._gone.set()  # ASGI: after the response, receive answers http.disconnect

    def _raise_illegal(self) -> None:
        if self._illegal is not None:
            raise self._illegal


class AsgiLifespan:
    """Runs an application's lifespan around a block: `async with AsgiLifespan(app) as lifespan:`.

    A `lifespan.startup.failed` or `lifespan.shutdown.failed` raises RuntimeError with its message.
    `lifespan.state` is what the server would hand to every request.
    """

    def __init__(self, app: Application) -> None:
        self.app = app
        self.state: dict[str, Any] = {}
        self.events: list[Event] = []
        self._rules = LifespanRules()
        self._incoming: asyncio.Queue[Event] = asyncio.Queue()
        self._outgoing: asyncio.Queue[Event] = asyncio.Queue()
        self._task: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._task = asyncio.ensure_future(self.app(scope, self._incoming.get, self._send))
        try:
            await self._ask("startup")
        except BaseException:  # not to leave the task behind; raised again
            await self._end()
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        try:
            await self._ask("shutdown")
        finally:
            await self._end()

    async def _ask(self, phase: str) -> None:
        assert self._task is not None
        self._incoming.put_nowait({"type": f"lifespan.{phase}"})
        answered = asyncio.ensure_future(self._outgoing.get())
        await asyncio.wait((answered, self._task), timeout=CALL_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            answered.cancel()
            if self._task.done():
                self._task.result()  # raises what the application raised
            msg = f"the application did not answer lifespan.{phase}"
            raise RuntimeError(msg)
        event = answered.result()
        if event["type"] != f"lifespan.{phase}.complete":
            raise RuntimeError(event.get("message", ""))

    async def _send(self, event: Event) -> None:
        self._rules.judge(event)
        self.events.append(event)
        self._outgoing.put_nowait(event)

    async def _end(self) -> None:
        assert self._task is not None
        await asyncio.wait([self._task], timeout=1.0)  # it returns by itself after shutdown
        self._task.cancel()
        await asyncio.wait([self._task])


async def exchange(app: Application, scope: dict[str, Any], received: Iterable[Event]) -> list[Event]:
    """Call the application with these received events, and return the events that it sent, unjudged.

    For scope types that `AsgiCall` does not know. Once `received` is used up `receive` waits for ever.
    """
    incoming: asyncio.Queue[Event] = asyncio.Queue()
    for event in received:
        incoming.put_nowait(event)
    sent: list[Event] = []

    async def send(event: Event) -> None:
        sent.append(event)

    await asyncio.wait_for(app(scope, incoming.get, send), CALL_TIMEOUT)
    return sent
