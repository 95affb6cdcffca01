"""The response on its way from the worker to the event loop.

    worker (thread or greenlet)                event loop (the request's coroutine)
    ---------------------------                ------------------------------------
    put(block) ... under the high-water mark   await wait()      idle = True
      first put while the loop is idle ------> wakes
    put, put, put                              take() -> all that piled up, joined
      above high_water: parks <--------------- room again: unparks
    complete(): no further byte                await send(...)   (puts go on meanwhile)
    finish(): close() has run                  take() -> ...

The loop is woken only if it is idle, so blocks that pile up while a send is in flight cost nothing
each; it never waits for more, so a block that stands alone leaves at once.

Every shared field is read and written with the lock held.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Any

from bridge.errors import ClientDisconnected
from bridge.executors.base import Crossing, Parker

__all__ = ["Batch", "Outbox"]


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

    __slots__ = (
        "_blocks",
        "_complete",
        "_complete_taken",
        "_crossing",
        "_delivery",
        "_events",
        "_finished",
        "_high_water",
        "_idle",
        "_lock",
        "_room",
        "_size",
        "_waiter",
        "aborted",
        "failure",
        "trailers",
    )

    def __init__(
        self,
        crossing: Crossing,
        high_water: int,
    ) -> None:
        self._crossing = crossing
        self._high_water = high_water
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self._blocks: list[bytes] = []
        self._size = 0
        self._complete = self._complete_taken = self._finished = False
        self._idle = False
        self._waiter: asyncio.Future[None] | None = None
        self._room: Parker | None = None  # a worker above the high-water mark
        self._delivery: Parker | None = None  # a worker that waits until all has been sent
        self.aborted = False  # nobody takes any more: the client has gone, or a cancellation
        self.failure: BaseException | None = None
        self.trailers: list[tuple[bytes, bytes]] | None = None

    # ------------------------------------------------------------ the worker's side

    def put(self, block: bytes, *, start: dict[str, Any] | None = None, complete: bool = False) -> None:
        """Hand over a block; wait while `high_water` bytes have not been taken yet.

        `start` is the event that goes out before it; `complete` says that no block follows.
        Raises `ClientDisconnected` once nobody takes any more.
        """
        room = None
        with self._lock:
            if self.aborted:
                raise ClientDisconnected("the response was being sent")
            if start is not None:
                self._events.append(start)
            if block:
                self._blocks.append(block)
                self._size += len(block)
            self._complete = complete
            wake = self._idle
            self._idle = False
            if self._size >= self._high_water and not complete:
                room = self._room = self._crossing.parker()
        if wake:
            self._crossing.post(self.wake)
        if room is not None:
            self._park(room)

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
            delivery = self._delivery = self._crossing.parker()
        self._wake_if_idle()
        self._park(delivery)

    def finish(self) -> None:
        """Say that the worker is done with this request: `close()` has run."""
        with self._lock:
            self._finished = True
        self._wake_if_idle()

    def _wake_if_idle(self) -> None:
        with self._lock:
            wake = self._idle
            self._idle = False
        if wake:
            self._crossing.post(self.wake)

    def _park(self, parker: Parker) -> None:
        """Wait for `take`, `delivered` or `abort`; each lets go of a parker once, early or late."""
        parker.park()
        if self.aborted:
            raise ClientDisconnected("the response was being sent")

    # ------------------------------------------------------------ the event loop's side

    def arm(self) -> None:
        """Say that the loop is idle from now on; to be called before the job is submitted."""
        self._waiter = self._crossing.loop.create_future()
        self._idle = True

    async def wait(self) -> None:
        """Wait until there is something to take, or `wake` is called; `arm` comes before."""
        if self._waiter is not None:
            await self._waiter

    def wake(self) -> None:
        """End `wait`."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def take(self) -> Batch | None:
        """Take all that is there; None, and armed again, when there is nothing new."""
        with self._lock:
            body = self._take_body()
            events = self._events
            if body is None and not events and not self._finished:
                self.arm()
                return None
            if events:
                self._events = []
            room, self._room = self._room, None
            batch = Batch(events, body, self._complete, self._finished)
        if room is not None:
            room.unpark()
        return batch

    def _take_body(self) -> bytes | None:
        """Return the body message's bytes, None when there is no message to send."""
        blocks = self._blocks
        if blocks:
            self._blocks = []
            self._size = 0
        elif not self._complete or self._complete_taken:
            return None
        self._complete_taken = self._complete
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

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
