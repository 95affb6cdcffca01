"""Served by the tests of several workers: each answer says who gave it, in which process, and by how many tables.

The rules of `TOGETHER` are changed together: more than one setting among them is a table that was half applied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from bridge import Migration
from tests.incremental.applications import TOGETHER, answer, answer_lifespan


def legacy(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [said("legacy")]


async def modern(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await answer_lifespan(receive, send)
    else:
        await answer(send, 200, said("modern"))


def said(side: str) -> bytes:
    rules = app.table.rules
    return f"{side} {os.getpid()} {len({str(rules[route].setting) for route in TOGETHER})}".encode()


app = Migration(
    legacy,
    modern,
    routes={
        "GET /x": "legacy",
        "GET /shadow": {"mode": "shadow", "ignore_fields": ["line 1"]},
        **dict.fromkeys(TOGETHER, "legacy"),
    },
    store=os.environ["MIGRATION_STORE"],
)
