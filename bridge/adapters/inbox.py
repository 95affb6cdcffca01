"""The request body on its way from the server to the application.

    server          event loop: the pump task            worker
    ------          -------------------------            ------
    receive() ----> append, until `window` bytes         pull(): all that is there,
                    wait for room  <-- took half away -- or park until the pump unparks
    http.disconnect -> ClientDisconnected for the reader, `on_disconnect` for the exchange

The pump starts before the application if a body is announced, so that a slow upload waits here and
not in a thread; with `Expect: 100-continue` it starts when the application reads, because
asking the server for the body is what makes it send the 100 (RFC 9110 section 10.1.1).
It holds at most `window` bytes and one message of the server's. While it waits for room it can't
hear that the client has gone: an application that streams and never reads its body would stream
for ever. So, once that news is wanted, it takes one message more after a second, after two, four, ...:
a departure is heard after twice the time at most, and the memory grows with the logarithm of the time.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from _thread import allocate_lock  # a real one: the cooperative layer replaces threading.Lock
from collections.abc import Callable, Coroutine
from typing import Any

from bridge.errors import ClientDisconnected
from bridge.executors.base import Crossing, Parker
from bridge.protocol.asgi_types import Event, Receive

__all__ = ["Inbox"]

logger = logging.getLogger("bridge.http")

FIRST_PROBE = 1.0  # seconds; arbitrary: a client that leaves at once is found at once


class Inbox:
    """The body of one request, and the news that its client has gone.

    `window` is in bytes. `on_disconnect` is called on the loop, once, when the server says so.
    """

    __slots__ = (
        "_blocks",
        "_crossing",
        "_ended",
        "_failure",
        "_lock",
        "_on_disconnect",
        "_parker",
        "_probe_after",
        "_receive",
        "_room",
        "_settled",
        "_size",
        "_stopped",
        "_task",
        "_watching",
        "_window",
        "disconnected",
    )

    def __init__(
        self,
        receive: Receive,
        crossing: Crossing,
        *,
        window: int,
        on_disconnect: Callable[[], None],
    ) -> None:
        self._receive = receive
        self._crossing = crossing
        self._window = window
        self._on_disconnect = on_disconnect
        self._lock = allocate_lock()
        self._blocks: list[bytes] = []
        self._size = 0
        self._ended = False
        self._failure: BaseException | None = None
        self._parker: Parker | None = None  # a reader that waits for bytes
        self._room: asyncio.Future[None] | None = None  # the pump, waiting for room
        self._settled: asyncio.Future[None] | None = None  # prefetch(), waiting for the window
        self._task: asyncio.Task[None] | None = None
        self._watching = False
        self._probe_after = FIRST_PROBE
        self._stopped = False
        self.disconnected = False

    # ------------------------------------------------------------ the worker's side

    def pull(self) -> bytes:
        """Return the bytes that are there, waiting for some; b"" at the end of the body.

        Raises `ClientDisconnected` when the client went away, or the request ended, before the end
        of the body: a broken upload must never look like a complete one.
        """
        while True:
            with self._lock:
                if self._blocks:
                    return self._take_blocks()
                if self._failure is not None:
                    raise self._failure
                if self._ended:
                    return b""
                parker = self._parker = self._crossing.parker()
            if self._task is None:
                self._crossing.post(self.start)
            patience = self._crossing.client_timeout
            if not parker.park(patience) and patience is not None:
                self._give_up(parker, patience)

    def _give_up(self, parker: Parker, patience: float) -> None:
        """Take the client for gone, unless something has come at the last moment."""
        with self._lock:
            if self._parker is parker:
                self._parker = None
                self._failure = ClientDisconnected("the request body was being read", idle=patience)

    def _take_blocks(self) -> bytes:
        blocks, self._blocks = self._blocks, []
        self._size = 0
        if self._room is not None:
            self._crossing.post(self._make_room)
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    # ------------------------------------------------------------ the event loop's side

    @property
    def ended(self) -> bool:
        """Whether the whole body has arrived."""
        return self._ended

    @property
    def size(self) -> int:
        """Bytes that are here and not read yet."""
        return self._size

    def start(self) -> None:
        """Start the pump if it does not run yet."""
        if self._stopped:
            return
        if self._task is None or (self._watching and self._task.done()):
            self._task = _eager_task(self._pump(), self._crossing.loop)

    def watch(self) -> None:
        """Go on asking the server after the body's end, for the news of a disconnect."""
        if not self._watching:
            self._watching = True
            self.start()
            if self._room is not None:
                self._probe_later()

    async def prefetch(self, patience: float) -> None:
        """Wait until the body, or a window full of it, is here; at most `patience` seconds."""
        self.start()
        if self._settled_already():
            return
        await asyncio.sleep(0)  # lets a task that could not start eagerly take what is there
        if self._settled_already() or not patience:
            return
        self._settled = self._crossing.loop.create_future()
        timer = self._crossing.loop.call_later(patience, _resolve, self._settled)
        try:
            await self._settled
        finally:
            timer.cancel()

    def stop(self) -> None:
        """Stop asking the server; called when the request is over.

        A reader that still waits, or comes later, gets the error: nobody would ever wake it.
        """
        self._stopped = True
        self._end(None)
        self._on_disconnect = _nothing  # no reference cycle with the exchange
        task, self._task = self._task, None  # nor with the task, whose exception has our frame
        if task is not None and not task.done():
            task.cancel()

    def _settled_already(self) -> bool:
        return self._ended or self._failure is not None or self._size >= self._window

    async def _pump(self) -> None:
        try:
            while not self._ended and not self.disconnected:
                await self._wait_for_room()
                self._accept(await self._receive())
            if self._watching and not self.disconnected:
                # After the body only a disconnect can come. A receive that says something else is
                # not asked again: it might answer at once, for ever.
                self._accept(await self._receive())
        except Exception as error:
            if isinstance(error, OSError) or not self._ended:
                self._fail(error)
            else:  # the body is whole; only the news of a disconnect is lost
                logger.debug("receive() failed after the end of the body", exc_info=error)
        except BaseException:  # cancelled by stop(), or by the server's receive(): a reader must know
            if not self._stopped:
                self._fail(None)
            raise

    async def _wait_for_room(self) -> None:
        with self._lock:
            if self._size < self._window:
                return
            room = self._room = self._crossing.loop.create_future()
        if self._watching:
            self._probe_later()
        await room

    def _probe_later(self) -> None:
        """Take one message beyond the window after a while: it may say that the client has gone."""
        self._crossing.loop.call_later(self._probe_after, _resolve, self._room)
        self._probe_after *= 2

    def _accept(self, message: Event) -> None:
        if message["type"] == "http.disconnect":
            self._fail(None)
            return
        block = message.get("body", b"")
        with self._lock:
            if block and not self._ended and self._failure is None:
                self._blocks.append(block)
                self._size += len(block)
            self._ended = self._ended or not message.get("more_body", False)
            parker, self._parker = self._parker, None
        self._tell(parker)

    def _fail(self, cause: BaseException | None) -> None:
        """Note that the client has gone, and tell the exchange."""
        self.disconnected = True
        self._end(cause)
        self._on_disconnect()

    def _end(self, cause: BaseException | None) -> None:
        """Note that no more will come: the reader, if the body is not whole, gets an OSError."""
        with self._lock:
            if not self._ended and self._failure is None:
                self._failure = ClientDisconnected("the request body was being read")
                self._failure.__cause__ = cause
            parker, self._parker = self._parker, None
        self._tell(parker)

    def _tell(self, parker: Parker | None) -> None:
        if parker is not None:
            parker.unpark()
        if self._settled is not None and self._settled_already():
            _resolve(self._settled)

    def _make_room(self) -> None:
        with self._lock:
            room, self._room = self._room, None
        if room is not None:
            _resolve(room)


def _nothing() -> None:
    pass


def _resolve(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)


def _eager_task(coroutine: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> asyncio.Task[None]:
    """Start a task that runs to its first wait at once, where Python can (3.12+)."""
    if sys.version_info >= (3, 12):
        return asyncio.Task(coroutine, loop=loop, eager_start=True)
    return loop.create_task(coroutine)
