"""HTTP scopes: one `Exchange` a request, on the event loop's side.

    server                exchange (event loop)                     executor
    ------                ---------------------                     --------
    scope -------------->  environ (pure)
    receive() --- Inbox -> a window of the body, if one comes
                           submit ---------------------------------> WsgiCall.run()
    send() <------------   take what is in the Outbox <------------- start, blocks, end
                           (an idle loop is woken, a busy one looks by itself)

A response that is a list costs two hops: one in, one out.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from bridge import __version__
from bridge.adapters.files import FileWrapper
from bridge.adapters.inbox import Inbox, Receive
from bridge.adapters.options import ErrorResponse, HttpOptions
from bridge.adapters.outbox import Batch, Outbox
from bridge.adapters.wsgi_call import WsgiApp, WsgiCall
from bridge.errors import ExecutorError
from bridge.executors.base import Crossing, Executor
from bridge.protocol.body import RequestBody
from bridge.protocol.environ import Environ, Scope, build_environ, content_length
from bridge.protocol.headers import EnvironKeys, encode_headers, headers_within

__all__ = ["HttpAdapter", "Send"]

logger = logging.getLogger("bridge.http")

Send = Callable[[dict[str, Any]], Awaitable[None]]

_BAD_REQUEST = ErrorResponse(400, body=b"Bad Request: Content-Length is not a number")
_HEADERS_TOO_LARGE = ErrorResponse(431, body=b"Request Header Fields Too Large")
_RETRY_AFTER = "1"  # seconds; a queue of requests is a matter of seconds
_BUSY = ErrorResponse(
    503,
    (("Content-Type", "text/plain; charset=utf-8"), ("Retry-After", _RETRY_AFTER)),
    b"Service Unavailable: all workers are busy, try again",
)
# Methods that have a body in HTTP/2 without Content-Length only if the server says so later.
_BODYLESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_MISSING: Any = object()
# Held for the moment in which a request's inbox is made, by the worker or by the loop.
_making_inbox = threading.Lock()


class HttpAdapter:
    """Answers HTTP scopes with a WSGI application, run by an executor."""

    def __init__(self, app: WsgiApp, executor: Executor, options: HttpOptions) -> None:
        self.app = app
        self.executor = executor
        self.options = options
        self._keys = EnvironKeys(keep_underscores=options.keep_underscore_headers)
        self._base = _base_environ(executor)
        self._crossing: Crossing | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        options = self.options
        headers = scope["headers"]
        if not headers_within(headers, options.max_headers, options.max_header_bytes):
            await _answer(send, _HEADERS_TOO_LARGE)
            return
        environ = build_environ(scope, self._base, self._keys)
        try:
            length = content_length(environ)
        except ValueError:
            await _answer(send, _BAD_REQUEST)
            return
        exchange = Exchange(self, scope, environ, receive, send)
        if length or _length_unknown(environ):
            await exchange.prefetch(length_known=length is not None)
        await exchange.run()

    def crossing(self) -> Crossing:
        """Return the border between the running loop and the executor; the last is remembered."""
        loop = asyncio.get_running_loop()
        crossing = self._crossing
        if crossing is None or crossing.loop is not loop:
            crossing = self._crossing = self.executor.crossing(loop)
        return crossing


class Exchange:
    """One request and its response."""

    __slots__ = (
        "_adapter",
        "_asked_about_disconnect",
        "_call",
        "_crossing",
        "_environ",
        "_gone",
        "_inbox",
        "_outbox",
        "_receive",
        "_refused",
        "_send",
        "_sent_all",
        "_started",
        "_trailers",
    )

    def __init__(
        self, adapter: HttpAdapter, scope: Scope, environ: Environ, receive: Receive, send: Send
    ) -> None:
        self._adapter = adapter
        self._environ = environ
        self._receive = receive
        self._send = send
        self._crossing = crossing = adapter.crossing()
        self._gone = False  # the client went away before the response was whole
        self._refused = False  # the request waited too long in the queue
        self._started = False  # the response's start has been sent
        self._sent_all = False  # so has its last byte
        self._trailers = False  # the server expects trailers after it
        self._asked_about_disconnect = False
        self._inbox: Inbox | None = None  # made when it is needed: most requests have no body
        self._outbox = Outbox(crossing, adapter.options.high_water)
        self._call = WsgiCall(adapter.app, environ, self._outbox, crossing.loop, adapter.options.on_error)
        environ["wsgi.input"] = RequestBody(self._pull)
        environ["wsgi.errors"] = sys.stderr
        environ["bridge.disconnected"] = self._disconnected
        if scope.get("extensions"):
            self._offer_extensions(scope["extensions"])

    # ------------------------------------------------------------ before the application runs

    def _offer_extensions(self, extensions: dict[str, Any]) -> None:
        if "http.response.early_hint" in extensions:
            self._environ["wsgi.early_hints"] = self._send_early_hints
        if "http.response.trailers" in extensions:
            self._environ["bridge.trailers"] = self._call.send_trailers

    def _pull(self) -> bytes:
        return self._need_inbox().pull()

    def _need_inbox(self) -> Inbox:
        """Return the inbox; the worker may be the one that makes it, by reading."""
        with _making_inbox:
            if self._inbox is None:
                self._inbox = Inbox(
                    self._receive,
                    self._crossing,
                    window=self._adapter.options.body_window,
                    on_disconnect=self._on_disconnect,
                )
            return self._inbox

    async def prefetch(self, *, length_known: bool) -> None:
        """Wait for the body's first window, off the worker; tell its length if it was not known.

        Not under `Expect: 100-continue`: there, asking for the body is the application's decision.
        """
        options = self._adapter.options
        inbox = self._need_inbox()
        if self._environ.get("HTTP_EXPECT", "").lower() != "100-continue":
            try:
                await inbox.prefetch(options.body_wait)
            except BaseException:  # cancelled: nobody else would stop the pump
                inbox.stop()
                raise
        if length_known or not options.spool_chunked:
            return
        if inbox.ended:
            self._environ["CONTENT_LENGTH"] = str(inbox.size)
        else:
            self._call.spool_memory = options.spool_memory

    # ------------------------------------------------------------ running it

    async def run(self) -> None:
        """Hand the call to the executor and relay its response; returns when both are done."""
        self._outbox.arm()
        timer = None
        try:
            if not self._adapter.executor.submit(self._call):
                timer = self._wait_in_queue()
            await self._relay()
            await self._settle_failure()
        except ExecutorError as error:
            await self._refuse(error)
        except OSError as error:
            if error is self._outbox.failure:
                raise
            # `send` failed: the client has gone (ASGI specification, "Disconnected Client")
            self._on_disconnect()
        except BaseException:
            self._outbox.abort()
            self._adapter.executor.withdraw(self._call, expired=False)
            raise
        finally:
            if self._inbox is not None:
                self._inbox.stop()
            if timer is not None:
                timer.cancel()

    def _wait_in_queue(self) -> asyncio.TimerHandle | None:
        """Leave the queue when the time is up, or the client has gone."""
        self._need_inbox().watch()
        timeout = self._adapter.executor.queue_timeout
        return None if timeout is None else self._crossing.loop.call_later(timeout, self._expire)

    def _expire(self) -> None:
        if self._adapter.executor.withdraw(self._call, expired=True):
            self._refused = True
            self._outbox.wake()

    def _on_disconnect(self) -> None:
        """Stop the application at its next block; forget the request if it has not begun."""
        if self._sent_all:
            return
        self._gone = True
        self._outbox.abort()
        self._adapter.executor.withdraw(self._call, expired=False)
        self._outbox.wake()

    async def _relay(self) -> None:
        """Send what the worker puts into the outbox, until it is done or the client has gone."""
        outbox = self._outbox
        await outbox.wait()
        while not self._gone:
            batch = outbox.take()
            if batch is not None:
                await self._send_batch(batch)
                if batch.finished:
                    return
                continue
            if self._refused:
                await _answer(self._send, _BUSY)
                return
            if self._started and not self._sent_all:
                self._need_inbox().watch()  # it streams: find out when nobody listens any more
            await outbox.wait()

    async def _send_batch(self, batch: Batch) -> None:
        if batch.events or batch.finished:
            _adopt_context(self._call.context)
        for event in batch.events:
            if event["type"] == "http.response.start":
                self._started = True
                self._trailers = event.get("trailers", False)
            await self._send(event)
        if batch.body is not None:
            complete = batch.complete
            body = {"type": "http.response.body", "body": batch.body, "more_body": not complete}
            await self._send(body)
        if batch.complete and not self._sent_all:
            await self._send_end()

    async def _send_end(self) -> None:
        self._sent_all = True
        if self._trailers:
            headers = self._outbox.trailers or []
            await self._send({"type": "http.response.trailers", "headers": headers})
        self._outbox.delivered()

    # ------------------------------------------------------------ when it fails

    async def _settle_failure(self) -> None:
        """Let an asynchronous `on_error` answer, or break the connection off by raising."""
        pending = self._call.pending_error
        if pending is not None:
            answer = await pending
            if not self._started and not self._gone:
                await _answer(self._send, answer or ErrorResponse())
        elif self._outbox.failure is not None and not self._gone:
            raise self._outbox.failure

    async def _refuse(self, error: ExecutorError) -> None:
        logger.warning("%s: 503: %s", self._call.describe(), error)
        await _answer(self._send, _BUSY)

    # ------------------------------------------------------------ called by the application

    def _disconnected(self) -> bool:
        """Whether the client has gone; `environ["bridge.disconnected"]`.

        The first call asks the server and waits for what it knows now; from then on the news
        comes by itself and a call costs nothing.
        """
        if not self._asked_about_disconnect and not self._gone:
            self._asked_about_disconnect = True
            parker = self._crossing.parker()
            self._crossing.post(lambda: self._ask_server(parker.unpark))
            parker.park()
        return self._gone or (self._inbox is not None and self._inbox.disconnected)

    def _ask_server(self, then: Callable[[], None]) -> None:
        self._need_inbox().watch()
        self._crossing.loop.call_soon(then)  # after the pump's first step

    def _send_early_hints(self, headers: list[tuple[str, str]]) -> None:
        """Send 103 with the `Link` headers among `headers` (RFC 8297); `wsgi.early_hints`."""
        links = [value for name, value in encode_headers(headers) if name == b"link"]
        if links and not self._started:
            self._outbox.put_hint({"type": "http.response.early_hint", "links": links})


def _base_environ(executor: Executor) -> Environ:
    """Return what is the same in every request's environ (PEP 3333 "environ Variables")."""
    return {
        "wsgi.version": (1, 0),
        "wsgi.multithread": executor.multithread,
        # Servers run several processes as a rule and tell nobody; True is the safe answer.
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        # The body ends by itself, whatever its length: reading to the end never waits for ever.
        "wsgi.input_terminated": True,
        "SERVER_SOFTWARE": f"wsgi-bridge/{__version__}",
    }


def _length_unknown(environ: Environ) -> bool:
    """Tell whether a body may come whose length is not announced; drops a length that lies.

    RFC 9112 section 6.3: with Transfer-Encoding, Content-Length is ignored. HTTP/2 and later need
    neither.
    """
    if "bridge.transfer_encoding" in environ:
        environ.pop("CONTENT_LENGTH", None)
        return True
    modern = environ["SERVER_PROTOCOL"] >= "HTTP/2"
    return modern and "CONTENT_LENGTH" not in environ and environ["REQUEST_METHOD"] not in _BODYLESS_METHODS


def _adopt_context(context: contextvars.Context) -> None:
    """Make what the application changed in its context visible to the ASGI side."""
    for variable, value in context.items():
        if variable.get(_MISSING) is not value:
            variable.set(value)


async def _answer(send: Send, answer: ErrorResponse) -> None:
    """Send a response that does not come from the application."""
    headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": encode_headers(headers),
        }
    )
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
