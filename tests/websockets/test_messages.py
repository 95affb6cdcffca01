"""`environ["wsgi.websocket"]`: handshake, messages, closing, and what is refused."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.errors import ClientDisconnected, InvalidHeader, InvalidOption, LoopWouldBlock
from tests.websockets.driver import WebSocketCall, websocket_scope

Bridged = Callable[..., WsgiToAsgi]
DENIAL: dict[str, Any] = {
    "websocket.http.response": {}
}  # the server can send a response in place of a handshake


def ok(start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    for message in environ["wsgi.websocket"]:
        environ["wsgi.websocket"].send(message)
    return ok(start_response)


# ------------------------------------------------------------ the handshake


async def test_the_first_message_completes_the_handshake(bridged: Bridged) -> None:
    async with WebSocketCall(bridged(echo)).running() as client:
        accept = await client.sent()
        assert accept == {"type": "websocket.accept", "subprotocol": None, "headers": []}
        client.leave()


async def test_the_application_sees_the_handshake_as_the_get_it_is(bridged: Bridged) -> None:
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        seen["websocket"] = environ["wsgi.websocket"]
        seen["body"] = environ["wsgi.input"].read()
        return ok(start_response)

    headers = [*websocket_scope()["headers"], (b"origin", b"https://example.test"), (b"cookie", b"a=1")]
    scope = {"headers": headers, "scheme": "wss", "query_string": b"q=1", "subprotocols": ["chat", "logs"]}
    async with WebSocketCall(bridged(app), "/ws/room", **scope).running():
        pass
    assert (seen["REQUEST_METHOD"], seen["PATH_INFO"], seen["QUERY_STRING"]) == ("GET", "/ws/room", "q=1")
    assert (seen["wsgi.url_scheme"], seen["HTTP_COOKIE"]) == ("https", "a=1")
    assert (seen["HTTP_UPGRADE"].lower(), seen["HTTP_CONNECTION"].lower()) == ("websocket", "upgrade")
    assert seen["HTTP_SEC_WEBSOCKET_PROTOCOL"] == "chat, logs"
    assert "HTTP_SEC_WEBSOCKET_EXTENSIONS" not in seen  # compression is between the server and its client
    assert seen["body"] == b""
    assert seen["websocket"].subprotocols == ["chat", "logs"]
    assert (seen["websocket"].path, seen["websocket"].origin) == ("/ws/room", "https://example.test")


async def test_a_handshake_of_http_2_looks_like_any_other(bridged: Bridged) -> None:
    """RFC 8441: no Upgrade, no Connection, no key."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        return ok(start_response)

    headers = [(b"host", b"example.test"), (b"sec-websocket-version", b"13")]
    async with WebSocketCall(bridged(app), headers=headers, http_version="2").running():
        pass
    assert (seen["HTTP_UPGRADE"], seen["HTTP_CONNECTION"]) == ("websocket", "Upgrade")
    assert len(seen["HTTP_SEC_WEBSOCKET_KEY"]) == 24


