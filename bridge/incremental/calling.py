"""Two ways to call an application: for the client, counted; and for nobody, where whatever it does is an `Answer`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from time import perf_counter

from bridge.incremental.compare.answers import Answer
from bridge.incremental.ledger import Tally
from bridge.incremental.watching import Capture
from bridge.protocol.asgi_types import AsgiApp, Event, Receive, Scope, Send

__all__ = ["answer_within", "counted"]

logger = logging.getLogger("bridge.incremental")

CANCEL_GRACE = 1.0  # seconds for a cancelled call to end; one that resists is left alone


async def counted(tally: Tally, app: AsgiApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Have an application answer the client, and note it: the time until it began, and whether it failed.

    `Migration.__call__` has the same written out, for every request goes through it; what is plain was measured.
    """
    began, failed = 0.0, False

    def watch(event: Event) -> Awaitable[None]:  # an object with a method takes a third longer
        nonlocal began, failed
        if not began and event["type"] == "http.response.start":
            began, failed = perf_counter(), event["status"] >= 500
        return send(event)

    start = perf_counter()
    try:
        await app(scope, receive, watch)
    except OSError:  # in all likelihood the client has gone (ASGI, "Disconnected Client")
        failed = failed or not began
        raise
    except Exception:
        failed = True
        raise
    finally:
        tally.latencies.append((began or perf_counter()) - start)
        if failed:
            tally.failures.append(None)


async def answer_within(
    app: AsgiApp, scope: Scope, receive: Receive, capture: Capture, seconds: float
) -> Answer:
    """Return what `app` sends into `capture` within `seconds`; never raises, but when it is cancelled itself."""
    began = perf_counter()
    call = asyncio.ensure_future(_contained(app, scope, receive, capture))
    try:
        # Not wait_for(): that waits for as long as the application ignores its cancellation.
        await asyncio.wait([call], timeout=seconds)
    finally:
        taken = (capture.began or perf_counter()) - began
        error = "" if call.done() else f"no whole answer within {seconds:g} s"
        call.cancel()
    await asyncio.wait([call], timeout=CANCEL_GRACE)
    if call.done() and not call.cancelled() and not capture.complete:
        error = error or call.result()
    return capture.answer(f"ended after {capture.size} bytes" if capture.flooded else error, taken)


async def _contained(app: AsgiApp, scope: Scope, receive: Receive, send: Send) -> str:
    """Run an application; return what it raised, in words.

    SystemExit and KeyboardInterrupt too: raised in a task, they would end the server's loop.
    """
    try:
        await app(scope, receive, send)
    except asyncio.CancelledError:
        raise
    except BaseException as raised:
        logger.debug("a call that nobody waits for failed", exc_info=raised)
        return f"{type(raised).__name__} was raised"
    return ""
