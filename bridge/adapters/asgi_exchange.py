"""The WSGI thread's side of a request on the way back: one response, as an iterable of blocks.

    WSGI thread                              event loop (bridge.adapters.asgi_call)
    -----------                              ----------
    begin() ---- call_soon_threadsafe -----> task: app(scope, receive, send)
    head()  waits                            receive(): the body is read over there,
       <---------- READ -------------------- only when the application asks for it
       reads wsgi.input -------------------> http.request
       <---------- Head, Block, Block ------ send(): waits only while more than high_water
    next()                                   bytes lie between the two
       <---------- Failure, RETURNED ------- the application has ended
    close() before the end ----------------> http.disconnect, task.cancel()

A response that comes as one event costs one wake-up of the loop and one of the thread.

Guarantees
- Whatever happens to the application, the thread gets an item: it never waits for a task that has ended.
- `close()`, and any exception in the thread, ends the application: receive() gives http.disconnect, the
  task is cancelled, and what it still sends is dropped once and raises `ClientDisconnected` from then on.
- After the end of the response receive() gives http.disconnect, and what is sent is ignored.

A limit of WSGI's own: while the thread waits for a slow upload it can't send, so an application
that reads and writes at the same time does so in turns.
"""

from __future__ import annotations

import functools
import logging
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bridge.adapters.asgi_call import AsgiCall, Failure, Signal, settle
from bridge.protocol.asgi_response import Block, Head
from bridge.protocol.input_reader import InputReader

__all__ = ["AsgiExchange", "Waiting"]

logger = logging.getLogger("bridge.asgi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How long a thread waits for an application that goes on after its response.

    `wait_time` in seconds, None for as long as it runs; `cancel_late` cancels what runs longer.
    """

    wait_time: float | None = 0.0
    cancel_late: bool = False


_NO_WAIT = Waiting()


class AsgiExchange:
    """The iterable that the WSGI server gets; `head()` first, then iterate, then `close()`."""

    __slots__ = ("_call", "_ended", "_first", "_reader", "_waiting", "body_lost")

    def __init__(self, call: AsgiCall, reader: InputReader | None, waiting: Waiting) -> None:
        self._call = call
        self._reader = reader
        self._waiting = waiting
        self._first: Head | None = None  # taken by head() and not by next() yet
        self._ended = False  # the last block has been taken, or an error raised, or close() called
        self.body_lost = False  # the client went away while it was sending its body

    @property
    def waits(self) -> bool:
        """Whether the thread waits for the application after the end of its response."""
        return self._waiting != _NO_WAIT

    def head(self) -> Head:
        """Wait for the start of the response and its first block, which will be the iterable's first.

        Raises what the application raised, `ReturnedTooEarly` if it returned without, and what
        reading `wsgi.input` raised.
        """
        head = self._next_item()
        assert isinstance(head, Head)
        self._first = head
        return head

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """Wait for the next block; raises as `head` does, so that the server breaks the response off."""
        if self._first is not None:
            block, self._first = self._first.block, None
            return block
        while not self._ended:
            block = self._next_item().block
            if block:
                return block
        self._wait()
        raise StopIteration

    def close(self) -> None:
        """End the application if its response has not been taken to its end."""
        if not self._ended:
            self._give_up()
            self._tell(self._call.hang_up)

    def _give_up(self) -> None:
        self._ended = True
        self._waiting = _NO_WAIT

    def _next_item(self) -> Head | Block:
        items = self._call.items
        try:
            while (item := items.get()) is Signal.READ:
                self._read()
        except BaseException:
            # Raised by wsgi.input; or from outside: gunicorn's time limit is a SystemExit out of
            # a signal handler, gevent's an exception thrown into the greenlet.
            self.close()
            raise
        if isinstance(item, Failure):
            self._give_up()
            error = item.error
            try:
                raise error
            finally:
                del error, item  # its traceback has this frame: a cycle that would keep the application's
        assert isinstance(item, (Head, Block))
        self._ended = item.ended
        if not item.ended and (waiters := self._call.flow.took(len(item.block))):
            self._tell(settle, waiters)
        return item

    def _read(self) -> None:
        """Read a part of the body and hand it over; an OSError means that the client has gone."""
        assert self._reader is not None
        try:
            block = self._reader.read()
        except OSError as error:
            logger.debug("%s: the request body broke off: %r", self._call, error)
            self.body_lost = True
            self._tell(self._call.lose_body)
        else:
            self._tell(functools.partial(self._call.deliver, block, ended=self._reader.ended))

    def _wait(self) -> None:
        """Wait, after the response's end, for the application to return; only once."""
        limit, cancel = self._waiting.wait_time, self._waiting.cancel_late
        self._waiting = _NO_WAIT
        if limit == 0 and not cancel:
            return
        try:
            while self._call.items.get(timeout=limit) is not Signal.RETURNED:
                pass  # a READ from before the end: its application gets http.disconnect
        except queue.Empty:
            if cancel:
                self._tell(self._call.cancel)

    def _tell(self, callback: Callable[..., None], *args: Any) -> None:
        try:
            self._call.loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:  # the loop is closed, and with that the task has ended, which came as an item
            logger.debug("%s: the event loop is closed", self._call)


def begin(call: AsgiCall) -> None:
    """Start an application on its loop, in a copy of this thread's contextvars."""
    call.loop.call_soon_threadsafe(call.start)
