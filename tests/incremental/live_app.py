"""Served by the tests of several workers: each answer says who gave it, and in which process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from bridge import Migration
from tests.incremental.applications import answer, answer_lifespan


def legacy(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"legacy {os.getpid()}".encode()]


async def modern(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await answer_lifespan(receive, send)
    else:
        await answer(send, 200, f"modern {os.getpid()}".encode())


app = Migration(
    legacy,
    modern,
    routes={"GET /x": "legacy", "GET /shadow": {"mode": "shadow", "ignore_fields": ["line 1"]}},
    store=os.environ["MIGRATION_STORE"],
)
