"""`async def` views run on the server's own loop: nothing that they do may make that loop wait for itself."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import flask
import pytest
from asgiref.sync import async_to_sync, sync_to_async

from bridge import WsgiToAsgi
from bridge.errors import LoopWouldBlock
from tests.asgi_driver import AsgiCall
from tests.faults.rig import LIMIT, Meeting

LANES = ["thread", "greenlet"]

Bridged = Callable[..., WsgiToAsgi]


def async_app(view: Callable[[dict[str, Any]], Any]) -> Callable[..., list[bytes]]:
    """Return a WSGI application whose answer comes from a coroutine, as in Flask and Django."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = async_to_sync(view)(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [repr(body).encode()]

    return app


def upload(app: Any, pieces: list[bytes] | None, length: int = 0, **more: Any) -> AsgiCall:
    length = sum(map(len, pieces)) if pieces else length
    headers = [(b"content-length", b"%d" % length)]
    return AsgiCall(app, method="POST", headers=headers, body=pieces, **more)


async def read_all(environ: dict[str, Any]) -> int:
    return len(environ["wsgi.input"].read())


async def test_an_async_view_reads_a_body_larger_than_the_window(bridged: Bridged) -> None:
    bridge = bridged(async_app(read_all), body_window=1000)
    answer = await upload(bridge, [b"x" * 900] * 20).run()
    assert answer.body == b"18000"


async def test_an_async_view_reads_a_body_that_comes_slowly(bridged: Bridged) -> None:
    called = Meeting()
    on_loop: list[asyncio.AbstractEventLoop] = []

    async def view(environ: dict[str, Any]) -> int:
        on_loop.append(asyncio.get_running_loop())
        return await read_all(environ)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        called.pass_by()
        return async_app(view)(environ, start_response)

    call = upload(bridged(app, body_wait=0.01), None, 10)
    async with call.running():
        call.feed(b"12345", more_body=True)
        await called.arrived()
        call.feed(b"67890")
    assert call.answer().body == b"10"
    assert on_loop == [asyncio.get_running_loop()]


async def test_an_async_view_reads_what_a_sync_part_before_it_has_left(bridged: Bridged) -> None:
    async def rest(environ: dict[str, Any]) -> bytes:
        first: bytes = environ["wsgi.input"].readline()
        return first + environ["wsgi.input"].read(4)

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        assert environ["wsgi.input"].read(3) == b"one"
        two = async_to_sync(rest)(environ)
        three = environ["wsgi.input"].read()
        four = async_to_sync(read_all)(environ)
        start_response("200 OK", [])
        return [two, b"|", three, b"|", b"%d" % four]

    answer = await upload(bridged(app, body_window=4), [b"one ", b"line\n", b"four", b" and", b" more"]).run()
    assert answer.body == b" line\nfour| and more|0"


async def test_an_async_view_of_flask_reads_its_upload(bridged: Bridged) -> None:
    app = flask.Flask(__name__)

    @app.post("/")
    async def view() -> str:
        file = flask.request.files["file"]
        return f"{file.filename} {len(file.read())} {asyncio.get_running_loop() is loop}"

    loop = asyncio.get_running_loop()
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.bin"\r\n\r\n'
    pieces = [head, *[b"x" * 10_000] * 30, b"\r\n--b--\r\n"]
    bridge = bridged(app, body_window=20_000)
    call = AsgiCall(
        bridge,
        method="POST",
        headers=[
            (b"content-type", b"multipart/form-data; boundary=b"),
            (b"content-length", b"%d" % sum(map(len, pieces))),
        ],
        body=pieces,
    )
    assert (await call.run()).body == b"f.bin 300000 True"


async def test_an_async_view_gets_an_OSError_when_its_client_leaves_mid_body(bridged: Bridged) -> None:
    called = Meeting()
    outcome: list[object] = []

    async def view(environ: dict[str, Any]) -> str:
        outcome.append(environ["wsgi.input"].read(5))
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            outcome.append(type(error).__name__)
        return "seen"

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        called.pass_by()
        return async_app(view)(environ, start_response)

    bridge = bridged(app, body_wait=0.01)
    call = upload(bridge, None, 10)
    async with call.running():
        call.feed(b"12345", more_body=True)
        await called.arrived()
        call.disconnect()
    assert await bridge.executor.drain() == []
    assert outcome == [b"12345", "ClientDisconnected"]


