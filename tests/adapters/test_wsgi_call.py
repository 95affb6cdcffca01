from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall

StartResponse = Callable[..., Any]
Bridged = Callable[..., WsgiToAsgi]


async def test_iteration_stops_at_the_first_block_beyond_content_length(bridged: Bridged) -> None:
    closed = []

    def endless(environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", "4")])
        try:
            while True:
                yield b"ab"
        finally:
            closed.append(True)

    answer = await AsgiCall(bridged(endless)).run()
    assert (answer.body, answer.complete, closed) == (b"abab", True, [True])


async def test_code_after_the_last_block_runs_when_content_length_is_met(bridged: Bridged) -> None:
    ran = []

    def exact(environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", "4")])
        yield b"abcd"
        ran.append("after the last block")

    answer = await AsgiCall(bridged(exact)).run()
    assert (answer.body, ran) == (b"abcd", ["after the last block"])


async def test_errors_of_iteration_and_of_close_are_logged_once_each(
    bridged: Bridged,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing:
        def __init__(self, environ: dict[str, Any], start_response: StartResponse) -> None:
            start_response("200 OK", [])

        def __iter__(self) -> Iterator[bytes]:
            raise ValueError("from iteration")

        def close(self) -> None:
            raise KeyError("from close")

    answer = await AsgiCall(bridged(Failing)).run()
    assert answer.status == 500
    assert caplog.text.count("ValueError: from iteration") == 1
    assert caplog.text.count("KeyError: 'from close'") == 1