async def test_accept_takes_a_subprotocol_and_headers(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        assert not websocket.accepted
        websocket.accept(websocket.subprotocols[1], [("X-Room", "7")])
        assert websocket.accepted
        websocket.accept("another")  # too late, and harmless
        return ok(start_response)

    async with WebSocketCall(bridged(app), subprotocols=["a", "b"]).running() as client:
        accept = await client.sent()
        assert (accept["subprotocol"], accept["headers"]) == ("b", [(b"x-room", b"7")])
        assert (await client.sent())["type"] == "websocket.close"


async def test_an_ordinary_response_refuses_the_handshake(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("401 Unauthorized", [("WWW-Authenticate", "Basic")])
        return [b"who are you?"]

    async with WebSocketCall(bridged(app)).running() as client:
        assert (await client.sent())["type"] == "websocket.close"
    async with WebSocketCall(bridged(app), extensions=DENIAL).running() as client:
        start, body = await client.sent(), await client.sent()
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)
    assert (b"www-authenticate", b"Basic") in start["headers"]
    assert (body["type"], body["body"]) == ("websocket.http.response.body", b"who are you?")


async def test_an_application_that_fails_before_the_handshake_answers_500(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ValueError("no")

    async with WebSocketCall(bridged(app), extensions=DENIAL).running() as client:
        assert (await client.sent())["status"] == 500


async def test_a_full_queue_refuses_the_handshake_with_503(bridged: Bridged, executor: str) -> None:
    size = {"max_greenlets": 1} if executor == "greenlet" else {"max_threads": 1}
    bridge = bridged(echo, **size, max_queue=0)
    async with WebSocketCall(bridge).running() as first:
        await first.sent()
        async with WebSocketCall(bridge, extensions=DENIAL).running() as second:
            assert (await second.sent())["status"] == 503
        first.leave()


async def test_a_client_that_leaves_the_queue_is_forgotten(bridged: Bridged, executor: str) -> None:
    size = {"max_greenlets": 1} if executor == "greenlet" else {"max_threads": 1}
    bridge = bridged(echo, **size)
    async with WebSocketCall(bridge).running() as first:
        await first.sent()
        async with WebSocketCall(bridge).running() as second:
            second.leave()
        assert second.nothing_sent()
        first.leave()
    assert bridge.executor.statistics().abandoned == 1


# ------------------------------------------------------------ messages


async def test_text_and_bytes_go_both_ways(bridged: Bridged) -> None:
    async with WebSocketCall(bridged(echo)).running() as client:
        await client.sent()
        for message in ("héllo", "", b"\x00\xff", b""):
            client.say(message)
            kind = "text" if isinstance(message, str) else "bytes"
            assert await client.sent() == {"type": "websocket.send", kind: message}
        client.leave()


async def test_binary_overrides_the_type(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].send("é", binary=True)
        environ["wsgi.websocket"].send("é".encode(), binary=False)
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["bytes"] == "é".encode()
        assert (await client.sent())["text"] == "é"
        await client.sent()


async def test_a_client_is_not_read_ahead_of_the_application(bridged: Bridged) -> None:
    """Only so far that its departure is heard; the rest is the server's to hold back."""
    go_on = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].accept()
        assert go_on.wait(20)
        assert [int(environ["wsgi.websocket"].receive()) for _ in range(100)] == list(range(100))
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        for number in range(100):
            client.say(f"{number:8000}")
        for _ in range(50):
            await asyncio.sleep(0)
        assert client.read == 9  # 64 KiB
        go_on.set()


async def test_receive_gives_up_after_its_timeout_and_loses_nothing(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        with pytest.raises(TimeoutError, match="no message came in time"):
            websocket.receive(timeout=0.01)
        websocket.send("waiting")
        assert websocket.receive(timeout=20) == "here"
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        await client.sent()
        client.say("here")
        assert (await client.sent()) == {"type": "websocket.close", "code": 1000, "reason": ""}


async def test_another_request_may_send(bridged: Bridged) -> None:
    """Broadcasts: the connections are kept in a list, and any request writes to all of them."""
    sockets: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        if environ["PATH_INFO"] == "/tell":
            for each in sockets:
                each.send("news")
            return ok(start_response)
        sockets.append(websocket)
        websocket.accept()
        assert websocket.receive() is None
        return ok(start_response)

    bridge = bridged(app)
    async with WebSocketCall(bridge).running() as one, WebSocketCall(bridge).running() as other:
        await one.sent()
        await other.sent()
        async with WebSocketCall(bridge, "/tell").running():
            pass
        assert (await one.sent())["text"] == (await other.sent())["text"] == "news"
        one.leave()
        other.leave()


async def test_a_thread_of_the_application_may_send(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        websocket.accept()
        thread = threading.Thread(target=lambda: websocket.send("from a thread"))
        thread.start()
        thread.join(20)
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["text"] == "from a thread"


async def test_code_on_the_event_loop_is_told_that_it_cannot_wait(bridged: Bridged) -> None:
    kept: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        kept.append(environ["wsgi.websocket"])
        assert kept[0].receive() is None
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        with pytest.raises(LoopWouldBlock):
            kept[0].send("x")
        client.leave()


# ------------------------------------------------------------ the end


async def test_a_client_that_leaves_ends_the_messages(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        assert [websocket.receive(), websocket.receive(), websocket.receive()] == ["last", None, None]
        assert websocket.closed
        with pytest.raises(ClientDisconnected, match="closed"):
            websocket.send("too late")
        websocket.close()  # harmless
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        client.say("last")
        client.leave()
    assert client.nothing_sent()


async def test_a_departure_is_heard_by_a_handler_that_only_sends(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        while not environ["wsgi.websocket"].closed:
            environ["wsgi.websocket"].send("tick")
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        await client.sent()
        client.leave()


async def test_a_departure_is_heard_behind_messages_that_nobody_reads(bridged: Bridged) -> None:
    """A page that says "I am still here" every half a minute, and a handler that does not care."""
    heard: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        websocket.accept()
        while not websocket.closed:
            time.sleep(0.001)
        heard.extend(websocket)  # they are still there
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        for _ in range(500):
            client.say('{"alive": true}')
        client.leave()
    assert len(heard) == 500


async def test_a_send_that_fails_ends_the_connection(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        while True:
            websocket.send(websocket.receive())

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        client.failing = True
        client.say("x")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_the_application_closes_with_a_code_and_a_reason(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        websocket.accept()
        websocket.close(4001, "enough")
        assert websocket.closed
        assert websocket.receive() is None
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert await client.sent() == {"type": "websocket.close", "code": 4001, "reason": "enough"}


async def test_a_close_that_the_server_refuses_is_left_to_the_server(bridged: Bridged) -> None:
    """daphne takes no code from 1001 to 1014: a client must not be left waiting for the close."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].accept()
        with pytest.raises(ValueError, match="invalid close code"):
            environ["wsgi.websocket"].close(1001)
        return ok(start_response)

    async def choosy(scope: Any, receive: Any, send: Any) -> None:
        async def checked(event: Any) -> None:
            if event["type"] == "websocket.close":
                raise ValueError("invalid close code")
            await send(event)

        await bridge(scope, receive, checked)

    bridge = bridged(app)
    with pytest.raises(ValueError, match="invalid close code"):  # which a server answers with 1011
        async with WebSocketCall(choosy).running() as client:
            await client.sent()


async def test_closing_before_the_handshake_refuses_it(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].close()
        with pytest.raises(ClientDisconnected):
            environ["wsgi.websocket"].accept()
        return ok(start_response)

    for extensions in ({}, DENIAL):  # the response comes too late
        async with WebSocketCall(bridged(app), extensions=extensions).running() as client:
            assert (await client.sent())["type"] == "websocket.close"
        assert client.nothing_sent()


async def test_a_handler_that_returns_closes_normally(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].accept()
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["code"] == 1000


async def test_a_handler_that_fails_behind_its_response_closes_with_1011(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].accept()
        start_response("200 OK", [])(b"begun")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):  # as over HTTP
        async with WebSocketCall(bridged(app)).running() as client:
            await client.sent()
            assert (await client.sent())["code"] == 1011


async def test_a_handler_that_fails_closes_with_1011_and_is_logged_once(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].accept()
        raise ValueError("no")

    async with WebSocketCall(bridged(app), "/ws").running() as client:
        await client.sent()
        assert (await client.sent())["code"] == 1011
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "GET /ws" in record.getMessage()


@pytest.mark.parametrize("signal", [ConnectionError, StopIteration])
async def test_raising_in_place_of_a_response_is_how_libraries_say_it_is_answered(
    bridged: Bridged, signal: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """engineio for werkzeug, and what was written for gunicorn."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].accept()
        raise signal

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["code"] == 1000
    assert caplog.records == []


async def test_the_same_before_the_handshake_is_an_error(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise ConnectionError("the database is down")

    async with WebSocketCall(bridged(app), extensions=DENIAL).running() as client:
        assert (await client.sent())["status"] == 500


async def test_a_socket_kept_after_the_handler_has_returned_is_dead(bridged: Bridged) -> None:
    kept: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        kept.append(environ["wsgi.websocket"])
        kept[0].accept()
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running():
        pass
    with pytest.raises(ClientDisconnected):
        await asyncio.get_running_loop().run_in_executor(None, kept[0].send, "x")


async def test_a_cancelled_connection_lets_its_handler_go(bridged: Bridged) -> None:
    """Servers cancel at the end of a shutdown that took too long."""
    ended = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        try:
            environ["wsgi.websocket"].receive()
        finally:
            ended.set()
        return ok(start_response)

    call = WebSocketCall(bridged(app))
    with pytest.raises(asyncio.CancelledError):
        async with call.running() as client:
            await client.sent()
            assert call.task is not None
            call.task.cancel()
    assert await asyncio.get_running_loop().run_in_executor(None, ended.wait, 20)


async def test_what_no_close_frame_may_have_is_refused(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        websocket.accept()
        for code in (0, 999, 1005, 1006, 1015, 2000, 5000):
            with pytest.raises(InvalidOption, match="code="):
                websocket.close(code)
        with pytest.raises(InvalidOption, match="123 bytes"):
            websocket.close(1000, "é" * 62)
        websocket.close(3000, "e" * 123)
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        assert (await client.sent())["code"] == 3000


async def test_what_would_inject_a_header_is_refused(bridged: Bridged) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        for wrong in ("logs", "chat\r\nSet-Cookie: a=1"):  # neither was offered
            with pytest.raises(InvalidOption, match="subprotocol="):
                websocket.accept(wrong)
        with pytest.raises(InvalidHeader):
            websocket.accept(headers=[("X-A", "1\r\nSet-Cookie: a=1")])
        websocket.accept("chat")
        return ok(start_response)

    async with WebSocketCall(bridged(app), subprotocols=["chat"]).running() as client:
        assert (await client.sent())["subprotocol"] == "chat"
        await client.sent()


async def test_a_receive_of_the_server_that_fails_is_a_departure(
    bridged: Bridged, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        assert environ["wsgi.websocket"].receive() is None
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        client.break_receive(RuntimeError("out of order"))
    assert "out of order" in caplog.text


async def test_a_receive_that_gave_up_takes_no_message(bridged: Bridged) -> None:
    taken: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        websocket = environ["wsgi.websocket"]
        for _ in range(3):
            with pytest.raises(TimeoutError):
                websocket.receive(timeout=0.001)
        websocket.send("now")
        taken.append(websocket.receive())
        return ok(start_response)

    async with WebSocketCall(bridged(app)).running() as client:
        await client.sent()
        await client.sent()
        client.say("one")
        await client.sent()
    assert taken == ["one"]
