"""A WSGI application that asks an ASGI one: the way a WSGI test client reaches a bridge.

    test (its thread)                       harness loop (one thread)              bridge's worker
    -----------------                       -------------------------              ---------------
    client -> environ -> Crossing ------->  scope, receive, send -> bridge  ---->  app(environ, ...)
    status, headers, blocks <-- queue ----  ASGI events          <---------------  blocks

What a server would take off the wire is carried in the scope; everything else that a test put in
its environ (a preserved context, an override) is no part of a request, so it travels in
`scope["extensions"]` under `SIDE_CHANNEL`, and `Rejoined` puts it back on the far side. `wsgi.*`
keys are the bridge's own to make and are not carried.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from queue import SimpleQueue
from typing import Any
from urllib.parse import quote

from bridge.errors import ApplicationExited

__all__ = ["SIDE_CHANNEL", "Crossing", "Rejoined", "carried", "scope_of"]

SIDE_CHANNEL = "external.environ"
BLOCK = 65536  # bytes of request body in one ASGI message, as uvicorn's high-water mark has it
REQUEST_META = frozenset({
    "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH",
    "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "REMOTE_ADDR", "REMOTE_PORT", "REQUEST_URI", "RAW_URI",
})  # fmt: skip


@cache
def harness_loop() -> asyncio.AbstractEventLoop:
    """The one loop that every crossing of this process uses, running in its own thread."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=_run, args=(loop,), name="external-loop", daemon=True).start()
    return loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    while True:
        # A task that ends in one of these stops its loop after keeping it as its result; a test whose
        # application raises KeyboardInterrupt must not take the loop from the tests after it.
        with suppress(KeyboardInterrupt, SystemExit):
            loop.run_forever()


def carried(environ: dict[str, Any]) -> dict[str, Any]:
    """The keys of `environ` that no HTTP request can express."""
    return {key: value for key, value in environ.items() if not _on_the_wire(key)}


def _on_the_wire(key: str) -> bool:
    return key in REQUEST_META or key.startswith(("HTTP_", "wsgi."))


def scope_of(environ: dict[str, Any]) -> dict[str, Any]:
    """The HTTP scope that an ASGI server would have made of the request behind `environ`.

    `path` has the root path in front, as the ASGI specification has it; bytes that are not UTF-8
    are replaced there and survive in `raw_path`.
    """
    root = _bytes(environ.get("SCRIPT_NAME", ""))
    path = root + _bytes(environ.get("PATH_INFO", ""))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": environ.get("SERVER_PROTOCOL", "HTTP/1.1").partition("/")[2],
        "method": environ["REQUEST_METHOD"],
        "scheme": environ["wsgi.url_scheme"],
        "path": path.decode("utf-8", "replace"),
        "raw_path": quote(path, safe="/:@!$&'()*+,;=~").encode("ascii"),
        "query_string": _bytes(environ.get("QUERY_STRING", "")),
        "root_path": root.decode("utf-8", "replace"),
        "headers": list(_headers(environ)),
        "client": _client(environ),
        "server": (environ["SERVER_NAME"], int(environ["SERVER_PORT"])),
        "extensions": {SIDE_CHANNEL: carried(environ)},
    }


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")  # PEP 3333, "Unicode Issues": native strings hold latin-1


def _headers(environ: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").lower().encode("latin-1"), _bytes(str(value))
        elif key in {"CONTENT_TYPE", "CONTENT_LENGTH"} and value:
            yield key.replace("_", "-").lower().encode("latin-1"), _bytes(str(value))


def _client(environ: dict[str, Any]) -> tuple[str, int] | None:
    if not environ.get("REMOTE_ADDR"):
        return None
    return environ["REMOTE_ADDR"], int(environ.get("REMOTE_PORT") or 0)


class Rejoined:
    """`app` on the far side, given back the environ keys that travelled beside the request."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Call the application as its test meant it to be called."""
        environ.update(environ["asgi.scope"]["extensions"][SIDE_CHANNEL])
        return self.app(environ, start_response)


class Crossing:
    """The WSGI face of an ASGI application, for the client of a test suite."""

    def __init__(self, asgi: Any) -> None:
        self.asgi = asgi

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Answer:
        """Ask, wait until the bridge is through with the request, then hand the answer on.

        It waits because a test client and its application may share objects (Flask's preserved
        contexts) that only one of them may use at a time, as in WSGI they would. An exception that
        leaves the bridge is raised where a WSGI application's would be.
        """
        answer = Answer(self.asgi, environ)
        answer.done.exception()
        start_response(*answer.head())
        return answer


class Answer:
    """One exchange; iterate it for the body."""

    def __init__(self, asgi: Any, environ: dict[str, Any]) -> None:
        self.events: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self.body = _body(environ)
        self.never: asyncio.Future[dict[str, Any]] = asyncio.Future(loop=harness_loop())  # the client stays
        self.done: Future[Any] = asyncio.run_coroutine_threadsafe(
            asgi(scope_of(environ), self._receive, self._send), harness_loop()
        )
        self.done.add_done_callback(lambda _: self.events.put(None))

    def head(self) -> tuple[str, list[tuple[str, str]]]:
        """Status line and headers of the answer. Raises what the bridge raised instead of one."""
        event = self._next()
        if event is None:
            raise RuntimeError("the bridge returned without an answer")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event["headers"]]
        return _status_line(event["status"]), headers

    def __iter__(self) -> Iterator[bytes]:
        while (event := self._next()) is not None:
            yield event.get("body", b"")
            if not event.get("more_body", False):
                self._raise_failure()
                return

    def _next(self) -> dict[str, Any] | None:
        event = self.events.get()
        if event is None:
            self._raise_failure()
        return event

    def _raise_failure(self) -> None:
        """Raise what the bridge raised, if anything; nothing is left to send then.

        wsgi-bridge keeps a KeyboardInterrupt or SystemExit of the application from the event loop, as the
        cause of an error of its own; there is no server to protect here, and the suite wants the original.
        """
        error = self.done.exception()
        if isinstance(error, ApplicationExited):
            error = error.__cause__
        if error is not None:
            raise error

    async def _receive(self) -> dict[str, Any]:
        for block, more in self.body:
            return {"type": "http.request", "body": block, "more_body": more}
        return await self.never

    async def _send(self, event: dict[str, Any]) -> None:
        self.events.put(event)


def _body(environ: dict[str, Any]) -> Iterator[tuple[bytes, bool]]:
    """The request body in blocks, each with whether more follow; always at least one.

    The stream is left where it was, as a client keeps what it has to send again after a redirect.
    """
    stream = environ["wsgi.input"]
    start = stream.tell() if stream.seekable() else None
    length = environ.get("CONTENT_LENGTH")
    left = int(length) if length else (-1 if environ.get("wsgi.input_terminated") else 0)
    data = stream.read(left) if left else b""
    if start is not None:
        stream.seek(start)
    for offset in range(0, len(data) or 1, BLOCK):
        yield data[offset : offset + BLOCK], offset + BLOCK < len(data)


def _status_line(status: int) -> str:
    """`status` with the phrase that RFC 9110 gives it: ASGI carries no phrase of the application's."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} UNKNOWN"
