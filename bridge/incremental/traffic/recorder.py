"""ASGI middleware that writes down every request, for `wsgi-bridge replay`.

    event loop                               writer's thread
    ----------                               ---------------
    a copy of the body, up to a limit
    a line --------------- deque ----------> one write() for all lines that are there

Written without secrets. The file is opened for appending, and only whole lines are written, so several
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
from pathlib import Path

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
            self._writer.put(
                self._line(seen, b"".join(pieces), watch.status, at, truncated=size > BODY_LIMIT)
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
        self.lost = 0
        self._lines: deque[str] = deque()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def put(self, line: str) -> None:
        """Have a line written soon; it is lost, and counted, when too many wait."""
        if len(self._lines) >= WAITING_LIMIT:
            self.lost += 1
            return
        self._lines.append(line)
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
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if not lines:
            return
        data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)
        except OSError as error:
            self.lost += len(lines)
            logger.error("%d requests could not be recorded: %s", len(lines), error)  # noqa: TRY400 - it says all
