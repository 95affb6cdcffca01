"""Small legacy and modern applications, and how they are put behind a Migration in a test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from bridge.incremental.migration import Migration
from bridge.incremental.store.memory import MemoryStore
from tests.asgi_driver import Answer, AsgiCall

__all__ = ["TOGETHER", "asked", "counters", "echo", "legacy", "migrated", "modern", "responder", "running"]

TOGETHER = [f"GET /together/{number}" for number in range(20)]  # rules that are changed together


def legacy(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Say who answers, what was seen of the path, and the body back."""
    body = environ["wsgi.input"].read()
    text = [
        "legacy",
        environ["REQUEST_METHOD"],
        environ["SCRIPT_NAME"],
        environ["PATH_INFO"],
        body.decode("latin-1"),
    ]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(text).encode()]


async def modern(scope: Any, receive: Any, send: Any) -> None:
    """Say the same as `legacy`, cut as Starlette cuts it."""
    if scope["type"] == "lifespan":
        await answer_lifespan(receive, send)
        return
    body = await read(receive)
    root, path = scope.get("root_path", ""), scope["path"]
    local = path[len(root) :] if root and f"{path}/".startswith(f"{root}/") else path
    text = ["modern", scope["method"], root, local, body.decode("latin-1")]
    await answer(send, 200, json.dumps(text).encode(), b"application/json")


async def read(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionError("the client has gone")
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return body


async def answer(send: Any, status: int, body: bytes, kind: bytes = b"text/plain") -> None:
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer_lifespan(receive: Any, send: Any) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


def responder(status: int, body: bytes = b"modern", *, reads: bool = True) -> Any:
    """Return an ASGI application that says the same to everybody."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        if reads:
            await read(receive)
        await answer(send, status, body)

    return app


def echo(body: bytes, kind: str = "text/plain", status: str = "200 OK") -> Any:
    """Return a WSGI application that says the same to everybody."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, [("Content-Type", kind)])
        return [body]

    return app


@asynccontextmanager
async def migrated(
    routes: dict[str, Any] | None = None, *, legacy: Any = legacy, modern: Any = modern, **options: Any
) -> AsyncIterator[Migration]:
    """Yield a migration with a store in memory; its threads end with the block."""
    options.setdefault("store", MemoryStore())
    async with running(Migration(legacy, modern, routes=routes, **options)) as migration:
        yield migration


@asynccontextmanager
async def running(migration: Migration) -> AsyncIterator[Migration]:
    """Yield it; its threads end with the block.

    Its clock stands still for `Pressure`: a busy machine would have requests skipped that a test counts.
    """
    migration._shadows._pressure.clock = lambda: 0.0
    try:
        yield migration
    finally:
        await migration.close()
        await migration.legacy.executor.drain()


async def asked(migration: Any, method: str = "GET", path: str = "/", **options: Any) -> Answer:
    """Return the answer to one request."""
    return await AsgiCall(migration, method=method, path=path, **options).run()


async def counters(migration: Migration, route: str) -> dict[str, int]:
    """Return what has been counted of a route, once all second calls are over; but for latencies and modes."""
    tasks = list(migration._shadows._tasks)
    if tasks:
        await asyncio.wait(tasks)
    await asyncio.to_thread(migration.ledger.turn)
    found = migration.store.counters().get(route, {})
    left_out = (".latency.", ".in.")
    return {name: number for name, number in found.items() if not any(part in name for part in left_out)}
