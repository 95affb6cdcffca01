"""The public adapter: options, scope types, what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge import ThreadExecutor, WsgiToAsgi
from bridge.errors import InvalidOption, UnknownScopeType

Bridged = Callable[..., WsgiToAsgi]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [])
    return [b"x"]


@pytest.mark.parametrize(
    "options",
    [
        {"executor": "process"},
        {"executor": 4},
        {"max_threads": 0},
        {"body_window": 0},
        {"body_wait": -1},
        {"high_water": 1.5},
        {"client_timeout": -1},
        {"max_headers": 0},
        {"spool_memory": -1},
        {"spool_limit": -1},
        {"on_error": "log"},
        {"keep_underscore_headers": "false"},
        {"spool_chunked": 1},
        {"multiprocess": None},
        {"websockets": "no"},
    ],
    ids=repr,
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    name = next(iter(options))
    with pytest.raises(InvalidOption, match=f"{name}=.*expected") as caught:
        WsgiToAsgi(app, **options)
    assert caught.value.option == name


def test_what_is_no_application_is_refused() -> None:
    with pytest.raises(InvalidOption, match="callable\\(environ, start_response\\)"):
        WsgiToAsgi("myapp:app")  # type: ignore[arg-type]


def test_pool_options_beside_an_executor_of_ones_own_are_refused() -> None:
    with pytest.raises(InvalidOption, match="set on the executor that was given"):
        WsgiToAsgi(app, executor=ThreadExecutor(), max_threads=3)


def test_the_thread_executor_gets_its_options() -> None:
    executor = WsgiToAsgi(app, max_threads=3, max_queue=5, queue_timeout=None).executor
    statistics = executor.statistics()
    assert (statistics.max_threads, statistics.max_queue, executor.queue_timeout) == (3, 5, None)


async def test_an_unknown_scope_type_is_named(bridged: Bridged) -> None:
    async def nothing(*_: Any) -> Any:
        return {}

    with pytest.raises(UnknownScopeType, match="'carrier-pigeon'"):
        await bridged(app)({"type": "carrier-pigeon"}, nothing, nothing)


@pytest.mark.parametrize(
    ("extensions", "events"),
    [
        ({}, ["websocket.close"]),
        (
            {"websocket.http.response": {}},
            ["websocket.http.response.start", "websocket.http.response.body"],
        ),
    ],
)
async def test_a_websocket_is_refused(
    bridged: Bridged, extensions: dict[str, Any], events: list[str]
) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(event: Any) -> None:
        sent.append(event)

    await bridged(app)({"type": "websocket", "extensions": extensions}, receive, send)
    assert [event["type"] for event in sent] == events
    if extensions:
        assert sent[0]["status"] == 403


def test_repr_names_the_application() -> None:
    assert repr(WsgiToAsgi(app)).startswith("WsgiToAsgi(<function app")
