"""Runs the lifespan of an ASGI application: startup before its first request, shutdown after the last.

"auto"   an application that raises on the lifespan scope, answers it with other events or
         returns has none, and its requests are served all the same (ASGI lifespan specification,
         "Scope": "the server must continue")
"on"     the same is a failure: for an application that is known to have one
"off"    the application is not asked
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Literal

from bridge.errors import LifespanFailed, UnexpectedEvent
from bridge.protocol.asgi_types import AsgiApp, Event

__all__ = ["Lifespan", "LifespanMode"]

logger = logging.getLogger("bridge.asgi")

LifespanMode = Literal["auto", "on", "off"]

RETURN_GRACE = 1.0  # seconds to return after the last event, or after being cancelled; arbitrary

_EXPECTED = "'lifespan.startup.complete' or '.failed', then 'lifespan.shutdown.complete' or '.failed'"


class Lifespan:
    """The lifespan of one application on one event loop; used on that loop only.

    `state` is the namespace that the application fills and that every request gets a copy of. `name` is what the
    log calls it.
    """

    def __init__(self, app: AsgiApp, mode: LifespanMode, *, name: str = "the application") -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._mode = mode
        self._name = name
        self._ready = False  # startup has been completed, so shutdown is owed
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Return when the application is ready, or turns out to have no lifespan.

        Raises `LifespanFailed` with the message it gave.
        """
        if self._mode == "off":
            return
        loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = loop.create_future()  # it is ready, or has no lifespan
        self._stopped: asyncio.Future[None] = loop.create_future()
        self._stopping = asyncio.Event()
        self._startup_told = self._shutdown_told = False
        self._task = loop.create_task(self._run(), name="bridge lifespan")
        try:
            await self._started
        finally:
            # Not ready is not supported, failed, or given up by the caller: nobody would end the task later.
            if not self._ready:
                await self._cancel(self._task)

    async def shutdown(self, timeout: float) -> None:
        """Have the application clean up; a failure, or taking more than `timeout` seconds, is logged."""
        if not self._ready or self._task is None or self._task.done():
            return
        self._stopping.set()
        await asyncio.wait([self._stopped, self._task], timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if self._stopped.done():
            await asyncio.wait([self._task], timeout=RETURN_GRACE)
        elif not self._task.done():
            logger.error(
                "%s's lifespan shutdown took longer than %s s and was cancelled", self._name, timeout
            )
        await self._cancel(self._task)

    @staticmethod
    async def _cancel(task: asyncio.Task[None]) -> None:
        """Cancel a task; one that resists is left to the end of the loop."""
        task.cancel()
        await asyncio.wait([task], timeout=RETURN_GRACE)

    async def _run(self) -> None:
        scope: dict[str, Any] = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._app(scope, self._receive, self._send)
        except asyncio.CancelledError as error:
            self._unsupported("it was cancelled", error)
            raise
        # BaseException: sys.exit() in a startup must reach the caller and not end a loop that others use.
        except BaseException as error:
            self._raised(error)
        else:
            self._unsupported("it returned without an answer", None)

    def _raised(self, error: BaseException) -> None:
        if self._ready:
            logger.error("%s's lifespan ended with an error", self._name, exc_info=error)
        self._unsupported(f"it raised {error!r}", error)

    def _unsupported(self, reason: str, error: BaseException | None) -> None:
        """Go on without a lifespan, if nothing has been decided yet."""
        if self._started.done():
            return
        if self._mode == "on":
            failure = LifespanFailed(f"lifespan='on', but {reason}")
            failure.__cause__ = error
            self._started.set_exception(failure)
            return
        # Who has none raises at the scope's type; who has asked for its startup has one, and failed in it.
        level = logging.WARNING if error is not None and self._startup_told else logging.INFO
        logger.log(level, "%s has no lifespan (%s); going on without", self._name, reason)
        self._started.set_result(None)

    async def _receive(self) -> Event:
        if not self._startup_told:
            self._startup_told = True
            return {"type": "lifespan.startup"}
        await self._stopping.wait()
        if not self._shutdown_told:
            self._shutdown_told = True
            return {"type": "lifespan.shutdown"}
        # Nothing follows: an application that asks on and on waits here until it is cancelled.
        return await self._never()

    @staticmethod
    async def _never() -> Event:
        nothing: asyncio.Future[Event] = asyncio.get_running_loop().create_future()
        return await nothing

    async def _send(self, event: Event) -> None:
        kind = event.get("type")
        message = event.get("message", "")
        if kind == "lifespan.startup.complete" and not self._started.done():
            self._ready = True
            self._started.set_result(None)
        elif kind == "lifespan.startup.failed" and not self._started.done():
            self._started.set_exception(LifespanFailed(message))
        elif kind == "lifespan.shutdown.complete" and self._stopping.is_set():
            self._finish()
        elif kind == "lifespan.shutdown.failed" and self._stopping.is_set():
            logger.error("%s's lifespan shutdown failed: %s", self._name, message)
            self._finish()
        else:
            # An application that doesn't look at the scope's type answers as if to a request, and may
            # wait for ever for one: its startup is over.
            self._unsupported(f"it answered with {kind!r}", None)
            raise UnexpectedEvent(kind, _EXPECTED)

    def _finish(self) -> None:
        if not self._stopped.done():
            self._stopped.set_result(None)
