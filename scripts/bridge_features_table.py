"""Asks five bridges the same, each with its defaults, and prints what they did as a Markdown table.

    scripts/bridge_features

All but the last question are asked in process, of the ASGI application itself; the last one over uvicorn.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import socket
import sys
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware as A2wsgi
from asgiref.wsgi import WsgiToAsgi as Asgiref
from flask import Flask
from hypercorn.middleware import AsyncioWSGIMiddleware as Hypercorn

from bridge import WsgiToAsgi

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it is deprecated: a2wsgi's is to take its place
    from starlette.middleware.wsgi import WSGIMiddleware as Starlette

__all__ = ["BRIDGES", "PROBES", "main"]

Wrap = Callable[[Any], Any]
Events = list[dict[str, Any]]

BRIDGES: Mapping[str, Wrap] = {
    "wsgi-bridge": WsgiToAsgi,
    "a2wsgi": A2wsgi,
    "asgiref": Asgiref,
    "hypercorn": Hypercorn,
    "starlette": Starlette,
}
LIMIT = 5.0  # seconds for one call
REQUESTS = 60  # at one time: more than any of them has threads by default
PART = 2**20  # bytes: more than a bridge holds before it takes a thread for the request
PATIENCE = 1.0  # seconds after which what has not happened does not happen any more
EMPTY: dict[str, Any] = {"type": "http.request", "body": b"", "more_body": False}


def scope_of(method: str = "GET", length: int | None = None) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [] if length is None else [(b"content-length", b"%d" % length)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "extensions": {},
    }


async def call(app: Any, scope: dict[str, Any], received: Events | None = None) -> Events:
    """Return what `app` sends. Raises what it raises, and TimeoutError."""
    events = asyncio.Queue[dict[str, Any]]()
    for event in received or [EMPTY]:
        events.put_nowait(event)
    sent: Events = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    await asyncio.wait_for(app(scope, events.get, send), LIMIT)
    return sent


def answering(body: Callable[[dict[str, Any]], bytes]) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body(environ)]

    return app


# ---------------------------------------------------------------- the questions


async def at_one_time(wrap: Wrap) -> str:
    lock, now, most = threading.Lock(), 0, 0

    def body(_environ: dict[str, Any]) -> bytes:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        return b""

    app = wrap(answering(body))
    await asyncio.gather(*(call(app, scope_of()) for _ in range(REQUESTS)))
    return str(most)


async def cut_off_upload(wrap: Wrap) -> str:
    read: list[str] = []

    def body(environ: dict[str, Any]) -> bytes:
        try:
            read.append("half a body, as if whole" if environ["wsgi.input"].read() == b"half" else "?")
        except OSError:
            read.append("`read()` raises")
            raise
        return b""

    part = {"type": "http.request", "body": b"half", "more_body": True}
    try:
        await call(wrap(answering(body)), scope_of("POST", 100), [part, {"type": "http.disconnect"}])
    except ValueError:
        read.append("not called")
    return read[0]


async def reads_while_it_comes(wrap: Wrap) -> str:
    first, seen = threading.Event(), list[bool]()

    def body(environ: dict[str, Any]) -> bytes:
        environ["wsgi.input"].read(PART)
        first.set()
        return bytes(environ["wsgi.input"].read(PART))[:0]

    more_body = iter([True, False])

    async def receive() -> dict[str, Any]:
        more = next(more_body)
        if not more:
            seen.append(await asyncio.to_thread(first.wait, PATIENCE))
        return {"type": "http.request", "body": bytes(PART), "more_body": more}

    statuses: list[int] = []

    async def send(event: dict[str, Any]) -> None:
        statuses.extend([event["status"]] if "status" in event else [])

    await asyncio.wait_for(wrap(answering(body))(scope_of("POST", 2 * PART), receive, send), LIMIT)
    if statuses != [200]:
        return f"answered {statuses[0]}"
    return "yes" if seen[0] else "no, all of it first"


async def context(wrap: Wrap) -> str:
    variable = contextvars.ContextVar("variable", default=b"no")
    variable.set(b"yes")
    sent = await call(wrap(answering(lambda _environ: variable.get())), scope_of())
    return b"".join(event.get("body", b"") for event in sent).decode()


async def loop_of_async_views(wrap: Wrap) -> str:
    flask, loops = Flask("flask"), list[object]()

    @flask.get("/")
    async def view() -> str:
        loops.append(asyncio.get_running_loop())
        return ""

    await call(wrap(flask), scope_of())
    return "the server's" if loops == [asyncio.get_running_loop()] else "a new one for each call"


async def write(wrap: Wrap) -> str:
    def app(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])(b"written")
        return []

    try:
        await call(wrap(app), scope_of())
    except TypeError:
        return "no"
    return "yes"


async def exc_info(wrap: Wrap) -> str:
    def app(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        try:
            int("no number")
        except ValueError:
            start_response("500 Sorry", [], sys.exc_info())
        return [b"an error page"]

    try:
        sent = await call(wrap(app), scope_of())
    except ValueError:
        return "raised again"
    return "its error page" if sent[0]["status"] == 500 else "?"


async def lifespan(wrap: Wrap) -> str:
    received = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    try:
        sent = await call(wrap(answering(lambda _environ: b"")), {"type": "lifespan", "asgi": {}}, received)
    except (ValueError, AssertionError):
        return "raises"
    return "answered" if sent else "ignored"


async def websocket(wrap: Wrap) -> str:
    scope = {**scope_of(), "type": "websocket", "scheme": "ws", "subprotocols": []}
    options = {"websockets": True} if wrap is WsgiToAsgi else {}
    try:
        await call(wrap(answering(lambda _environ: b""), **options), scope, [{"type": "websocket.connect"}])
    except (ValueError, AssertionError):
        return "raises"
    return "handed on (`websockets=True`)" if options else "refused"


async def client_gone(wrap: Wrap) -> str:
    closed, over = threading.Event(), threading.Event()

    class Endless:
        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            if over.wait(0.001):
                raise StopIteration
            return bytes(1000)

        def close(self) -> None:
            closed.set()

    def app(_environ: dict[str, Any], start_response: Any) -> Endless:
        start_response("200 OK", [])
        return Endless()

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(wrap(app), log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([listening]))
        await asyncio.to_thread(_ask_and_leave, listening.getsockname())
        ended = await asyncio.to_thread(closed.wait, PATIENCE)
        over.set()
        server.should_exit = True
        await serving
    return "ended at once, with `close()`" if ended else "runs on"


def _ask_and_leave(address: tuple[str, int]) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(address) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                client.recv(5000)
                return
        except ConnectionRefusedError:  # bound, and not yet listening
            time.sleep(0.05)


PROBES: Mapping[str, Callable[[Wrap], Awaitable[str]]] = {
    f"{REQUESTS} requests that wait: at one time run": at_one_time,
    "an upload that the client cut off": cut_off_upload,
    "the application reads while a large upload comes": reads_while_it_comes,
    "a response whose client has gone (uvicorn)": client_gone,
    "context variables of ASGI middleware": context,
    "the loop of `async def` views": loop_of_async_views,
    "`write()` of PEP 3333": write,
    "`start_response` once more, with `exc_info`": exc_info,
    "lifespan": lifespan,
    "WebSockets": websocket,
}


def main() -> None:
    """Print the table."""
    logging.disable(logging.CRITICAL)
    print("| asked | " + " | ".join(f"{name} {version(name)}" for name in BRIDGES) + " |")
    print("| --- |" + " --- |" * len(BRIDGES))
    for asked, probe in PROBES.items():
        cells = [asyncio.run(_answer(probe, wrap)) for wrap in BRIDGES.values()]
        print(f"| {asked} | " + " | ".join(cells) + " |")


async def _answer(probe: Callable[[Wrap], Awaitable[str]], wrap: Wrap) -> str:
    return await probe(wrap)


if __name__ == "__main__":
    main()
