"""An event loop in a thread of its own, for ASGI applications in a process that has none.

Rules
- Nothing starts at import or construction. The first `acquire` starts the thread, the last
  `release` ends it and closes the loop, the next `acquire` starts a new one.
- A forked child has no thread: it begins as if nothing had been acquired, and leaves the parent's loop
  and tasks untouched (`bridge.adapters.forking`).
- All adapters of a process share one loop by default. Two applications of one code base often share a
  client or a connection pool, and those belong to one loop ("Lifespans should be executed once
  per event loop"). An application that blocks its loop would hold up the others: give it a
  `LoopThread()` of its own.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from bridge.adapters.forking import abandon, tell_after_fork
from bridge.errors import InvalidOption

__all__ = ["BorrowedLoop", "LoopHome", "LoopThread", "shared_loop"]

logger = logging.getLogger("bridge.asgi")


class LoopHome(Protocol):
    """Where an adapter gets its event loop from."""

    def acquire(self) -> asyncio.AbstractEventLoop:
        """Return a loop that is running in another thread, until `release`."""

    def release(self) -> None:
        """Give the loop back; one call for each `acquire`."""


class LoopThread:
    """A `LoopHome` that runs its loop in a daemon thread.

    `loop_factory` makes the loop (`uvloop.new_event_loop`, for one; default: what asyncio's policy
    makes); `name` is the thread's.
    """

    def __init__(
        self,
        *,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
        name: str = "bridge-asgi-loop",
    ) -> None:
        self._loop_factory = loop_factory
        self._name = name
        self._running: _RunningLoop | None = None
        self.after_fork()
        tell_after_fork(self)

    def after_fork(self) -> None:
        """Begin with no thread; see the module's rules."""
        if self._running is not None:
            abandon(self._running, asyncio.all_tasks(self._running.loop))
        self._running = None
        self._lock = threading.Lock()
        self._users = 0

    def acquire(self) -> asyncio.AbstractEventLoop:
        """Return the loop; start its thread if this is the first user."""
        with self._lock:
            if self._running is None:
                self._running = _RunningLoop(self._loop_factory(), self._name)
            self._users += 1
            return self._running.loop

    def release(self) -> None:
        """Give the loop back; the last user waits until the thread has ended."""
        with self._lock:
            self._users -= 1
            if self._users:
                return
            running, self._running = self._running, None
        if running is not None:
            running.stop()


class BorrowedLoop:
    """A `LoopHome` for a loop that somebody else runs, in another thread, and will stop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def acquire(self) -> asyncio.AbstractEventLoop:
        """Return the loop. Raises `InvalidOption` if it doesn't run: a request would wait for ever."""
        if not self._loop.is_running():
            raise InvalidOption("loop", self._loop, "an event loop that is running in another thread")
        return self._loop

    def release(self) -> None:
        """Leave it to its owner."""


class _RunningLoop:
    """One loop and the thread that runs it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        self.loop = loop
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the loop and wait for its thread, unless called in it."""
        self.loop.call_soon_threadsafe(self._stop)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _stop(self) -> None:
        self._stopping = True
        self.loop.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            while not self._stopping:
                self._run_once()
        finally:
            _wind_up(self.loop)

    def _run_once(self) -> None:
        """Run until stopped, or until a task raises SystemExit: asyncio lets that through.

        Requests of other clients wait on this loop and would wait for ever if it ended with one task.
        """
        try:
            self.loop.run_forever()
        except (SystemExit, KeyboardInterrupt):
            logger.exception("a task raised it in the event loop; the loop goes on")


def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left on a stopped loop, and close it, in the order of `asyncio.run`."""
    try:
        loop.run_until_complete(_cancel(asyncio.all_tasks(loop)))
        loop.run_until_complete(loop.shutdown_asyncgens())
        _shut_down_executor(loop)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _shut_down_executor(loop: asyncio.AbstractEventLoop) -> None:
    """Wait for the threads of the loop's executor, if that is possible."""
    try:
        loop.run_until_complete(loop.shutdown_default_executor())
    except RuntimeError as error:
        # Python 3.12.1 starts no thread at exit, not even the one that would wait for the others.
        logger.debug("the event loop's executor was not shut down: %s", error)


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and wait for them."""
    pending = list(tasks)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)


_shared = LoopThread()


def shared_loop() -> LoopThread:
    """Return the process's own `LoopThread`."""
    return _shared
