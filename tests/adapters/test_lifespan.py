"""Lifespan scopes: hooks, state, failure, draining."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.errors import InvalidOption
from tests.asgi_driver import AsgiCall, AsgiLifespan

Bridged = Callable[..., WsgiToAsgi]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(environ["asgi.state"].get("pool")).encode()]


async def test_lifespan_works_without_hooks(bridged: Bridged) -> None:
    async with AsgiLifespan(bridged(app)):
        pass


async def test_sync_and_async_hooks_run_in_order(bridged: Bridged) -> None:
    order: list[str] = []

    async def asynchronous() -> None:
        await asyncio.sleep(0)
        order.append("async start")

    hooks = [lambda: order.append("sync start"), asynchronous]
    async with AsgiLifespan(bridged(app, on_startup=hooks, on_shutdown=lambda: order.append("stop"))):
        assert order == ["sync start", "async start"]
    assert order == ["sync start", "async start", "stop"]


async def test_state_set_at_startup_reaches_environ(bridged: Bridged) -> None:
    def connect(state: dict[str, Any]) -> None:
        state["pool"] = "ready"

    application = bridged(app, on_startup=connect)
    async with AsgiLifespan(application) as lifespan:
        answer = await AsgiCall(application, state=dict(lifespan.state)).run()
    assert answer.body == b"ready"


async def test_a_sync_hook_does_not_hold_the_loop(bridged: Bridged) -> None:
    here = threading.get_ident()
    threads: list[int] = []
    async with AsgiLifespan(bridged(app, on_startup=lambda: threads.append(threading.get_ident()))):
        assert threads != [here]


async def test_a_failing_startup_is_reported_with_its_message(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise ConnectionError("no database at db:5432")

    with pytest.raises(RuntimeError, match="ConnectionError: no database at db:5432"):
        async with AsgiLifespan(bridged(app, on_startup=refuse)):
            pass
    assert [record.name for record in caplog.records] == ["bridge.lifespan"]


async def test_every_shutdown_hook_runs_even_after_one_failed(bridged: Bridged) -> None:
    ran: list[str] = []

    def fail() -> None:
        raise ValueError("first")

    with pytest.raises(RuntimeError, match="ValueError: first"):
        async with AsgiLifespan(bridged(app, on_shutdown=[fail, lambda: ran.append("second")])):
            pass
    assert ran == ["second"]


async def test_shutdown_names_the_requests_it_left(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(20)
        return app(environ, start_response)

    application = bridged(slow, shutdown_timeout=0.01)
    call = AsgiCall(application, path="/report/ü", query=b"secret=1")
    with caplog.at_level(logging.WARNING, "bridge.lifespan"):
        async with call.running():
            async with AsgiLifespan(application):
                await begun.wait()
            go_on.set()
    assert "left 1 requests unfinished: GET /report/%C3%BC" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("hooks", [1, [None], "startup"])
def test_what_is_no_hook_is_refused(hooks: Any) -> None:
    with pytest.raises(InvalidOption, match=r"on_startup=.* expected a callable, or a sequence of callables"):
        WsgiToAsgi(app, on_startup=hooks)