async def test_an_async_view_may_ask_whether_its_client_has_gone(bridged: Bridged) -> None:
    """It can't wait for the server's word; it gets what is known, and the news as it comes."""
    asked = asyncio.Event()

    async def view(environ: dict[str, Any]) -> list[bool]:
        answers = [environ["bridge.disconnected"]()]
        asked.set()
        while not environ["bridge.disconnected"]():
            await asyncio.sleep(0)
        return [*answers, True]

    outcome: list[list[bool]] = []

    async def noted(environ: dict[str, Any]) -> None:
        outcome.append(await view(environ))

    bridge = bridged(async_app(noted))
    call = AsgiCall(bridge)
    async with call.running():
        await asked.wait()
        call.disconnect()
    assert await bridge.executor.drain() == []
    assert outcome == [[False, True]]


async def test_an_async_view_may_call_sync_code_that_reads_the_body(bridged: Bridged) -> None:
    async def view(environ: dict[str, Any]) -> int:
        read: int = await sync_to_async(lambda: len(environ["wsgi.input"].read()))()
        return read

    bridge = bridged(async_app(view), body_window=1000)
    assert (await upload(bridge, [b"x" * 900] * 20).run()).body == b"18000"


async def test_code_on_the_loop_that_would_wait_for_it_gets_an_error_that_says_so(bridged: Bridged) -> None:
    """Handed to the loop by other means than asgiref's, of which the bridge knows nothing."""
    loop = asyncio.get_running_loop()
    refused = Meeting()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        future = asyncio.run_coroutine_threadsafe(read_all(environ), loop)
        with pytest.raises(LoopWouldBlock, match="read the request body before"):
            future.result(LIMIT)
        refused.pass_by()
        start_response("200 OK", [])
        return [b"%d" % len(environ["wsgi.input"].read())]

    bridge = bridged(app, body_wait=0.01)
    call = upload(bridge, None, 10)
    async with call.running():
        await refused.arrived()
        call.feed(b"1234567890")
    assert call.answer().body == b"10"


async def test_write_on_the_loop_above_high_water_is_an_error_and_no_standstill(
    bridged: Bridged, executor: str
) -> None:
    """In threads, that is: the view of a greenlet waits for its client as anything in there waits."""

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [])

        async def view() -> None:
            write(b"x" * 100)
            write(b"x" * 1000)

        async_to_sync(view)()
        return []

    call = AsgiCall(bridged(app, high_water=500))
    if executor == "greenlet":
        assert (await call.run()).body == b"x" * 1100
        return
    with pytest.raises(LoopWouldBlock):
        await call.run()
    assert not call.answer().complete


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_async_view_finds_that_there_is_no_body(bridged: Bridged, method: str) -> None:
    """Nothing announces one, so nothing was prefetched; only the server knows that none comes."""
    answer = await AsgiCall(bridged(async_app(read_all)), method=method).run()
    assert (answer.status, answer.body) == (200, b"0")


async def test_an_async_view_of_flask_may_look_for_json_where_there_is_no_body(bridged: Bridged) -> None:
    app = flask.Flask(__name__)

    @app.route("/", methods=["GET", "POST"])
    async def view() -> str:
        return repr((flask.request.get_json(silent=True), flask.request.get_data()))

    assert (await AsgiCall(bridged(app), method="POST").run()).body == b"(None, b'')"


async def test_a_worker_keeps_nothing_of_a_request_that_is_over(bridged: Bridged) -> None:
    """What asgiref finds in the thread outlives the request; the request must not live on in it."""
    kept: list[weakref.ref[object]] = []

    class Marker:
        pass

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["marker"] = marker = Marker()
        kept.append(weakref.ref(marker))
        return async_app(read_all)(environ, start_response)

    bridge = bridged(app, max_threads=1)
    await AsgiCall(bridge).run()
    while bridge.executor.statistics().active:
        await asyncio.sleep(0)
    gc.collect()
    assert kept[0]() is None
