"""Makes failing requests behind Sentry's ASGI middleware, and prints the events it would have sent, as JSON.

A program of its own: sentry_sdk.init() patches the standard library of its process for good.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.integrations.asgi import SentryAsgiMiddleware
from sentry_sdk.transport import Transport

from bridge import ErrorResponse, WsgiToAsgi
from tests.asgi_driver import AsgiCall

__all__ = ["main"]


class KeepingTransport(Transport):
    """Sends nothing anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(event)


def fails_before(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    sentry_sdk.set_tag("tenant", "of the application")
    raise ValueError("before the headers")


def fails_after(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"one"
    raise ValueError("after the headers")


def captures(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    try:
        raise KeyError("handled")
    except KeyError:
        sentry_sdk.capture_exception()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]


def _to_the_middleware(error: BaseException, scope: Any) -> ErrorResponse | None:
    raise error


APPLICATIONS: dict[str, tuple[Any, dict[str, Any]]] = {
    "before": (fails_before, {}),
    "before-and-on": (fails_before, {"on_error": _to_the_middleware}),
    "after": (fails_after, {}),
    "captured": (captures, {}),
}


async def main(name: str) -> list[Any]:
    """Return the events of one request to the application of that name."""
    transport = KeepingTransport()
    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=transport, auto_enabling_integrations=False)
    app, options = APPLICATIONS[name]
    bridge = WsgiToAsgi(app, **options)
    call = AsgiCall(SentryAsgiMiddleware(bridge), path="/pay", query=b"order=1", method="POST")
    try:
        await call.run()
    except ValueError as error:
        assert str(error).endswith("the headers")  # noqa: PT017 - a program, not a test
    await bridge.executor.drain()
    return transport.events


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1])), default=repr))  # noqa: T201 - what the test reads
