"""The rows asked through `tests.asgi_driver`, on a loop in a thread of its own: no server, no socket.

test's thread                      loop's thread
-------------                      -------------
peer.ask(row) -- coroutine ----->  AsgiCall(application, ...).run()
conversation.send(block) ------->  call.feed(block, more_body=True)
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from bridge import cooperative
from bridge.executors.base import ExecutorStatistics
from tests.asgi_driver import Answer, AsgiCall, AsgiLifespan
from tests.conformance.application import create, create_bridge
from tests.conformance.peers import Conversation, Peer, Reply, Request, pieces_of
from tests.conformance.rows import Row

__all__ = ["StrictPeer"]

T = TypeVar("T")
STEP_LIMIT = 20.0  # seconds for one step; well under the limit of a test


class StrictPeer(Peer):
    """Calls the application as the strictest server would; `close` ends its threads."""

    name = "strict"

    def __init__(self, executor: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="strict-peer")
        self._thread.start()
        self._bridge = create_bridge(executor)
        self._application = create(self._bridge)
        self._lifespan = AsgiLifespan(self._application)
        self.run(self._lifespan.__aenter__())

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(STEP_LIMIT)

    def close(self) -> None:
        """Run the lifespan's end, which drains the executor, and stop the loop."""
        try:
            self.run(self._lifespan.__aexit__())
            self.run(self._loop.shutdown_default_executor())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            cooperative.uninstall()

    def exchange(self, request: Request) -> Reply:
        """Call the application with the whole body at hand."""
        call = self._call(request, body=pieces_of(request.body))
        return self.run(_replied(call))

    def begin(self, request: Request) -> Conversation:
        """Start the application in a task; the conversation feeds the body."""
        return StrictConversation(self, self._call(request, body=b"" if request.length == 0 else None))

    # ------------------------------------------------------------ what only a driver can do

    def environ(self, **scope: Any) -> dict[str, Any]:
        """Return environ as the row `dump` tells it, for a scope with these keys changed."""
        headers = [(b"x-row", b"dump"), *scope.pop("headers", [(b"host", b"testserver")])]
        call = AsgiCall(self._application)
        call.scope.update({"headers": headers, **scope})
        environ: dict[str, Any] = self.run(_replied(call)).json()
        return environ

    def ask_with(self, row: Row, *, token: str, on_send: Callable[[Any], Awaitable[None]]) -> Reply:
        """Ask through a `send` of the test's own."""
        return self.run(_replied(self._call(Request(row, token=token), body=b"", on_send=on_send)))

    def event_types(self, row: Row, *, extensions: dict[str, Any]) -> list[str]:
        """Return the types of the events that are sent where these extensions are offered."""
        call = self._call(Request(row), body=b"", extensions=extensions)
        assert self.run(_replied(call)).complete
        return [event["type"] for event in call.events]

    def receives(self, conversation: Conversation) -> int:
        """Return how often the application has asked for an event."""
        assert isinstance(conversation, StrictConversation)
        return conversation.receives

    def statistics(self) -> ExecutorStatistics:
        """Return the executor's numbers."""
        return self._bridge.executor.statistics()

    def _call(self, request: Request, body: Any, **more: Any) -> AsgiCall:
        raw, _, query = request.target.partition(b"?")
        headers = [*request.all_headers(), *_framing(request)]
        return AsgiCall(
            self._application,
            method=request.method,
            path=unquote_to_bytes(raw).decode("utf-8", "replace"),
            raw_path=raw,
            query=query,
            headers=headers,
            body=body,
            state=dict(self._lifespan.state),
            **more,
        )


def _framing(request: Request) -> list[tuple[bytes, bytes]]:
    if isinstance(request.body, bytes):
        return [(b"content-length", b"%d" % len(request.body))]
    if request.body is not None or request.length is None:
        return [(b"transfer-encoding", b"chunked")]
    return [(b"content-length", b"%d" % request.length)] if request.length else []


class StrictConversation(Conversation):
    """One call of the application, fed and watched from another thread."""

    def __init__(self, peer: StrictPeer, call: AsgiCall) -> None:
        self._peer = peer
        self._call = call
        self._task = peer.run(_start(call))

    @property
    def receives(self) -> int:
        """How often the application has asked for an event."""
        return self._call.receives

    def send(self, block: bytes) -> None:
        """Feed a part of the body."""
        self._peer.run(_soon(lambda: self._call.feed(block, more_body=True)))

    def end(self) -> None:
        """Feed the end of the body."""
        self._peer.run(_soon(lambda: self._call.feed(b"")))

    def await_body(self, size: int) -> None:
        """Wait for so many bytes."""
        self._peer.run(_await_body(self._call, self._task, size))

    def reply(self) -> Reply:
        """Wait for the application's end."""
        return self._peer.run(_outcome(self._call, self._task))

    def leave(self) -> None:
        """Have `receive` say http.disconnect."""
        self._peer.run(_soon(self._call.disconnect))

    def __exit__(self, *exc_info: object) -> None:
        self._peer.run(_stop(self._task))


async def _replied(call: AsgiCall) -> Reply:
    return await _outcome(call, asyncio.ensure_future(call.run()))


async def _outcome(call: AsgiCall, task: asyncio.Future[Answer]) -> Reply:
    """Return what the client of a server gets: its plain 500 for an error before the start."""
    try:
        answer = await task
    except AssertionError:  # an illegal event fails the test
        raise
    except Exception as error:
        answer = call.answer()
        if answer.status is None:
            return Reply(500, [], b"", complete=True, error=error)
        return Reply(answer.status, answer.headers, answer.body, complete=False, error=error)
    return Reply(answer.status or 0, answer.headers, answer.body, answer.complete, trailers=answer.trailers)


async def _start(call: AsgiCall) -> asyncio.Future[Answer]:
    return asyncio.ensure_future(call.run())


async def _soon(act: Any) -> None:
    act()


async def _await_body(call: AsgiCall, task: asyncio.Future[Answer], size: int) -> None:
    while len(call.answer().body) < size:
        if task.done():
            raise EOFError(call.answer().body)
        news = asyncio.ensure_future(call.event_sent(len(call.events) + 1))
        await asyncio.wait((news, task), return_when=asyncio.FIRST_COMPLETED)
        news.cancel()


async def _stop(task: asyncio.Future[Answer]) -> None:
    task.cancel()
    await asyncio.wait([task])
