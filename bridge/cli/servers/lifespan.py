"""Runs an application's lifespan for a server that has none (ASGI specification, Lifespan Protocol)."""

from __future__ import annotations

import asyncio

from bridge.protocol.asgi_types import AsgiApp, Event

__all__ = ["Lifespan", "LifespanFailed"]


class LifespanFailed(Exception):
    """The application answered `lifespan.startup.failed`, with this message."""


class Lifespan:
    """One lifespan of `app`: `await startup()` before it serves, `await shutdown()` after, on one loop."""

    def __init__(self, app: AsgiApp) -> None:
        self.app = app
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._answers: asyncio.Queue[Event] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Return when the application is ready. Raises `LifespanFailed`, or what the application raises."""
        self._task = asyncio.create_task(self._run(), name="lifespan")
        await self._exchange("lifespan.startup")

    async def shutdown(self) -> None:
        """Return when the application has cleaned up; raises as `startup` does."""
        assert self._task is not None
        await self._exchange("lifespan.shutdown")
        await self._task

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        await self.app(scope, self._events.get, self._answers.put)

    async def _exchange(self, event: str) -> None:
        assert self._task is not None
        self._events.put_nowait({"type": event})
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            self._task.result()  # raises what the application raised
            raise LifespanFailed(f"the application returned instead of answering {event}")
        message = answer.result()
        if str(message["type"]).endswith(".failed"):
            raise LifespanFailed(str(message.get("message", "")))
