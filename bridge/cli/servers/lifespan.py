"""Runs an application's lifespan for a server that has none (ASGI specification, Lifespan Protocol)."""

from __future__ import annotations

import asyncio
from typing import Any

from bridge.protocol.asgi_types import AsgiApp, Event

__all__ = ["Lifespan", "LifespanFailed"]


class LifespanFailed(Exception):
    """The application did not start, or did not shut down, and says why."""


class Lifespan:
    """One lifespan of `app`: `await startup()` before it serves, `await shutdown()` after, on one loop.

    Both raise `LifespanFailed`, or what the application raises, and leave no task behind then.
    """

    def __init__(self, app: AsgiApp) -> None:
        self.app = app
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._answers: asyncio.Queue[Event] = asyncio.Queue()
        self._task: asyncio.Future[None] | None = None

    async def startup(self) -> None:
        """Return when the application is ready."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self._task = asyncio.ensure_future(self.app(scope, self._events.get, self._answers.put))
        await self._exchange(self._task, "lifespan.startup")

    async def shutdown(self) -> None:
        """Return when the application has cleaned up."""
        assert self._task is not None
        await self._exchange(self._task, "lifespan.shutdown")
        await self._task

    async def _exchange(self, task: asyncio.Future[None], event: str) -> None:
        self._events.put_nowait({"type": event})
        answer = asyncio.ensure_future(self._answers.get())
        either: set[asyncio.Future[Any]] = {answer, task}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            task.result()  # raises what the application raised
            raise LifespanFailed(f"the application returned instead of answering {event}")
        message = answer.result()
        if str(message["type"]).endswith(".failed"):
            task.cancel()
            await asyncio.wait({task})
            raise LifespanFailed(str(message.get("message", "")))
