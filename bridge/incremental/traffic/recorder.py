"""ASGI middleware that writes down every request, for `wsgi-bridge replay`.

    event loop                               writer's thread
    ----------                               ---------------
    a copy of the body, up to a limit
    scope and body ------- deque ----------> lines without secrets, one write() for all that are there

What waits for a slow disk is bounded in number and in bytes; beyond that it is lost, and told. The file is opened for appending, and only whole lines are written, so several
workers can share it; only its owner may read it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from bridge.incremental.ledger import A_MOMENT
from bridge.incremental.redaction import REDACTED, Redaction
from bridge.incremental.traffic.recording import to_line
from bridge.incremental.traffic.requests import RecordedRequest
from bridge.incremental.watching import Watch
from bridge.protocol.asgi_types import AsgiApp, Event, Receive, Scope, Send
from bridge.protocol.environ import split_path

__all__ = ["LineWriter", "Recorder"]

logger = logging.getLogger("bridge.incremental")

BODY_LIMIT = 1024 * 1024  # bytes of a body that is kept
INTERVAL = 0.25  # seconds between two writes
WAITING_LIMIT = 10_000  # lines; a disk that is slower than the traffic loses lines, not memory
WAITING_BYTES = 64 * 1024 * 1024  # of headers and bodies in them


class Recorder:
    """Writes the requests to `app` into the file `path`; `salt` is one for all workers of a server."""

    def __init__(
        self, app: AsgiApp, path: str | Path, *, salt: str, redaction: Redaction | None = None
    ) -> None:
        self.app = app
        self._writer = LineWriter(Path(path))
        self._salt = salt.encode()[:16]  # blake2b takes no more
        self._redaction = redaction or Redaction()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        if scope["type"] == "http":
            await self._record(scope, receive, send)
            return
        await self.app(scope, receive, self._closing(send) if scope["type"] == "lifespan" else send)

    def _closing(self, send: Send) -> Send:
        """Have the file written before the server knows of the end: it cancels what still runs then."""

        async def closing(event: Event) -> None:
            if event["type"].startswith("lifespan.shutdown."):
                await asyncio.to_thread(self._writer.close)
            await send(event)

        return closing

    async def _record(self, scope: Scope, receive: Receive, send: Send) -> None:
        at, watch = time.time(), Watch(send)
        pieces: list[bytes] = []
        size = 0

        async def copied() -> Event:
            nonlocal size
            event = await receive()
            if event["type"] == "http.request":
                piece = event.get("body", b"")
                size += len(piece)
                if size <= BODY_LIMIT:
                    pieces.append(piece)
                else:
                    pieces.clear()
            return event

        # The scope as it is now: applications below change it.
        seen = dict(scope)
        try:
            await self.app(scope, copied, watch)
        finally:
            body, truncated = b"".join(pieces), size > BODY_LIMIT
            self._writer.put(
                lambda: self._line(seen, body, watch.status, at, truncated=truncated),
                len(body) + sum(len(name) + len(value) for name, value in seen["headers"]),
            )

    def _line(self, scope: Scope, body: bytes, status: int, at: float, *, truncated: bool) -> str:
        redacted = self._redaction.headers(scope["headers"])
        removed = sorted({name for name, value in redacted if REDACTED in value})
        content_type = next((value for name, value in redacted if name == "content-type"), "")
        path = split_path({**scope, "query_string": b""})[2]
        request = RecordedRequest(
            method=scope["method"],
            target=self._redaction.target(path, scope.get("query_string", b"")),
            headers=tuple((name, value) for name, value in redacted if name not in removed),
            body=self._redaction.body(content_type, body),
            session=self._session(scope),
            status=status or None,
        )
        return to_line(request, at=at, removed=removed, truncated=truncated)

    def _session(self, scope: Scope) -> str:
        """Return a name for the client: by its cookies, else by its address and user agent."""
        headers = scope["headers"]
        known = b";".join(value for name, value in headers if name == b"cookie")
        if not known:
            agent = b";".join(value for name, value in headers if name == b"user-agent")
            known = str((scope.get("client") or ("",))[0]).encode() + b" " + agent
        return hashlib.blake2b(known, digest_size=8, key=self._salt).hexdigest()


class LineWriter:
    """Appends lines to a file in a thread of its own, which begins with the first line."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.lost = self._told = 0  # requests; how many of them the log knows of
        self._lines: deque[tuple[Callable[[], str], int]] = deque()
        self._put = self._taken = 0  # bytes; put in by the loop, taken out by the thread: each writes its own
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, line: Callable[[], str], size: int) -> None:
        """Have what `line` returns written soon; it holds `size` bytes, and is lost when too much waits."""
        if len(self._lines) >= WAITING_LIMIT or (
            self._lines and self._put - self._taken + size > WAITING_BYTES
        ):
            self.lost += 1
            return
        self._put += size
        self._lines.append((line, size))
        if self._thread is None:
            self._ending.clear()
            self._thread = threading.Thread(target=self._run, name="bridge-recorder", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Write what is left and end the thread; a later line begins a new one."""
        thread, self._thread = self._thread, None
        self._ending.set()
        if thread is not None:
            thread.join()
        self._write()

    def _run(self) -> None:
        while not self._ending.wait(INTERVAL):
            self._write()

    def _write(self) -> None:
        self._tell_of_lost()
        waiting = len(self._lines)
        if not waiting:
            return
        data = b"".join([self._made() for _ in range(waiting)])
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                _append(descriptor, data)
            finally:
                os.close(descriptor)
        except OSError as error:
            self.lost += waiting
            self._told += waiting
            logger.error("%d requests could not be recorded: %s", waiting, error)  # noqa: TRY400 - it says all

    def _made(self) -> bytes:
        """Return the first line that waits; b"" where it can't be made."""
        line, size = self._lines.popleft()
        self._taken += size
        try:
            return f"{line()}\n".encode("utf-8", "surrogateescape")
        except Exception:  # the thread has to live, for the other lines
            logger.exception("a request could not be recorded")
            return b""
        finally:
            time.sleep(A_MOMENT)  # as the ledger's thread does: it gives the interpreter back at once

    def _tell_of_lost(self) -> None:
        """Say, once for all that were lost since, that the recording is not whole."""
        if self.lost > self._told:
            logger.error(
                "%d requests are not recorded: they come faster than the disk takes them",
                self.lost - self._told,
            )
            self._told = self.lost


def _append(descriptor: int, data: bytes) -> None:
    """Write all of it: a disk that is nearly full takes a part, and says nothing."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
