"""ASGI applications behind AsgiToWsgi, for the tests with real WSGI servers.

BRIDGE_TEST_LOG names a file that gets a line for every startup and shutdown; BRIDGE_TEST_FAIL makes
the startup fail with that message.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bridge import AsgiToWsgi, WsgiMiddleware

__all__ = ["bare_wsgi", "lifespan", "raising_wsgi", "starlette_wsgi", "wrapped"]

LIMIT = 20.0  # seconds
BLOCK = b"0123456789abcdef" * 64  # 1 KiB

# What happened, by name: kept here so that a second request can ask for it.
happened: dict[str, asyncio.Event] = {}


def event(name: str) -> asyncio.Event:
    return happened.setdefault(name, asyncio.Event())


def note(line: str) -> None:
    path = os.environ.get("BRIDGE_TEST_LOG")
    if path:
        with Path(path).open("a", encoding="utf-8") as log:
            log.write(f"{line} {os.getpid()}\n")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    if os.environ.get("BRIDGE_TEST_FAIL"):
        raise RuntimeError(os.environ["BRIDGE_TEST_FAIL"])
    note("startup")
    yield {"started_in": os.getpid(), "loop": asyncio.get_running_loop()}
    note("shutdown")


async def hello(request: Request) -> Response:
    return PlainTextResponse(f"Hello, {request.query_params.get('name', 'world')}!")


async def process(request: Request) -> Response:
    """Tell in which process and on which threads this runs."""
    return JSONResponse(
        {
            "pid": os.getpid(),
            "started_in": request.state.started_in,
            "same_loop": request.state.loop is asyncio.get_running_loop(),
            "loops": [thread.name for thread in threading.enumerate()].count("bridge-asgi-loop"),
        }
    )


async def scope(request: Request) -> Response:
    server, client = request.scope["server"], request.scope["client"]
    raw_path = request.scope.get("raw_path", b"").decode()
    return JSONResponse(
        {
            "path": request.scope["path"],
            "raw_path": raw_path,
            "query": request.scope["query_string"].decode(),
            "server": server and server[1],
            "client": client and client[0],
            "cookie": request.headers.get("cookie"),
        },
        headers={"x-latin": "caf\xe9"},
    )


async def digest(request: Request) -> Response:
    """Read the body block by block."""
    sha, size = hashlib.sha256(), 0
    async for part in request.stream():
        sha.update(part)
        size += len(part)
    return JSONResponse({"size": size, "sha256": sha.hexdigest()})


async def cookies(request: Request) -> Response:
    response = PlainTextResponse("two cookies")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


async def download(request: Request) -> Response:
    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(request.path_params["count"]):
            yield BLOCK

    return StreamingResponse(blocks(), media_type="application/octet-stream")


class Endless(Response):
    """Streams until it is ended, and notes that it was.

    Not a generator: one that is not running when its response is cancelled ends when the garbage collector finds it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": BLOCK, "more_body": True})
                await asyncio.sleep(0.001)
        finally:
            event("closed").set()


async def endless(request: Request) -> Response:
    return Endless()


async def await_event(request: Request) -> Response:
    """Answer once that has happened; 504 if it doesn't."""
    try:
        await asyncio.wait_for(event(request.path_params["name"]).wait(), LIMIT)
    except asyncio.TimeoutError:
        return PlainTextResponse("it did not happen", 504)
    return PlainTextResponse("it happened")


async def set_event(request: Request) -> Response:
    event(request.path_params["name"]).set()
    return PlainTextResponse("set")


async def background(request: Request) -> Response:
    async def happen() -> None:  # not the event's set() itself: Starlette would call that in a thread
        event("background").set()

    return PlainTextResponse("at once", background=BackgroundTask(happen))


async def fail_before(request: Request) -> Response:
    raise ZeroDivisionError("before the start")


async def fail_after(request: Request) -> Response:
    async def blocks() -> AsyncIterator[bytes]:
        yield BLOCK
        raise ZeroDivisionError("after the start")

    headers = {"content-length": str(2 * len(BLOCK))} if "length" in request.query_params else {}
    return StreamingResponse(blocks(), media_type="application/octet-stream", headers=headers)


starlette = Starlette(
    routes=[
        Route("/", hello),
        Route("/process", process),
        Route("/scope/{rest:path}", scope),
        Route("/digest", digest, methods=["POST"]),
        Route("/cookies", cookies),
        Route("/download/{count:int}", download),
        Route("/endless", endless),
        Route("/await/{name}", await_event),
        Route("/set/{name}", set_event, methods=["POST"]),
        Route("/background", background),
        Route("/fail/before", fail_before),
        Route("/fail/after", fail_after),
    ],
    lifespan=lifespan,
)


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """Raise outside of any framework, which would answer by itself."""
    if scope["type"] == "lifespan":
        raise NotImplementedError
    if scope["path"] == "/started":
        await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ZeroDivisionError("nobody caught it")


starlette_wsgi = AsgiToWsgi(starlette)
bare_wsgi = AsgiToWsgi(bare)
raising_wsgi = AsgiToWsgi(bare, raise_errors=True)


def add_header(app: Any) -> Any:
    """A WSGI middleware, for `wrapped`: the Starlette application in an ASGI server."""

    def adding(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("X-Middleware", environ["REMOTE_ADDR"])], exc_info)

        return app(environ, start)

    return adding


wrapped = WsgiMiddleware(starlette, add_header)
