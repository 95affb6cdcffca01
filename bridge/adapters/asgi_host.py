"""Keeps one ASGI application running in a process that has no ASGI server: loop, lifespan, requests.

    NEW --first request or start()--> STARTING --lifespan ready--> RUNNING --close()--> CLOSED
     ^                                   |
     +------- startup failed ------------+          a forked child begins at NEW

Requests that come during a startup wait for it and share its failure; the next one after that tries
again. A request is handed to the loop under the lock that `close` takes, so `close` finds every
request that was let in, and none is posted to a loop that has ended.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from bridge.adapters.asgi_call import AsgiCall
from bridge.adapters.asgi_exchange import begin
from bridge.adapters.asgi_lifespan import Lifespan, LifespanMode
from bridge.adapters.asgi_loop import LoopHome
from bridge.adapters.forking import abandon, tell_after_fork
from bridge.adapters.process_exit import at_exit, not_at_exit
from bridge.errors import AdapterClosed, LoopWouldBlock
from bridge.protocol.asgi_types import AsgiApp

__all__ = ["AsgiHost", "Running"]

logger = logging.getLogger("bridge.asgi")

SLOW = 10.0  # seconds after which the log says what everybody is waiting for; arbitrary
_ANOTHER_THREAD = (
    "call it in another thread (await asyncio.to_thread(...)), or give the application that is called "
    "a loop of its own: AsgiToWsgi(app, loop=LoopThread())"
)
CANCEL_GRACE = 1.0  # seconds for a cancelled task to clean up; arbitrary


@dataclass(slots=True)
class Running:
    """An application that is ready for requests."""

    loop: asyncio.AbstractEventLoop
    lifespan: Lifespan
    live: set[AsgiCall] = field(default_factory=set)  # touched on the loop only
    loop_thread: int = 0  # threading.get_ident() of the loop


class AsgiHost:
    """Starts `app` on a loop from `home` when it is first needed, and ends it.

    `shutdown_timeout` is in seconds, once for the requests and background tasks that still run, and
    once for the lifespan.
    """

    def __init__(
        self, app: AsgiApp, home: LoopHome, *, lifespan: LifespanMode, shutdown_timeout: float
    ) -> None:
        self._app = app
        self._home = home
        self._lifespan_mode = lifespan
        self._shutdown_timeout = shutdown_timeout
        self._closed = False
        self._running: Running | None = None
        self.after_fork()
        tell_after_fork(self)

    def after_fork(self) -> None:
        """Begin anew; loop, lifespan and requests are the parent's."""
        if self._running is not None:
            abandon(self._running)
        self._running = None
        self._lock = threading.Lock()
        self._starting: concurrent.futures.Future[Running] | None = None

    def running(self) -> Running:
        """Return the running application; start it, or wait for its start, if need be.

        Raises `LifespanFailed`, `AdapterClosed`, and `LoopWouldBlock` when called on its own loop.
        """
        running = self._running or self._start()
        if running.loop_thread == threading.get_ident():
            raise LoopWouldBlock("AsgiToWsgi", _ANOTHER_THREAD)
        return running

    def begin(self, call: AsgiCall) -> None:
        """Start a request on the loop. Raises `AdapterClosed`."""
        with self._lock:
            if self._closed:
                raise AdapterClosed
            begin(call)

    # ------------------------------------------------------------ starting

    def _start(self) -> Running:
        with self._lock:
            if self._closed:
                raise AdapterClosed
            if self._running is not None:
                return self._running
            starting, mine = self._starting, self._starting is None
            if starting is None:
                starting = self._starting = concurrent.futures.Future()
        return self._start_now(starting) if mine else starting.result()

    def _start_now(self, starting: concurrent.futures.Future[Running]) -> Running:
        try:
            running = self._run_startup()
        # BaseException: the server may end this thread in here, and others wait for the outcome.
        except BaseException as error:
            with self._lock:
                self._starting = None
            starting.set_exception(error)
            raise
        with self._lock:
            self._running, self._starting = running, None
        at_exit(self.close)
        starting.set_result(running)
        return running

    def _run_startup(self) -> Running:
        running = Running(self._home.acquire(), Lifespan(self._app, self._lifespan_mode))
        try:
            _wait_for(running.loop, _start_lifespan(running), "the application's startup")
        except BaseException:
            self._home.release()
            raise
        return running

    # ------------------------------------------------------------ closing

    def close(self) -> None:
        """Refuse new requests, wait for those that run, then end the lifespan and give back the loop.

        Raises `LoopWouldBlock` when called on the loop. May be called again.
        """
        running = self._running
        if running is not None and running.loop_thread == threading.get_ident():
            raise LoopWouldBlock("AsgiToWsgi.close()", _ANOTHER_THREAD)
        with self._lock:
            self._closed = True
            starting = self._starting
        if starting is not None:
            concurrent.futures.wait([starting])
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            self._close_now(running)

    def _close_now(self, running: Running) -> None:
        not_at_exit(self.close)
        try:
            _wait_for(running.loop, self._shut_down(running), "the application's shutdown")
        finally:
            self._home.release()

    async def _shut_down(self, running: Running) -> None:
        await _drain(running.live, self._shutdown_timeout)
        await running.lifespan.shutdown(self._shutdown_timeout)


async def _start_lifespan(running: Running) -> None:
    running.loop_thread = threading.get_ident()
    await running.lifespan.startup()


async def _drain(live: set[AsgiCall], timeout: float) -> None:
    """Wait for requests and their background tasks; cancel and name those that take longer."""
    calls = {call.task: call for call in live if call.task is not None}
    if not calls:
        return
    _, late = await asyncio.wait(calls, timeout=timeout)
    for task in late:
        logger.error(
            "%s: still running %s s after close() was called; it was cancelled", calls[task], timeout
        )
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=CANCEL_GRACE)


def _wait_for(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None], what: str) -> None:
    """Run `work` on a loop that runs in another thread, and wait for it."""
    if _loop_of_this_thread() is loop:
        work.close()  # or it would be reported as never awaited
        raise LoopWouldBlock("AsgiToWsgi", _ANOTHER_THREAD)
    future = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        if not concurrent.futures.wait([future], timeout=SLOW).done:
            logger.warning("waiting for %s for more than %s s", what, SLOW)
        future.result()
    except BaseException:
        future.cancel()
        raise


def _loop_of_this_thread() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
