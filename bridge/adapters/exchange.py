"""One HTTP request and its response, on the event loop's side.

    server                exchange (event loop)                     executor
    ------                ---------------------                     --------
    scope -------------->  environ (pure)
    receive() --- Inbox -> a window of the body, if one comes
                           submit ---------------------------------> WsgiCall.run()
    send() <------------   take what is in the Outbox <------------- start, blocks, end
                           (an idle loop is woken, a busy one looks by itself)

A response that is a list costs two hops: one in, one out.

In the greenlet lane the request's task runs the application itself (`_begin`), so there is no hop at all, and what
the application sends is sent in its greenlet (`relay`); the task takes over where sending has to wait.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable
from typing import Any

from bridge.adapters.answers import BUSY, TIMED_OUT, ErrorResponse, send_answer
from bridge.adapters.extensions import offer_extensions
from bridge.adapters.inbox import Inbox
from bridge.adapters.options import Route
from bridge.adapters.outbox import Batch, Outbox
from bridge.adapters.relay import Relay
from bridge.adapters.wsgi_call import WsgiCall
from bridge.errors import ClientDisconnected, ExecutorError, LoopWouldBlock, QueueTimeout
from bridge.executors.base import QUEUED, Crossing, InTask, Parker
from bridge.protocol.asgi_types import Receive, Send
from bridge.protocol.body import RequestBody
from bridge.protocol.environ import Environ, has_body

__all__ = ["Exchange"]

logger = logging.getLogger("bridge.http")


class Exchange:
    """Runs one call of the application on an executor, and relays what it sends."""

    # Defaults stand in the class: most requests never change them.
    _gone = False  # nobody listens any more: the client went away, or the request was cancelled
    _over = False  # this exchange has ended
    _started = False  # the response's start has been sent
    _sent_all = False  # so has its last byte
    _trailers = False  # the server expects trailers after it
    _expects_continue = False  # asking for the body is what makes the server send 100
    _asked_about_disconnect = False
    _asking: Parker | None = None  # a worker that waits for the server's word on the client
    _task: asyncio.Task[Any] | None = None  # greenlet lane: this request's, while the application waits
    _interrupted = False  # greenlet lane: the application was cancelled because the client has gone
    _withdrawn = False  # it left the queue, so it will never run
    _told_by_inbox = False  # the application waits for its body: that ends with a ClientDisconnected
    _send_failure: BaseException | None = None  # greenlet lane: what `send` raised, not because of the client
    _timer: asyncio.TimerHandle | None = None  # ends the wait in the queue
    _inbox: Inbox | None = None  # made when it is needed: most requests have no body

    def __init__(
        self, route: Route, crossing: Crossing, environ: Environ, receive: Receive, send: Send
    ) -> None:
        self._executor = route.executor
        self._crossing = crossing
        self._options = options = route.options
        self._receive = receive
        self._send = send
        self._outbox = Outbox(crossing, options.high_water)
        in_task = crossing.in_task is not None
        self._call = WsgiCall(
            route.app, environ, self._outbox, crossing.loop, options.on_error, in_task=in_task
        )
        environ["wsgi.input"] = self._call.body = RequestBody(self._pull)
        environ["wsgi.errors"] = sys.stderr
        environ["bridge.disconnected"] = self._disconnected
        extensions = environ["asgi.scope"].get("extensions")
        if extensions:
            offer_extensions(environ, extensions, self._call, crossing)

    # ------------------------------------------------------------ before the application runs

    async def prefetch(self, environ: Environ, length: int | None) -> None:
        """Wait for the body's first window, off the worker; `length` is what the headers say.

        Where that is nothing, or not what has come (middleware may have changed the body), the true
        length is told. Not under `Expect: 100-continue`: there, asking for the body is the
        application's decision.
        """
        options = self._options
        inbox = self._need_inbox()
        self._expects_continue = environ.get("HTTP_EXPECT", "").lower() == "100-continue"
        if not self._expects_continue:
            try:
                await inbox.prefetch(options.body_wait)
            except BaseException:  # cancelled: nobody else would stop the pump
                inbox.stop()
                raise
        self._call.body_is_here = inbox.ended
        if length is None and not options.spool_chunked:
            return
        if not inbox.ended:
            if length is None:
                self._call.spool = options.spool_memory, options.spool_limit
        elif inbox.size != length and (inbox.size or has_body(environ)):
            environ["CONTENT_LENGTH"] = str(inbox.size)

    # ------------------------------------------------------------ running it

    async def run(self) -> None:
        """Hand the call to the executor and relay its response; returns when both are done."""
        outbox = self._outbox
        try:
            in_task = self._crossing.in_task
            try:
                rest = self._hand_over() if in_task is None else self._begin(in_task)
            except ExecutorError as error:
                await self._refuse(error)
                return
            if rest is not None:
                await rest
            if self._send_failure is not None:
                raise self._send_failure  # noqa: TRY301 - the handler below is for this, too
            if self._sent_all and outbox.failure is None:
                return  # greenlet lane: by the relay
            whole = outbox.take_whole()
            if whole is None or self._gone:
                await self._relay()
                await self._settle_failure()
                return
            self._call.adopt_context()
            start, body = whole
            self._started = True
            await self._send(start)
            self._sent_all = True
            await self._send({"type": "http.response.body", "body": body, "more_body": False})
        except BaseException as error:
            self._end_early(error)
        finally:
            self._over = True
            if self._inbox is not None or self._asking is not None:
                self._stop_listening()

    def _hand_over(self) -> Awaitable[None]:
        """Give the call to a thread; return what to await until it has put something into the outbox."""
        waiter = self._outbox.arm()
        if not self._executor.submit(self._call):
            self._wait_in_queue()
        return waiter

    def _begin(self, in_task: InTask) -> Awaitable[None] | None:
        """Run the application in this very task; return what to await for its end, None if it has ended."""
        self._outbox.relay_with(self._send_now)
        rest = in_task.start(self._call)
        if rest is None:
            return None
        return self._carry_later(in_task) if rest is QUEUED else self._carry(rest)

    async def _carry_later(self, in_task: InTask) -> None:
        """Wait in the queue, then run the application."""
        outbox = self._outbox
        outbox.relay_with(None)
        waiter = outbox.arm()
        self._wait_in_queue()
        if not outbox.refused:  # by another thread perhaps, before the waiter was there
            await waiter
        if not outbox.refused and not self._withdrawn:
            outbox.relay_with(self._send_now)
            rest = in_task.run(self._call)
            if rest is not None:
                await self._carry(rest)

    async def _carry(self, rest: Awaitable[None]) -> None:
        """Let the application go on each time that it has what it waits for."""
        self._task = task = asyncio.current_task()
        try:
            await rest
        except asyncio.CancelledError:
            if not self._interrupted or _still_cancelled(task):
                raise
        finally:
            self._task = None

    def _send_now(self) -> None:
        """Send the response's first news; from here on the relay is asked."""
        in_task = self._crossing.in_task
        assert in_task is not None
        relay = Relay(self._outbox, in_task.await_, self)
        self._outbox.relay_with(relay)
        self._call.before_wait = relay.before_wait
        relay()

    def lost(self, error: Exception) -> None:
        """Take nothing more from the application; what was not the client's doing is raised by `run`."""
        self._gone = True
        self._outbox.abort()
        if not isinstance(error, OSError):
            self._send_failure = error

    def watch(self) -> None:
        """Learn when the client goes."""
        self._need_inbox().watch()

    def _interrupt(self) -> None:
        """Cancel what the application waits for: nobody wants its answer.

        Not where it is told otherwise, and means to end in its own way: it has asked about its client, or
        reads the body.
        """
        told = self._asked_about_disconnect or self._told_by_inbox
        if self._task is not None and not self._interrupted and not told:
            self._interrupted = True
            self._task.cancel("the client closed the connection")

    def _stop_listening(self) -> None:
        """Ask the server nothing more; let go of a worker that waits for an answer."""
        if self._asking is not None:
            self._answer_asker()
        if self._inbox is not None:
            self._inbox.stop()
        if self._timer is not None:
            self._timer.cancel()

    def _end_early(self, error: BaseException) -> None:
        """Let go of the worker, whatever happened; raise what is not ours to handle."""
        from_application = error is self._outbox.failure
        self._gone = True
        self._outbox.abort()
        self._call.drop_pending_error()
        self._executor.withdraw(self._call, expired=False)
        if from_application or not isinstance(error, OSError):
            raise error
        # `send` failed: the client has gone (ASGI specification, "Disconnected Client")

    async def _refuse(self, error: ExecutorError) -> None:
        logger.warning("%s: 503: %s", self._call.describe(), error)
        await send_answer(self._send, BUSY, self._call.method)

    def _wait_in_queue(self) -> None:
        """Leave the queue when the time is up, or the client has gone."""
        if not self._expects_continue:
            self._need_inbox().watch()
        timeout = self._executor.queue_timeout
        if timeout is not None:
            self._timer = self._crossing.loop.call_later(timeout, self._expire, timeout)

    def _expire(self, timeout: float) -> None:
        if self._executor.withdraw(self._call, expired=True):
            self._outbox.refuse(QueueTimeout(timeout))

    def _on_disconnect(self) -> None:
        """Stop the application at its next block; forget the request if it has not begun."""
        if self._sent_all or self._over:
            return
        self._gone = True
        self._outbox.abort()
        self._withdrawn = self._executor.withdraw(self._call, expired=False)
        self._outbox.wake()
        self._interrupt()

    async def _relay(self) -> None:
        """Send what the worker puts into the outbox, until it is done or the client has gone."""
        outbox = self._outbox
        while not self._gone:
            batch = outbox.take()
            if not isinstance(batch, Batch):
                if outbox.silent:
                    self._need_inbox().watch()
                if outbox.delayed and self._timer is None:
                    self._wait_in_queue()
                await batch
                continue
            await self.send_batch(batch)
            if batch.finished:
                return

    async def send_batch(self, batch: Batch) -> None:
        """Send what was taken from the outbox."""
        if batch.events or batch.finished:
            self._call.adopt_context()
        for event in batch.events:
            if event["type"] == "http.response.start":
                self._started = True
                self._trailers = event.get("trailers", False)
            await self._send(event)
        if self._started and not batch.complete:
            self._need_inbox().watch()  # it streams: learn when nobody listens any more
        if batch.body is not None:
            complete = batch.complete
            self._sent_all = complete and not self._trailers
            body = {"type": "http.response.body", "body": batch.body, "more_body": not complete}
            await self._send(body)
        if batch.complete:
            await self._send_end()

    async def _send_end(self) -> None:
        if self._trailers:
            self._trailers = False
            headers = self._outbox.trailers or []
            await self._send({"type": "http.response.trailers", "headers": headers})
        self._sent_all = True
        self._outbox.delivered()

    # ------------------------------------------------------------ when it fails

    async def _settle_failure(self) -> None:
        """Let an asynchronous `on_error` answer, or break the connection off by raising."""
        outbox = self._outbox
        pending, self._call.pending_error = self._call.pending_error, None
        if pending is not None:
            try:
                answer = await pending
            except Exception as error:
                outbox.failure = error  # so that an OSError of it isn't taken for one of `send`
                raise
            if not self._started and not self._gone:
                await send_answer(self._send, answer or ErrorResponse(), self._call.method)
        elif isinstance(outbox.failure, ExecutorError) and not self._started:
            await self._refuse(outbox.failure)
        elif _was_idle(outbox.failure) and not self._started and not self._gone:
            await send_answer(self._send, TIMED_OUT, self._call.method)
        elif outbox.failure is not None and not self._gone:
            raise outbox.failure

    # ------------------------------------------------------------ called by the application

    def _pull(self) -> bytes:
        inbox = self._need_inbox()
        if self._over:  # just now perhaps, and run() saw no inbox: it sets the one, then looks at the other
            inbox.stop()
        self._told_by_inbox = True
        try:
            return inbox.pull()
        finally:
            self._told_by_inbox = False

    def _need_inbox(self) -> Inbox:
        """Return the inbox; the worker may be the one that makes it, by reading."""
        with self._crossing.lock:
            if self._inbox is None:
                if self._over:
                    raise ClientDisconnected("the request body was being read")
                self._inbox = Inbox(
                    self._receive,
                    self._crossing,
                    window=self._options.body_window,
                    on_disconnect=self._on_disconnect,
                )
            return self._inbox

    def _disconnected(self) -> bool:
        """Whether the client has gone; `environ["bridge.disconnected"]`.

        The first call asks the server and waits for what it knows now; from then on the news
        comes by itself and a call costs nothing.
        """
        if not self._asked_about_disconnect and not self._gone and not self._over:
            self._asked_about_disconnect = True
            try:
                parker = self._asking = self._crossing.parker()
            except LoopWouldBlock:  # an `async def` view: it can't wait, the news comes by itself
                self._need_inbox().watch()
            else:
                self._crossing.post(self._ask_server)
                if not self._over:  # else nobody may be left to answer; run() looks the other way round
                    parker.park()
        return self._gone or (self._inbox is not None and self._inbox.disconnected)

    def _ask_server(self) -> None:
        if not self._over:
            self._need_inbox().watch()
        self._crossing.loop.call_soon(self._answer_asker)  # after the pump's first step

    def _answer_asker(self) -> None:
        parker, self._asking = self._asking, None
        if parker is not None:
            parker.unpark()


def _still_cancelled(task: asyncio.Task[Any] | None) -> bool:
    """Take our own cancellation back; tell whether there was another one (Python 3.10 can't)."""
    uncancel = getattr(task, "uncancel", None)
    return uncancel is not None and uncancel() > 0


def _was_idle(failure: BaseException | None) -> bool:
    """Whether it was given up after `client_timeout`, the client being there still."""
    return isinstance(failure, ClientDisconnected) and failure.idle is not None
