"""The strict driver itself: legal answers pass, every illegal one is found out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.asgi_driver import AsgiCall, AsgiLifespan, IllegalEvent, exchange

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
FIVE: dict[str, Any] = {**START, "headers": [(b"content-length", b"5")]}
END: dict[str, Any] = {"type": "http.response.body", "body": b"hello"}
TRAILERS: dict[str, Any] = {"type": "http.response.trailers", "headers": [(b"digest", b"1")]}


def sending(*events: dict[str, Any]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for event in events:
            await send(event)

    return app


async def echo(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "headers": [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]})
    more = True
    while more:
        event = await receive()
        more = event.get("more_body", False)
        await send({"type": "http.response.body", "body": event.get("body", b""), "more_body": more})


@pytest.mark.parametrize("body", [b"hello", [b"hel", b"lo"], [b"hello", b""], iter([b"", b"hello"])])
async def test_a_body_arrives_however_it_is_cut(body: Any) -> None:
    answer = await AsgiCall(echo, method="POST", body=body).run()
    assert (answer.status, answer.body, answer.complete) == (200, b"hello", True)
    assert answer.headers_named(b"set-cookie") == [b"a=1", b"b=2"]
    assert answer.header(b"nothing") is None


def headers(*pairs: Any) -> dict[str, Any]:
    return {**START, "headers": list(pairs)}


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([END], id="body before start"),
        pytest.param([START, START], id="start twice"),
        pytest.param([START, END, END], id="event after the last"),
        pytest.param([{**START, "status": "200"}], id="status is text"),
        pytest.param([{**START, "status": 100}], id="status is not final"),
        pytest.param([headers(("a", "b"))], id="header is text"),
        pytest.param([headers((b"A", b"b"))], id="name in upper case"),
        pytest.param([headers((b"", b"b"))], id="name is empty"),
        pytest.param([headers((b"a", b"b\r\nc: d"))], id="line break in a value"),
        pytest.param([headers((b"a", b" b"))], id="space before a value"),
        pytest.param([headers((b"connection", b"close"))], id="hop-by-hop"),
        pytest.param([headers((b"transfer-encoding", b"chunked"))], id="transfer-encoding"),
        pytest.param([headers((b"content-length", b"5"), (b"content-length", b"5"))], id="two lengths"),
        pytest.param([headers((b"content-length", b"x"))], id="length is no number"),
        pytest.param([FIVE, {**END, "body": b"hi"}], id="shorter than its length"),
        pytest.param([FIVE, {**END, "body": b"hello!", "more_body": True}], id="longer than its length"),
        pytest.param([{**START, "status": 204}, END], id="body with 204"),
        pytest.param([START, {**END, "body": "hello"}], id="body is text"),
        pytest.param([START, {**END, "more_body": 1}], id="more_body is a number"),
        pytest.param(
            [START, {"type": "http.response.pathsend", "path": "/tmp/x"}], id="extension not offered"
        ),
        pytest.param([{**START, "trailers": True}], id="trailers not offered"),
        pytest.param([{"status": 200}], id="no type"),
    ],
)
async def test_an_illegal_event_is_found_out_even_if_the_application_hides_it(events: Any) -> None:
    async def hiding(scope: Any, receive: Any, send: Any) -> None:
        for event in events:
            try:
                await send(event)
            except IllegalEvent:
                return

    with pytest.raises(IllegalEvent):
        await AsgiCall(hiding).run()


@pytest.mark.parametrize(
    ("events", "extension"),
    [
        ([START, {"type": "http.response.pathsend", "path": "/tmp/x"}], "http.response.pathsend"),
        ([{"type": "http.response.early_hint", "links": []}, START, END], "http.response.early_hint"),
        ([{**START, "trailers": True}, END, TRAILERS], "http.response.trailers"),
    ],
)
async def test_an_offered_extension_is_legal(events: Any, extension: str) -> None:
    answer = await AsgiCall(sending(*events), extensions={extension: {}}).run()
    assert answer.complete


async def test_trailers_are_returned_and_awaited() -> None:
    offered: dict[str, Any] = {"http.response.trailers": {}}
    whole = await AsgiCall(sending({**START, "trailers": True}, END, TRAILERS), extensions=offered).run()
    cut = await AsgiCall(sending({**START, "trailers": True}, END), extensions=offered).run()
    assert (whole.trailers, whole.complete, cut.complete) == ([(b"digest", b"1")], True, False)


async def test_a_head_response_may_announce_a_length_without_a_body() -> None:
    answer = await AsgiCall(sending(FIVE, {**END, "body": b""}), method="HEAD").run()
    assert answer.complete


async def test_an_answer_that_stops_early_is_incomplete() -> None:
    answer = await AsgiCall(sending(FIVE, {**END, "body": b"he", "more_body": True})).run()
    assert (answer.status, answer.body, answer.complete) == (200, b"he", False)


async def test_what_the_application_raises_comes_out() -> None:
    async def failing(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await AsgiCall(failing).run()


async def test_a_test_feeds_the_body_and_takes_the_client_away() -> None:
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        while not seen or seen[-1] != "http.disconnect":
            seen.append((await receive())["type"])

    call = AsgiCall(app, body=None)
    async with call.running():
        await call.event_sent(1)
        call.feed(b"part", more_body=True)
        call.disconnect()
    assert seen == ["http.request", "http.disconnect"]
    assert not call.answer().complete


async def test_receive_after_the_response_says_that_the_client_has_gone() -> None:
    received = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        await send(END)
        received.append(await receive())

    await AsgiCall(app).run()
    assert received == [{"type": "http.disconnect"}]


async def test_a_slow_client_holds_send_and_a_broken_one_raises_from_it() -> None:
    drained = asyncio.Event()

    async def slow(event: Any) -> None:
        await drained.wait()

    async def broken(event: Any) -> None:
        raise OSError

    call = AsgiCall(sending(START, END), on_send=slow)
    async with call.running():
        await asyncio.sleep(0)
        assert not call.events
        drained.set()
    assert call.answer().complete
    with pytest.raises(OSError):
        await AsgiCall(sending(START), on_send=broken).run()


async def test_lifespan_runs_around_a_block() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "lifespan.startup"
        scope["state"]["ready"] = True
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await send({"type": "lifespan.shutdown.complete"})

    async with AsgiLifespan(app) as lifespan:
        assert lifespan.state == {"ready": True}
    assert len(lifespan.events) == 2


@pytest.mark.parametrize(
    ("app", "message"),
    [
        (sending({"type": "lifespan.startup.failed", "message": "no database"}), "no database"),
        (sending(), "did not answer lifespan.startup"),
    ],
)
async def test_a_lifespan_that_fails_says_why(app: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        async with AsgiLifespan(app):
            pass


async def test_exchange_returns_the_events_of_any_scope() -> None:
    events = await exchange(sending({"type": "websocket.close"}), {"type": "websocket"}, [])
    assert events == [{"type": "websocket.close"}]
