"""The response on its way from the worker to the event loop.

    worker (thread or greenlet)                event loop (the request's coroutine)
    ---------------------------                ------------------------------------
    put(block) ... under the high-water mark   await wait()      idle = True
      first put while the loop is idle ------> wakes
    put, put, put                              take() -> all that piled up, joined
      above high_water: parks <--------------- room again: unparks
    complete(): no further byte                await send(...)   (puts go on meanwhile)
    finish(): close() has run                  take() -> ...

In the greenlet lane both sides are one task: `relay` sends, before `put` returns, what was put, or keeps it for
moments to join it with what follows. A slow client holds the application up by itself.

The loop is woken only if it is idle, so blocks that pile up while a send is in flight cost nothing
each; it never waits for more, so a block that stands alone leaves at once.

Every shared field is read and written with the lock held; requests of one loop share one lock, which
is held for moments.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.errors import ClientDisconnected
from bridge.executors.base import Crossing, Parker

__all__ = ["Batch", "Outbox"]


LARGE_BLOCK = 128 * 1024  # bytes; beyond it malloc maps new pages for every copy (measured)


@dataclass(slots=True)
class Batch:
    """What the loop takes out at once.

    `events` precede the body (early hints, the response start, a file by path); `body` is None
    when there is no body message to send; `complete` says that no body follows; `finished` that
    the worker is done with the request.
    """

    events: list[dict[str, Any]]
    body: bytes | None
    complete: bool
    finished: bool


class Outbox:
    """A bounded channel for one response.

    `high_water` is in bytes: a worker that has put that much more than the loop took waits.
    `failure` and `trailers` are the worker's to set, before `finish` and `complete`.
    """

    # Defaults stand in the class: a response that is one block changes three of them, and setting
    # them all in every instance was a tenth of what the bridge costs a request.
    aborted = False  # nobody takes any more: the client has gone, or the request was cancelled
    failure: BaseException | None = None
    trailers: list[tuple[bytes, bytes]] | None = None
    silent = False  # the application yields empty blocks: it is alive and may be waiting for something
    delayed = False  # it waits in the queue, which nobody expected
    _size = 0
    _complete = False  # no block follows
    _complete_taken = False
    _finished = False  # the worker is done with the request
    _idle = False  # the loop waits; whoever changes that to False wakes it
    _waiter: asyncio.Future[None] | None = None
    _relay: Callable[[], None] | None = None  # the greenlet lane: sends what is there
    _room: Parker | None = None  # a worker above the high-water mark
    _delivery: Parker | None = None  # a worker that waits until all has been sent

    def __init__(self, crossing: Crossing, high_water: int) -> None:
        self._crossing = crossing
        self._lock = crossing.lock
        self._high_water = high_water
        self._events: list[dict[str, Any]] = []
        self._blocks: list[bytes] = []

    # ------------------------------------------------------------ the worker's side

    def let_ahead(self, size: int) -> None:
        """Let the worker run `size` bytes ahead, if that is more than the high-water mark."""
        self._high_water = max(self._high_water, size)

    def put(self, block: bytes, *, start: dict[str, Any] | None = None, complete: bool = False) -> None:
        """Hand over a block; wait while `high_water` bytes have not been taken yet.

        `start` is the event that goes out before it; `complete` says that no block follows.
        Raises `ClientDisconnected` once nobody takes any more.
        """
        with self._lock:
            if self.aborted:
                raise ClientDisconnected("the response was being sent")
            relay = self._relay
            full = relay is None and self._size + len(block) >= self._high_water and not complete
            # First, as it may raise: then nothing has changed yet.
            room = self._crossing.parker() if full else None
            if start is not None:
                self._events.append(start)
            if block:
                self._blocks.append(block)
                self._size += len(block)
            self._complete = complete
            if room is not None:
                self._room = room
            wake = self._idle
            self._idle = False
        if relay is not None:
            relay()
        elif wake:
            self._crossing.post(self.wake)
        if room is not None:
            self._park(room, self._crossing.client_timeout)

    def put_whole(self, start: dict[str, Any], body: bytes) -> None:
        """Hand over a whole response at once, nothing of which was put before, and finish."""
        if self._relay is not None and not self.aborted:
            # One thread: nobody to wake, and no lock, which costs a fiftieth of what the bridge does for a request.
            self._events.append(start)
            self._blocks.append(body)
            self._complete = self._finished = True
            self._relay = None
            return
        with self._lock:
            if self.aborted:
                raise ClientDisconnected("the response was being sent")
            self._events.append(start)
            self._blocks.append(body)
            self._complete = self._finished = True
            wake = self._idle
            self._idle = False
        if wake:
            self._crossing.post(self.wake)

    def put_nothing(self) -> None:
        """Note an empty block: the loop looks after the client from the first one on.

        Raises `ClientDisconnected` once nobody takes any more.
        """
        if self.aborted:
            raise ClientDisconnected("the response was being sent")
        if not self.silent or self._relay is not None:
            self.silent = True
            self._wake_if_idle()

    def put_hint(self, event: dict[str, Any]) -> None:
        """Hand over an event that goes out before the response starts, at once."""
        with self._lock:
            self._events.append(event)
        self._wake_if_idle()

    def put_file(self, start: dict[str, Any], pathsend: dict[str, Any]) -> None:
        """Hand over a file by its path; wait until the server has taken it."""
        with self._lock:
            if self.aborted:
                raise ClientDisconnected("the response was being sent")
            self._events += [start, pathsend]
            self._complete = self._complete_taken = True  # no body message follows
            delivery = None if self._relay is not None else self._crossing.parker()
            self._delivery = delivery
        self._wake_if_idle()
        if delivery is not None:
            self._park(delivery)

    def admit(self) -> None:
        """Say that the request's task is to go on."""
        self._crossing.post(self.wake)

    def delay(self) -> None:
        """Say that the request has to wait in the queue, though it was to start at once."""
        self.delayed = True
        self._wake_if_idle()

    def refuse(self, error: BaseException) -> None:
        """Say that nothing will ever be put in here, and why."""
        self.failure = error
        self.finish()

    def finish(self) -> None:
        """Say that the worker is done with this request: `close()` has run."""
        with self._lock:
            self._finished = True
        self._relay = None  # who ran the application takes what is left
        self._wake_if_idle()

    def _wake_if_idle(self) -> None:
        if self._relay is not None:
            self._relay()
            return
        with self._lock:
            wake = self._idle
            self._idle = False
        if wake:
            self._crossing.post(self.wake)

    def _park(self, parker: Parker, timeout: float | None = None) -> None:
        """Wait for `take`, `delivered` or `abort`; each lets go of a parker once, early or late."""
        in_time = parker.park(timeout)
        if self.aborted:
            raise ClientDisconnected("the response was being sent")
        if not in_time:
            raise ClientDisconnected("the response was being sent", idle=timeout)

    # ------------------------------------------------------------ the event loop's side

    def arm(self) -> asyncio.Future[None]:
        """Return what to await until there is something to take, or `wake` is called.

        The loop counts as idle from here on: call it before the job is submitted.
        """
        waiter = self._waiter = self._crossing.loop.create_future()
        self._idle = True
        return waiter

    def relay_with(self, relay: Callable[[], None] | None) -> None:
        """Have `relay()` called, in the application, whenever there is something to send, until `finish`."""
        self._relay = relay
        self._idle = False

    @property
    def refused(self) -> bool:
        """Whether it is over before the application was called."""
        return self._finished

    @property
    def has_news(self) -> bool:
        """Whether there is something to send."""
        return bool(self._events or self._blocks or (self._complete and not self._complete_taken))

    def holds_less_than(self, size: int) -> bool:
        """Tell whether there are only blocks, of fewer bytes, of an application that goes on."""
        return self._size < size and not (self._events or self._complete or self.silent)

    def wake(self) -> None:
        """End `wait`."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def take_whole(self) -> tuple[dict[str, Any], bytes] | None:
        """Take start and body of a response that is complete, None if it is not that simple."""
        if not self._complete or not self._finished or self.failure or self.trailers is not None:
            return None
        if len(self._events) != 1 or len(self._blocks) != 1:
            return None
        return self._events[0], self._blocks[0]

    def take(self) -> Batch | asyncio.Future[None]:
        """Take all that is there; if there is nothing new, return what to await for it."""
        with self._lock:
            body = self._take_body()
            events = self._events
            if body is None and not events and not self._finished:
                return self.arm()
            if events:
                self._events = []
            room, self._room = self._room, None
            emptied = not self._blocks
            batch = Batch(events, body, emptied and self._complete, emptied and self._finished)
        if room is not None:
            room.unpark()
        return batch

    def _take_body(self) -> bytes | None:
        """Return the body message's bytes, None when there is no message to send.

        Blocks are joined, but for large ones, which it costs more to copy than to send alone.
        """
        blocks = self._blocks
        if not blocks:
            if not self._complete or self._complete_taken:
                return None
            self._complete_taken = True
            return b""
        if len(blocks) == 1 or len(blocks[0]) >= LARGE_BLOCK:
            body = blocks.pop(0)
        else:
            body = b"".join(blocks)
            self._blocks = blocks = []
        self._size -= len(body)
        self._complete_taken = self._complete and not blocks
        return body

    def delivered(self) -> None:
        """Say that all that was taken has been sent."""
        with self._lock:
            delivery, self._delivery = self._delivery, None
        if delivery is not None:
            delivery.unpark()

    def abort(self) -> None:
        """Take nothing any more: the next `put` raises `ClientDisconnected`, a waiting one too."""
        with self._lock:
            self.aborted = True
            self._blocks = []
            self._size = 0
            parkers = [parker for parker in (self._room, self._delivery) if parker is not None]
            self._room = self._delivery = None
        for parker in parkers:
            parker.unpark()
