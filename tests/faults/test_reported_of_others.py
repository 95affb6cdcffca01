"""What users reported of other bridges and servers (migration_guide/from-other-bridges.md), asked of this one.

Reports that a test elsewhere is about are named there: these have none of their own.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import AsgiToWsgi, WsgiToAsgi
from bridge.adapters.asgi_loop import LoopThread
from tests.adapters.asgi_answers import answer, read_body
from tests.adapters.wsgi_driver import ask
from tests.asgi_driver import AsgiCall

Bridged = Callable[..., WsgiToAsgi]

LANES = ["thread", "greenlet"]


def shown(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [repr([environ.get(key) for key in ("HTTP_X_HOST", "HTTP_X_USER", "REQUEST_METHOD")]).encode()]


async def test_environment_variables_are_no_headers(
    bridged: Bridged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """granian, 878: HTTP_HOST of a Kubernetes pod took the place of every request's Host."""
    for name in ("HTTP_X_HOST", "HTTP_X_USER", "REQUEST_METHOD"):
        monkeypatch.setenv(name, "the-process-s-own")
    answered = await AsgiCall(bridged(shown), headers=[(b"x-host", b"shop.example")]).run()
    assert answered.body == b"['shop.example', None, 'GET']"


async def test_streams_that_last_leave_the_other_threads_to_the_others(bridged: Bridged) -> None:
    """granian, 873: one stream that was being sent held up requests, although there were threads for them."""

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return events(environ) if environ["PATH_INFO"] == "/events" else [b"done"]

    def events(environ: dict[str, Any]) -> Iterator[bytes]:
        while not environ["bridge.disconnected"]():
            yield b"data: tick\n\n"

    bridge = bridged(app, max_threads=5)
    streams = [AsgiCall(bridge, path="/events") for _ in range(4)]
    tasks = [asyncio.ensure_future(stream._call()) for stream in streams]
    for stream in streams:
        await stream.event_sent(3)
    for _ in range(20):
        assert (await AsgiCall(bridge).run()).body == b"done"
    for stream in streams:
        stream.disconnect()
    await asyncio.wait(tasks)


async def test_tokens_of_context_variables_stay_valid_around_the_application(bridged: Bridged) -> None:
    """contextvars, 18: middleware could not reset what it had set: "created in a different Context"."""
    scope_of_a_trace = contextvars.ContextVar("scope_of_a_trace", default="none")

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        token = scope_of_a_trace.set("the application's")
        try:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [scope_of_a_trace.get().encode()]
        finally:
            scope_of_a_trace.reset(token)

    bridge = bridged(app)

    async def traced(scope: Any, receive: Any, send: Any) -> None:
        token = scope_of_a_trace.set("the middleware's")
        await bridge(scope, receive, send)
        assert scope_of_a_trace.get() == "the middleware's"
        scope_of_a_trace.reset(token)

    answered = await AsgiCall(traced).run()
    assert (answered.body, scope_of_a_trace.get()) == (b"the application's", "none")


def test_the_way_back_touches_its_loop_from_other_threads_safely() -> None:
    """a2wsgi, 53: asyncio's debug mode raised, for tasks were made in the WSGI server's thread."""

    def debugging() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_debug(True)
        return loop

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await read_body(receive)
            await answer(send, b"fine")

    with AsgiToWsgi(app, lifespan="off", loop=LoopThread(loop_factory=debugging)) as application:
        assert ask(application).body == b"fine"
