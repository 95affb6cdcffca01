"""Applications behind `bridge.Migration`: tables of many rules, a shadowed route, and rules that change.

`rules_N` is a table of N rules in front of the native hello; all have the route that is asked, so that the tables
differ by their size alone.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge import Migration
from scripts.benchmarks.apps import native, plain
from scripts.benchmarks.apps.content import FILES_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from scripts.benchmarks.apps.native import Receive, Scope, Send

__all__ = ["ASKED", "CHANGING", "LIMITS", "STORE_VARIABLE", "WORK", "routes", "shadow_store"]

ASKED = "/shop/17/reviews"
STORE_VARIABLE = "BENCHMARK_STORE"  # environment variable: the store of `changing`
CHANGING = tuple(f"GET /changing/{number}" for number in range(20))  # routes that are changed together
WORK = 0.02  # seconds that both sides of a shadowed route wait, as a page that asks its database does

LIMITS = {"concurrency": 64}  # so that every request is compared, at half of the capacity


def shadow_store(folder: Path) -> str:
    """Where a shadowed application counts what it has compared."""
    return f"sqlite:///{folder}/shadow.sqlite3"


def routes(count: int) -> dict[str, str]:
    """`count` rules as an application has them: pages, their items, and forms; the one that is asked among them."""
    found = {"GET /shop/<int:id>/reviews": "modern"}
    shapes = (
        "GET /area{}/list",
        "GET /area{}/items/<int:id>",
        "POST /area{}/items/<int:id>/<slug:name>",
        "GET /shop/<int:id>/part{}",
    )
    for number in range(count):
        for shape in shapes:
            if len(found) < count:
                found[shape.format(number)] = "modern"
    return found


def __getattr__(name: str) -> Any:
    """The application of that name, made when it is asked for: the larger tables take a moment."""
    if name.startswith("rules_"):
        rules = routes(int(name.removeprefix("rules_")))
        return _migration(plain.hello, native.hello, routes=rules, store="memory:")
    if name in {"alone", "shadowed"}:
        mode = "shadow" if name == "shadowed" else "legacy"
        store = shadow_store(Path(os.environ[FILES_VARIABLE]))
        return _migration(legacy_page, modern_page, default=mode, shadow=LIMITS, store=store)
    if name == "changing":
        return _changing()
    raise AttributeError(name)


def _migration(legacy: Any, modern: Any, **options: Any) -> Migration:
    """Applications here have plain dictionaries in their types, where ASGI has mappings."""
    return Migration(legacy, modern, **options)


def legacy_page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Waits as for a database, and answers."""
    time.sleep(WORK)
    return plain.hello(environ, start_response)


async def modern_page(scope: Scope, receive: Receive, send: Send) -> None:
    """The same without holding a thread."""
    if scope["type"] == "http":
        await asyncio.sleep(WORK)
        await native.hello(scope, receive, send)


def _changing() -> Migration:
    """Each answer says who gave it, in which process, and whether all routes that change together were the same."""

    def legacy(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = said("legacy")
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    async def modern(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            body = said("modern")
            headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    def said(side: str) -> bytes:
        rules = migration.table.rules
        whole = len({str(rules[route].setting) for route in CHANGING}) == 1
        return f"{side} {os.getpid()} {'whole' if whole else 'half'}".encode()

    migration = _migration(
        legacy, modern, routes=dict.fromkeys(CHANGING, "legacy"), store=os.environ[STORE_VARIABLE]
    )
    return migration
