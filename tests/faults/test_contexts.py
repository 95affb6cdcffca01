"""contextvars cross the bridge in both directions, whatever becomes of the request, and never from one to another."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall, Event
from tests.faults.rig import LIMIT, Counted, Meeting

LANES = ["thread", "greenlet"]

Bridged = Callable[..., WsgiToAsgi]

USER: contextvars.ContextVar[str] = contextvars.ContextVar("USER", default="nobody")
SEEN: contextvars.ContextVar[str] = contextvars.ContextVar("SEEN", default="nothing")


def ok(start_response: Any) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain")])


def user_list(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    seen = USER.get()
    SEEN.set(f"{seen} in the call")
    ok(start_response)
    return [seen.encode()]


def user_stream(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    ok(start_response)
    SEEN.set(f"{USER.get()} before the first block")
    yield USER.get().encode()
    yield b"."
    SEEN.set(f"{USER.get()} after the last block")


@pytest.mark.parametrize("app", [user_list, user_stream])
async def test_what_middleware_has_set_is_seen_by_the_application(bridged: Bridged, app: Any) -> None:
    USER.set("alice")
    assert (await AsgiCall(bridged(app)).run()).body.rstrip(b".") == b"alice"


@pytest.mark.parametrize(
    ("app", "expected"),
    [(user_list, "alice in the call"), (user_stream, "alice after the last block")],
)
async def test_what_the_application_has_set_is_seen_by_middleware(
    bridged: Bridged, app: Any, expected: str
) -> None:
    USER.set("alice")
    await bridged(app)(*direct(AsgiCall(bridged(app))))
    assert SEEN.get() == expected


def direct(call: AsgiCall) -> tuple[Any, Any, Any]:
    """Return scope, receive and send, to await the application in the test's own context."""
    return call.scope, call._receive, call._send


async def test_what_is_set_before_the_first_block_is_seen_when_the_headers_are_sent(bridged: Bridged) -> None:
    """Correlation ids and session middleware look then."""
    at_start: list[str] = []
    looked = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        ok(start_response)
        SEEN.set("before the first block")
        yield b"."
        assert looked.wait(LIMIT)
        SEEN.set("after the first block")

    async def look(event: Event) -> None:
        if event["type"] == "http.response.start":
            at_start.append(SEEN.get())
            looked.set()

    await AsgiCall(bridged(app), on_send=look).run()
    assert at_start == ["before the first block"]


async def test_what_the_application_leaves_alone_is_not_set_back(bridged: Bridged) -> None:
    """Middleware sets a variable while the response passes it; the application's older value must not win."""

    async def set_meanwhile(event: Event) -> None:
        USER.set("set by the middleware's send")

    call = AsgiCall(bridged(user_stream), on_send=set_meanwhile)
    USER.set("alice")
    await bridged(user_stream)(*direct(call))
    assert USER.get() == "set by the middleware's send"


async def test_requests_at_the_same_time_do_not_see_each_other(bridged: Bridged) -> None:
    both = [Meeting(), Meeting()]

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        number = int(environ["PATH_INFO"][1:])
        SEEN.set(f"{USER.get()} {number}")
        both[number].arrive()
        ok(start_response)
        yield SEEN.get().encode()

    bridge = bridged(app)

    async def request(number: int) -> tuple[bytes, str]:
        USER.set(f"user {number}")
        call = AsgiCall(bridge, path=f"/{number}")
        await bridge(*direct(call))
        return call.answer().body, SEEN.get()

    tasks = [asyncio.ensure_future(request(number)) for number in range(2)]
    for meeting in both:
        await meeting.arrived()
    for meeting in both:
        meeting.let_go()
    assert await asyncio.gather(*tasks) == [
        (b"user 0 0", "user 0 0"),
        (b"user 1 1", "user 1 1"),
    ]
    assert SEEN.get() == "nothing"


async def test_one_thread_starts_every_request_with_a_clean_context(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        before = SEEN.get()
        SEEN.set("left behind")
        ok(start_response)
        return [before.encode()]

    bridge = bridged(app, max_threads=1)
    for _ in range(3):
        # A task of its own: what the application sets comes back to its caller, too.
        answer = await asyncio.create_task(AsgiCall(bridge).run())
        assert answer.body == b"nothing"


class Tokens:
    """An application that resets in `close()` what it set in its call: only its own context allows that."""

    def __init__(self) -> None:
        self.outcomes: list[str] = []
        self.streaming = Meeting()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Tokens.Blocks:
        ok(start_response)
        return Tokens.Blocks(self, USER.set("set in the call"))

    class Blocks:
        def __init__(self, app: Tokens, token: contextvars.Token[str]) -> None:
            self._app = app
            self._token = token

        def __iter__(self) -> Iterator[bytes]:
            yield USER.get().encode()
            self._app.streaming.pass_by()
            while True:
                yield b"."

        def close(self) -> None:
            try:
                USER.reset(self._token)
            except ValueError as error:  # "was created in a different Context"
                self._app.outcomes.append(str(error))
            else:
                self._app.outcomes.append("reset")


async def test_close_runs_in_the_applications_context_after_a_cancellation(bridged: Bridged) -> None:
    app = Tokens()
    bridge = bridged(app)
    task = asyncio.ensure_future(AsgiCall(bridge).run())
    await app.streaming.arrived()
    task.cancel()
    await asyncio.wait([task], timeout=LIMIT)
    assert task.cancelled()
    assert await bridge.executor.drain() == []
    assert app.outcomes == ["reset"]


async def test_close_runs_in_the_applications_context_after_a_disconnect(bridged: Bridged) -> None:
    app = Tokens()
    bridge = bridged(app)
    call = AsgiCall(bridge)
    async with call.running():
        await call.event_sent(2)
        call.disconnect()
    assert await bridge.executor.drain() == []
    assert app.outcomes == ["reset"]


async def test_a_cancelled_request_leaves_the_context_of_its_caller_usable(bridged: Bridged) -> None:
    entered = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        USER.set("mallory")
        entered.arrive()
        ok(start_response)
        return []

    bridge = bridged(Counted(app))
    USER.set("alice")
    task = asyncio.ensure_future(AsgiCall(bridge).run())
    await entered.arrived()
    task.cancel()
    await asyncio.wait([task], timeout=LIMIT)
    entered.let_go()
    assert USER.get() == "alice"
