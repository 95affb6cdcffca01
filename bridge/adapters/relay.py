"""The greenlet lane's way out: what the application puts is sent by its own greenlet, in the request's task.

    application (greenlet)                       the request's task (driver)
    ----------------------                       ---------------------------
    put(block) -> Relay() -> send(block)
    ... DIRECT blocks later, within one turn:
    put, put, put                                nothing is sent: a send is in flight
      JOINED bytes, or TURN is over: send(all)
    sleep(1) ----------------------------------> before_wait(): send(all), then await

A server hands bytes to the system when its loop has its turn (uvloop), or sends each block by a system call of its
own (asyncio). So until the loop has had a turn, the first send is still in flight, and the blocks behind it are
joined. Nothing waits for more: whatever lets the loop go on, sends first. The first DIRECT blocks of a turn
go out each by itself, so what stands alone leaves at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

from bridge.adapters.outbox import Batch, Outbox
from bridge.errors import ClientDisconnected

__all__ = ["Relay", "Sender"]

TURN = 0.005  # seconds that a stream may hold the loop; arbitrary, as long as a thread may hold the GIL
DIRECT = 8  # blocks; arbitrary: an application that puts more within one turn is not waiting between them
JOINED = 64 * 1024  # bytes; as much as uvicorn takes before `send` waits for the client


class Sender(Protocol):
    """Who has the server's `send`: the exchange."""

    async def send_batch(self, batch: Batch) -> None:
        """Send what was taken from the outbox."""

    def lost(self, error: Exception) -> None:
        """Learn that `send` has failed: nobody listens any more."""

    def watch(self) -> None:
        """Learn when the client goes."""


class Relay:
    """Sends for one response, when it is called and before the application waits."""

    def __init__(
        self, outbox: Outbox, await_: Callable[[Coroutine[Any, Any, Any]], Any], sender: Sender
    ) -> None:
        self._outbox = outbox
        self._await = await_
        self._sender = sender
        self._sending = False
        self._direct = DIRECT
        self._turn_at = 0.0  # when a stream that never waits lets others run; time.monotonic()

    def __call__(self) -> None:
        """Send what is in the outbox, unless it is to be joined with what follows.

        Raises `ClientDisconnected` when the client has gone.
        """
        if self._direct <= 0 and self._outbox.holds_less_than(JOINED) and time.monotonic() < self._turn_at:
            return
        self._await(self._send_and_take_turns())

    def before_wait(self) -> Awaitable[None] | None:
        """Return what to await before the application's wait, which lets the loop go on; None: nothing is left."""
        if self._sending:  # it is `send` that waits
            return None
        self._direct = DIRECT
        return self._flush() if self._outbox.has_news else None

    async def _flush(self) -> None:
        with suppress(ClientDisconnected):  # the application hears it when it sends again, not where it waits
            await self._send()

    async def _send_and_take_turns(self) -> None:
        complete = await self._send()
        self._direct -= 1
        if self._outbox.silent:
            self._sender.watch()
        if not complete:
            await self._take_turns()

    async def _send(self) -> bool:
        """Send all that is there; tell whether that was the end of it. Raises `ClientDisconnected`."""
        outbox = self._outbox
        complete = False
        self._sending = True
        try:
            while outbox.has_news:
                batch = outbox.take()
                assert isinstance(batch, Batch)
                await self._sender.send_batch(batch)
                complete = batch.complete
        except Exception as error:  # the client has gone (OSError), or the server is at fault
            self._sender.lost(error)
            raise ClientDisconnected("the response was being sent") from error
        finally:
            self._sending = False
        return complete

    async def _take_turns(self) -> None:
        """Let other requests run, now and then: a `send` that never waits gives them no chance.

        The clock is not the loop's: uvloop's stands still until others run.
        """
        if self._outbox.silent or time.monotonic() >= self._turn_at:
            await asyncio.sleep(0)
            self._turn_at = time.monotonic() + TURN
            self._direct = DIRECT
