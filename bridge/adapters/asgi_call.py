"""The event loop's side of a request on the way back: one call of an ASGI application.

Its counterpart in the WSGI worker's thread is `bridge.adapters.asgi_exchange`, whose docstring shows
how the two work together. Everything here runs on the loop, but for `Flow.took`.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import MutableSet
from dataclasses import dataclass
from enum import Enum, auto

from bridge.errors import ClientDisconnected, ReturnedTooEarly, TaskCancelled
from bridge.protocol.asgi_response import AsgiResponse, Block, Expects, Head
from bridge.protocol.asgi_types import AsgiApp, Event, Scope

__all__ = ["AsgiCall", "Failure", "Flow", "Item", "Signal", "settle"]

logger = logging.getLogger("bridge.asgi")


class Signal(Enum):
    """What the loop tells the thread beside what it sends."""

    READ = auto()  # the application wants the next part of the request body
    RETURNED = auto()  # the application has ended; its response was complete before


@dataclass(frozen=True, slots=True)
class Failure:
    """The application ended before its response was complete."""

    error: BaseException


Item = Head | Block | Signal | Failure


class Flow:
    """Counts the bytes between a send() and the thread, and lets send() wait above `high_water` bytes.

    The thread wakes the loop only when a send() does wait, so a stream that keeps up costs no wake-up.
    """

    __slots__ = ("_ahead", "_high_water", "_lock", "_waiters")

    def __init__(self, high_water: int) -> None:
        self._high_water = high_water
        self._lock = threading.Lock()
        self._ahead = 0
        self._waiters: list[asyncio.Future[None]] = []

    def put(self, size: int, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None] | None:
        """Count `size` bytes; return what to wait for if that is too much. Called on the loop."""
        with self._lock:
            self._ahead += size
            if self._ahead <= self._high_water:
                return None
            room = loop.create_future()
            self._waiters.append(room)
            return room

    def took(self, size: int) -> list[asyncio.Future[None]]:
        """Take `size` bytes off; return those who may go on. Called in the thread."""
        with self._lock:
            self._ahead -= size
            return self._all_waiters() if self._ahead <= self._high_water else []

    def give_up(self) -> list[asyncio.Future[None]]:
        """Return all who wait: nobody will take anything any more."""
        with self._lock:
            return self._all_waiters()

    def _all_waiters(self) -> list[asyncio.Future[None]]:
        waiters, self._waiters = self._waiters, []
        return waiters


class AsgiCall:
    """Calls `app` for one request and puts what it sends into `items`.

    `has_body` tells whether the thread can read one; `live` holds this object as long as its task
    runs, because a loop holds its tasks weakly.
    """

    __slots__ = (
        "_app",
        "_body_told",
        "_dropped",
        "_gone",
        "_inbox",
        "_live",
        "_lost",
        "_reading",
        "_receivers",
        "_response",
        "_scope",
        "flow",
        "items",
        "loop",
        "task",
    )

    def __init__(
        self,
        app: AsgiApp,
        scope: Scope,
        *,
        has_body: bool,
        high_water: int,
        loop: asyncio.AbstractEventLoop,
        live: MutableSet[AsgiCall],
    ) -> None:
        self._app = app
        self._scope = scope
        self._live = live
        self._response = AsgiResponse(scope["method"])
        self._inbox: deque[Event] = deque()
        self._receivers: set[asyncio.Future[None]] = set()
        self._reading = False  # READ has been put and not been answered yet
        self._body_told = not has_body  # its last part has been delivered
        self._lost = False  # the body broke off: the client has gone, and nobody has told the thread
        self._gone = False  # the thread has gone
        self._dropped = False  # something was sent to nobody since
        self.items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.flow = Flow(high_water)
        self.loop = loop
        self.task: asyncio.Task[BaseException | None] | None = None
        if not has_body:
            self._inbox.append({"type": "http.request", "body": b"", "more_body": False})

    def __str__(self) -> str:
        return f"{self._scope['method']} {self._scope['path']}"

    @property
    def is_streaming(self) -> bool:
        """Whether the response has begun and not ended."""
        return self._response.expects is Expects.MORE

    @property
    def is_complete(self) -> bool:
        """Whether the response has ended."""
        return self._response.expects is Expects.NOTHING

    # ------------------------------------------------------------ what the thread asks for

    def start(self) -> None:
        """Run the application in a task of its own."""
        self._live.add(self)
        self.task = self.loop.create_task(self._run(), name=str(self))
        self.task.add_done_callback(self._returned)

    def deliver(self, block: bytes, *, ended: bool) -> None:
        """Hand a part of the request body to the application."""
        self._reading = False
        self._body_told = ended
        self._inbox.append({"type": "http.request", "body": block, "more_body": not ended})
        self._wake_receivers()

    def lose_body(self) -> None:
        """Tell the application that its client has gone, which broke off the body or left altogether."""
        self._lost = True
        self._wake_receivers()

    def hang_up(self) -> None:
        """End the application: nobody takes its response any more."""
        self._gone = True
        self._wake_receivers()
        settle(self.flow.give_up())
        self.loop.call_soon(self.cancel)  # after those who were just woken

    def cancel(self) -> None:
        """Cancel the application's task."""
        if self.task is not None:
            self.task.cancel()

    # ------------------------------------------------------------ the application's task

    async def _run(self) -> BaseException | None:
        """Return what the application raised; a task that raised SystemExit would end the loop of all."""
        try:
            await self._app(self._scope, self._receive, self._send)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # the thread raises it
            return error
        return None

    def _returned(self, task: asyncio.Task[BaseException | None]) -> None:
        """Tell the thread how the application has ended, or the log, when no thread is there for it."""
        self._live.discard(self)
        # Not to keep the error, and with its traceback the application's frames, in a cycle: an async
        # generator in them is closed when the last reference goes, not some time later.
        self.task = None
        error = TaskCancelled() if task.cancelled() else task.result()
        if self.is_complete:
            self.items.put(Signal.RETURNED)
            self._late_error("after its response was complete", error)
        elif self._gone:
            self._late_error("after its client had gone", error)
        else:
            self.items.put(Failure(error or ReturnedTooEarly(self._response.expected)))

    def _late_error(self, when: str, error: BaseException | None) -> None:
        """Report an error that no thread waits for.

        An OSError is the one that send() raises, or one of its kind (ASGI, "Disconnected Client":
        "should not log it as an error in their server logs"); the cancellation is ours.
        """
        if error is not None and not isinstance(error, (TaskCancelled, OSError)):
            logger.error("%s: the application failed %s", self, when, exc_info=error)

    # ------------------------------------------------------------ receive and send

    async def _receive(self) -> Event:
        """Return the next event; http.disconnect for ever once the response or the client is done."""
        while not self._is_over():
            if self._inbox:
                return self._inbox.popleft()
            if self._body_told:
                self._waits_for_disconnect()
            elif not self._reading:
                self._reading = True
                self.items.put(Signal.READ)
            await self._news()
        return {"type": "http.disconnect"}

    def _waits_for_disconnect(self) -> None:
        """Note that the application wants to know when its client leaves; WSGI can't tell us."""

    def _is_over(self) -> bool:
        return self._gone or self._lost or self.is_complete

    async def _news(self) -> None:
        """Wait until there may be something to receive; what comes for a cancelled waiter stays."""
        receiver = self.loop.create_future()
        self._receivers.add(receiver)
        try:
            await receiver
        finally:
            self._receivers.discard(receiver)

    def _wake_receivers(self) -> None:
        settle(list(self._receivers))

    async def _send(self, event: Event) -> None:
        if self._gone:
            self._drop()
            return
        if self.is_complete:
            logger.warning("%s: ignored %r after the response was complete", self, event.get("type"))
            return
        item = self._response.feed(event)
        if item is None:
            return
        room = None if item.ended else self.flow.put(len(item.block), self.loop)
        self._put(item)
        if item.ended:
            self._wake_receivers()
        if room is not None:
            await room
            self._dropped = self._gone  # then nobody took what waited here

    def _drop(self) -> None:
        """Drop what is sent to nobody, the first time in silence: then the cancellation is under way.

        It should reach the application where it waits by itself, say in the generator of a stream, whose
        `finally` runs then. An error out of send() would leave that generator to the garbage collector
        (Starlette's StreamingResponse does). But who sends again isn't waiting for anything: that
        raises (ASGI, "Disconnected Client").
        """
        if self._dropped:
            raise ClientDisconnected("its response was being sent")
        self._dropped = True

    def _put(self, item: Head | Block) -> None:
        self.items.put(item)


def settle(futures: list[asyncio.Future[None]]) -> None:
    """Let those who wait for these go on."""
    for future in futures:
        if not future.done():
            future.set_result(None)
