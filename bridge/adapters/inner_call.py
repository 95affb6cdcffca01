"""An ASGI application called from WSGI code that was itself called from ASGI, on one and the same loop.

    event loop                                        worker thread
    ----------                                        -------------
    WsgiMiddleware(scope, receive, send)
      Link: one a request
      WsgiToAsgi ---------- executor ---------------> WSGI middleware
                                                        the application it wraps
      InnerCall: a task <-- call_soon_threadsafe -----  begin()
        app(scope, receive, send)
        Head, Block ... ------------------------------> iterated by the WSGI middleware
      sends to the server <--- WsgiToAsgi's outbox ---  yielded to WsgiToAsgi
      waits for the InnerCall's end

What the thread in between would lose goes around it, through the `Link`: the news that the client
has left, contextvars that the application sets, keys that it adds to the scope (`endpoint`, `route`, which
tracing middleware reads), and what it raises after its response.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections import deque
from collections.abc import Awaitable
from typing import Any

from bridge.adapters.asgi_call import AsgiCall, Failure
from bridge.errors import ClientDisconnected, TaskCancelled
from bridge.protocol.asgi_response import Block, Head
from bridge.protocol.asgi_types import AsgiApp, Event, Receive, Scope
from bridge.protocol.environ import Environ

__all__ = ["InnerCall", "Link"]

logger = logging.getLogger("bridge.asgi")

_MISSING: Any = object()
_OURS = {"extensions", "raw_path", "wsgi_environ"}  # keys that revise_scope and WsgiMiddleware put there


class Link:
    """One request's way around the WSGI middleware; used on the loop, but for `environ` and `loop`."""

    __slots__ = (
        "_asking",
        "_calls",
        "_ended",
        "_left",
        "_news",
        "_receive",
        "_scope",
        "_unread",
        "_wants_news",
        "_watcher",
        "environ",
        "loop",
        "thread",
    )

    def __init__(self, scope: Scope, receive: Receive, loop: asyncio.AbstractEventLoop) -> None:
        self._scope = scope
        self._receive = receive
        self._calls: list[InnerCall] = []
        self._asking = False  # receive() is waiting for the server
        self._wants_news = False  # watch() has been called
        self._news = asyncio.Event()  # the watcher has taken something
        self._unread: deque[Event] = deque()  # what it took and nobody has asked for
        self._watcher: asyncio.Task[None] | None = None
        self._left = False  # the client has gone
        self._ended = False  # the request is over
        self.environ: Environ = {}  # as it was before the WSGI middleware
        self.loop = loop
        self.thread = threading.get_ident()  # the loop's

    # ------------------------------------------------------------ the server's news

    async def receive(self) -> Event:
        """Return the server's next event; the `receive` that WsgiToAsgi gets."""
        if self._watcher is not None:
            return await self._receive_watched()
        self._asking = True
        try:
            event = await self._receive()
        finally:
            self._asking = False
        self._note(event)
        if self._wants_news:
            self.watch()
        return event

    async def _receive_watched(self) -> Event:
        while not self._unread and not self._left:
            self._news.clear()
            await self._news.wait()
        return self._unread.popleft() if self._unread else {"type": "http.disconnect"}

    def watch(self) -> None:
        """Find out when the client leaves; called when the request's body has been read.

        Not beside a receive() of WsgiToAsgi's own: servers give an event to one of two.
        """
        self._wants_news = True
        if self._watcher is None and not (self._asking or self._left or self._ended):
            self._watcher = self.loop.create_task(self._watch())

    async def _watch(self) -> None:
        while not self._left:
            try:
                event = await self._receive()
            except Exception as error:
                logger.debug("receive() failed after the end of the body", exc_info=error)
                event = {"type": "http.disconnect"}
            self._note(event)
            if not self._left:
                self._unread.append(event)
            self._news.set()

    def _note(self, event: Event) -> None:
        if event["type"] == "http.disconnect" and not self._left:
            self._left = True
            for call in self._calls:
                call.client_left()

    # ------------------------------------------------------------ the calls of the application

    def admit(self, call: InnerCall) -> bool:
        """Take in a call that begins; False if the request is over."""
        if self._ended:
            return False
        self._calls.append(call)
        return True

    async def run(self, outer: Awaitable[None]) -> None:
        """Await `outer`, then the application's own end, as the server would without a middleware."""
        try:
            await outer
        except BaseException:
            for call in self._calls:
                call.break_off()
            raise
        finally:
            self._ended = True
            for call in self._calls:
                await call.end()
                call.hand_back(self._scope)
            if self._watcher is not None:
                self._watcher.cancel()
        for call in self._calls:
            if call.late_error is not None:
                raise call.late_error


class InnerCall(AsgiCall):
    """An `AsgiCall` on the loop of the request it belongs to."""

    __slots__ = ("_link", "context", "late_error")

    def __init__(self, app: AsgiApp, scope: Scope, link: Link, *, has_body: bool, high_water: int) -> None:
        super().__init__(app, scope, has_body=has_body, high_water=high_water, loop=link.loop, live=set())
        self._link = link
        self.context: contextvars.Context | None = (
            None  # the application's, when it last sent an end or a start
        )
        self.late_error: BaseException | None = None

    def start(self) -> None:
        """Run the application, unless its request has ended meanwhile."""
        if self._link.admit(self):
            super().start()
        else:
            self.items.put(Failure(ClientDisconnected("the application was to be called")))

    def client_left(self) -> None:
        """Tell the application that its client has gone, and end it if it streams.

        Before its response it is told only: no ASGI server cancels what a client's leaving must not
        undo half-way.
        """
        if self.is_streaming:
            self.break_off()
        else:
            self.lose_body()

    def break_off(self) -> None:
        """End the application, and let the thread that waits for it go."""
        self.items.put(Failure(ClientDisconnected("its response was being sent")))
        self.hang_up()

    async def end(self) -> None:
        """Wait until the application has returned; a stream that nobody reads any more is ended."""
        if self.is_streaming:
            self.break_off()
        if self.task is not None:
            await asyncio.wait([self.task])

    def hand_back(self, scope: Scope) -> None:
        """Add to `scope` the keys that the application, its router first of all, has added to its own."""
        for key, value in self._scope.items():
            if key not in _OURS:
                scope.setdefault(key, value)

    def adopt_context(self) -> None:
        """Make what the application has set in its context visible in this one."""
        for variable, value in (self.context or {}).items():
            if variable.get(_MISSING) is not value:
                variable.set(value)

    def _waits_for_disconnect(self) -> None:
        self._link.watch()

    def _put(self, item: Head | Block) -> None:
        if item.ended or isinstance(item, Head):
            self.context = contextvars.copy_context()
        super()._put(item)

    def _late_error(self, when: str, error: BaseException | None) -> None:
        if self.is_complete and not isinstance(error, TaskCancelled):
            self.late_error = error  # raised to the server, which would have got it without a middleware
        else:
            super()._late_error(when, error)
