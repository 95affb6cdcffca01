"""One call of the WSGI application, as a job for an executor.

Everything in here runs on the worker, in the request's context, from the call of the application
to `close()`: what the application binds to its thread or context is still there at the end.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from bridge.adapters.answers import ErrorHook, ErrorResponse, refuse_upload
from bridge.adapters.asgiref_loop import offer_loop
from bridge.adapters.files import READ_AHEAD, READ_SIZE, FileWrapper, bytes_left, path_of_whole_file
from bridge.adapters.outbox import Outbox
from bridge.errors import ApplicationExited, ClientDisconnected, ExecutorError, IncompleteResponse
from bridge.protocol.asgi_types import Scope
from bridge.protocol.body import RequestBody
from bridge.protocol.environ import Environ, split_path
from bridge.protocol.headers import encode_headers
from bridge.protocol.response import ExcInfo, Response

if TYPE_CHECKING:
    from tempfile import SpooledTemporaryFile

__all__ = ["WsgiApp", "WsgiCall"]

logger = logging.getLogger("bridge.http")

HELD_IN_MEMORY = 1024 * 1024  # bytes of an upload that an `async def` view reads; as spool_memory

_NOTHING: Environ = {}
_MISSING: Any = object()

WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class WsgiCall:
    """Runs the application for one request and puts its response into an `Outbox`.

    `spool` has a body of unknown length read to its end before the application is called, in memory up to
    the first number of bytes, in a temporary file up to the second (None: any); None: don't.
    `body`: the request body, and whether all of it is here. `in_task`: it is run by the request's task.
    """

    # Defaults stand in the class: most requests never change them.
    pending_error: Any = None  # an asynchronous on_error's awaitable
    spool: tuple[int, int | None] | None = None
    body: RequestBody | None = None
    body_is_here = False
    submitted_at = 0.0
    before_wait: Callable[[], Awaitable[None] | None] | None = None  # greenlet lane: sends what was kept back
    _started = False  # the start event is in the outbox
    _complete = False  # so is the last block
    _finished = False  # the outbox knows that this call is over
    _trailers: list[tuple[str, str]] | None = None
    _context: contextvars.Context | None = None  # None: that of the request's task itself
    _context_before = contextvars.Context()
    _held: Any = None  # a file with the body, for code on the loop

    def __init__(
        self,
        app: WsgiApp,
        environ: Environ,
        outbox: Outbox,
        loop: asyncio.AbstractEventLoop,
        on_error: ErrorHook | None,
        *,
        in_task: bool = False,
    ) -> None:
        self._app = app
        self._environ = environ
        self._outbox = outbox
        self._loop = loop
        self._on_error = on_error
        self._scope: Scope = environ["asgi.scope"]
        self.method: str = environ["REQUEST_METHOD"]
        self._response = Response(self.method)
        if not in_task:
            # What the application runs in: a copy of the context of the request's task.
            self._context = contextvars.copy_context()
            self._context_before = contextvars.copy_context()

    def describe(self) -> str:
        """Return method and path as the client sent them (still quoted: safe in a log)."""
        return f"{self.method} {split_path(self._scope)[2].partition('?')[0]}"

    def run(self) -> None:
        """Run the application; never raises."""
        assert self._context is not None
        offer = offer_loop(self._loop, self)
        self._context.run(self._run)
        if offer is not None:
            offer.call = None

    def run_in_task(self) -> None:
        """Run the application in the context that is current; never raises."""
        self._run()

    def admitted(self) -> None:
        """Have the request's task go on: there is a greenlet for it."""
        self._outbox.admit()

    def cancelled(self) -> None:
        """Take nothing more from an application that is about to be cancelled."""
        self._outbox.abort()

    def waits(self) -> Awaitable[None] | None:
        """Return what is to be sent before the application waits."""
        return None if self.before_wait is None else self.before_wait()

    def prepare_for_loop(self) -> None:
        """Bring the rest of the request body here, for an `async def` view that may read it."""
        body = self.body
        if body is None or self.body_is_here:
            return
        self.body_is_here = True
        self._held = _spool(HELD_IN_MEMORY)
        body.hold(self._held)

    def adopt_context(self) -> None:
        """Make what the application changed in its context visible here, on the ASGI side.

        What it left alone stays: middleware around the bridge may have changed it meanwhile.
        """
        if self._context is None:
            return
        for variable, value in self._context.items():
            if (
                variable.get(_MISSING) is not value
                and self._context_before.get(variable, _MISSING) is not value
            ):
                variable.set(value)

    def delayed(self) -> None:
        """Have the loop's side treat it as one that waits in the queue."""
        self._outbox.delay()

    def refused(self, error: ExecutorError) -> None:
        """Have the loop's side answer that it was refused."""
        self._outbox.refuse(error)

    def drop_pending_error(self) -> None:
        """Close the awaitable of `on_error` that nobody is going to await."""
        pending, self.pending_error = self.pending_error, None
        close = getattr(pending, "close", None)
        if close is not None:
            close()

    def send_early_hints(self, headers: list[tuple[str, str]]) -> None:
        """Send 103 with the `Link` headers among `headers` (RFC 8297); `environ["wsgi.early_hints"]`.

        They are dropped once the response has started: 103 is an interim response.
        """
        links = [value for name, value in encode_headers(headers) if name == b"link"]
        if links and not self._started:
            self._outbox.put_hint({"type": "http.response.early_hint", "links": links})

    def send_trailers(self, trailers: list[tuple[str, str]]) -> None:
        """Set the trailers to send after the body; `environ["bridge.trailers"]`."""
        encode_headers(trailers)  # raises InvalidHeader here, where the application sees it
        self._trailers = list(trailers)

    # ------------------------------------------------------------ calling the application

    def _run(self) -> None:
        try:
            if self.spool is None:
                self._call()
            else:
                self._call_with_spooled_body(*self.spool)
        except BaseException as error:
            self._fail_or_break_off(error)
        finally:
            # environ leads back here (wsgi.input and others): without this, every request would be
            # a reference cycle, and the garbage collector half of the bridge's cost (measured).
            self._environ = _NOTHING
            self.body = self.before_wait = None
            if not self._finished:
                self._outbox.finish()
            if self._held is not None:
                self._held.close()

    def _call_with_spooled_body(self, memory: int, limit: int | None) -> None:
        """Read a body of unknown length first, so that CONTENT_LENGTH can be told."""
        body = self._environ["wsgi.input"]
        with _spool(memory) as spooled:
            while block := body.read1():
                spooled.write(block)
                if limit is not None and spooled.tell() > limit:  # else one client could fill the disk
                    self._app = refuse_upload
                    break
            self._environ["CONTENT_LENGTH"] = str(spooled.tell())
            spooled.seek(0)
            self._environ["wsgi.input"] = RequestBody(lambda: spooled.read(READ_SIZE))
            self._call()

    def _call(self) -> None:
        iterable = self._app(self._environ, self._start_response)
        if type(iterable) is list:  # has no close(), and all of it is here
            self._send_list(iterable)
            return
        failure: BaseException | None = None
        try:
            self._transmit(iterable)
        except BaseException as error:  # kept, so that an error in close() does not show it as its context:
            failure = error  # each is logged once
        self._close(iterable)
        if failure is not None:
            try:
                raise failure
            finally:
                failure = None  # else this frame and its traceback keep each other alive

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        try:
            self._response.start(status, headers, exc_info)
        finally:
            exc_info = None  # PEP 3333: "Avoid circular ref."
        return self._write

    def _close(self, iterable: Any) -> None:
        """Call `close()` if there is one; what it raises can change no response any more."""
        close = getattr(iterable, "close", None)
        if close is None:
            return
        try:
            close()
        except BaseException:
            logger.exception("%s: close() of the response iterable failed", self.describe())

    # ------------------------------------------------------------ sending what it returns

    def _transmit(self, iterable: Iterable[bytes]) -> None:
        if type(iterable) is FileWrapper:
            self._send_file(iterable)
        else:
            self._send_each(iterable)
        if self._response.surplus:
            self._warn_of_surplus()

    def _warn_of_surplus(self) -> None:
        logger.warning(
            "%s: the application sent %d bytes more than its Content-Length; they were cut off",
            self.describe(),
            self._response.surplus,
        )

    def _send_list(self, blocks: list[bytes]) -> None:
        """Send all blocks at once: they are in memory already."""
        response = self._response
        if len(blocks) == 1:
            if response.announced is None and isinstance(blocks[0], bytes):
                response.set_length(len(blocks[0]))
            body = response.body(blocks[0])
        else:
            body = b"".join([response.body(block) for block in blocks])
        try:
            response.finish()
        except IncompleteResponse:
            self._put(body)
            raise
        if response.surplus:
            self._warn_of_surplus()
        if self._started or "bridge.trailers" in self._environ:
            self._put(body, complete=True)
            return
        self._started = self._complete = True
        self._outbox.put_whole(response.start_event(), body)
        self._finished = True

    def _send_each(self, iterable: Iterable[bytes]) -> None:
        """Send each block as soon as it is there (PEP 3333 "Buffering and Streaming")."""
        response = self._response
        single = _is_single(iterable)
        for block in iterable:
            if single and isinstance(block, bytes):
                response.set_length(len(block))
            self._write(block)
            if response.surplus or (response.bodyless and response.headers_sent):
                break  # the rest would be thrown away, and may never end (PEP 3333 "should stop iterating")
        response.finish()
        self._put(b"", complete=True)

    def _send_file(self, wrapper: FileWrapper) -> None:
        response = self._response
        length = bytes_left(wrapper.filelike)
        if length is not None:
            response.set_length(length)
        if not self._leave_to_server(wrapper.filelike, length):
            self._outbox.let_ahead(READ_AHEAD)
            size = max(wrapper.block_size, READ_SIZE)
            while not response.body_complete and (block := wrapper.filelike.read(size)):
                self._write(block)
            response.finish()
            self._put(b"", complete=True)

    def _leave_to_server(self, filelike: Any, length: int | None) -> bool:
        """Have the server send the file by its path, where it can and the file allows it."""
        extensions = self._scope.get("extensions") or {}
        response = self._response
        if "http.response.pathsend" not in extensions or self._started or response.bodyless:
            return False
        path = path_of_whole_file(filelike) if length and response.announced == length else None
        if path is None:
            return False
        self._started = self._complete = True
        self._outbox.put_file(response.start_event(), {"type": "http.response.pathsend", "path": path})
        return True

    def _write(self, block: bytes) -> None:
        """Send one block; `write()` of PEP 3333, too."""
        data = self._response.body(block)
        if data or (self._response.headers_sent and not self._started):
            self._put(data, complete=self._response.body_complete)
        elif not self._complete:
            self._outbox.put_nothing()

    def _put(self, data: bytes, *, complete: bool = False) -> None:
        if self._complete:
            return
        start = None
        if not self._started:
            start = self._response.start_event(trailers=self._announces_trailers())
            self._started = True
        if complete and self._trailers is not None:
            self._outbox.trailers = encode_headers(self._trailers)
        self._complete = complete
        self._outbox.put(data, start=start, complete=complete)

    def _announces_trailers(self) -> bool:
        """Tell whether trailers will follow: the server offers it and `Trailer` names them."""
        if "bridge.trailers" not in self._environ:
            return False
        announced = any(name == b"trailer" for name, _ in self._response.headers)
        if announced and self._trailers is None:
            self._trailers = []
        return announced

    # ------------------------------------------------------------ when it fails

    def _fail_or_break_off(self, error: BaseException) -> None:
        try:
            self._fail(error)
        except BaseException as second:  # the logging of the application, its on_error: the server's now
            self._break_off(second)

    def _break_off(self, error: BaseException) -> None:
        """Have the loop's side raise the error: the server then closes the connection."""
        self._outbox.failure = error if isinstance(error, Exception) else ApplicationExited(error)

    def _fail(self, error: BaseException) -> None:
        """Log the error once; answer with an error page, or break the connection off."""
        if self._outbox.aborted and isinstance(error, (OSError, asyncio.CancelledError)):
            logger.debug("%s: %s", self.describe(), error)
            return
        if isinstance(error, ClientDisconnected):
            logger.info("%s: %s", self.describe(), error)
            self._outbox.failure = error
            return
        logger.error("%s: the application failed", self.describe(), exc_info=error)
        if self._complete:
            return  # the response is out and whole
        if self._started:
            self._break_off(error)
            return
        self._answer_error(error)

    def _answer_error(self, error: BaseException) -> None:
        answer = None if self._on_error is None else self._on_error(error, self._scope)
        if inspect.isawaitable(answer):
            self.pending_error = answer  # the event loop's side goes on from here
            if self._outbox.aborted:  # or has ended already; it looks the other way round
                self.drop_pending_error()
            return
        self._response = Response(self.method)
        self._send_error_response(answer or ErrorResponse())

    def _send_error_response(self, answer: ErrorResponse) -> None:
        headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
        self._response.start(f"{answer.status} ", headers)
        self._put(self._response.body(answer.body), complete=True)


def _spool(memory: int) -> SpooledTemporaryFile[bytes]:
    """Return a temporary file that stays in memory up to that many bytes."""
    from tempfile import SpooledTemporaryFile

    return SpooledTemporaryFile(max_size=memory)


def _is_single(iterable: Any) -> bool:
    """Tell whether a sized iterable holds one block (PEP 3333, on Content-Length)."""
    return hasattr(type(iterable), "__len__") and len(iterable) == 1
