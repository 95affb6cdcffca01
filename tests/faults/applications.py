"""The WSGI application that the fault, fuzz and soak servers serve, as routes of one function."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import async_to_sync

__all__ = ["BLOCK", "application"]

BLOCK = b"0123456789abcdef" * 256  # 4 KiB


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer by path; what has no route is a hello."""
    query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    route = ROUTES.get(environ["PATH_INFO"], hello)
    return route(environ, start_response, query)


def _ok(start_response: Any, *headers: tuple[str, str]) -> Any:
    return start_response("200 OK", [("Content-Type", "text/plain"), *headers])


def _number(query: dict[str, str], name: str, default: float) -> float:
    """Return a number of the query; the default for what is none, as fuzzers send it."""
    text = query.get(name, "")
    return float(text) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,5})?", text) else default


def hello(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> list[bytes]:
    """Answer with the process id."""
    _ok(start_response)
    return [b"hello from %d" % os.getpid()]


def endless(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> Iterator[bytes]:
    """Stream for ever; `pause` in seconds between the blocks."""
    _ok(start_response)
    pause = _number(query, "pause", 0)
    while True:
        yield BLOCK
        if pause:
            time.sleep(pause)


def stream(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> Iterator[bytes]:
    """Stream `blocks` blocks."""
    _ok(start_response)
    for _ in range(int(_number(query, "blocks", 100))):
        yield BLOCK


def upload(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> list[bytes]:
    """Read the body piece by piece, and answer with its size and hash."""
    size, digest = 0, hashlib.sha256()
    while block := environ["wsgi.input"].read(16 * 1024):
        size += len(block)
        digest.update(block)
    _ok(start_response)
    return [b"%d %s" % (size, digest.hexdigest().encode())]


def async_upload(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> list[bytes]:
    """Read the body in a coroutine, as an `async def` view of Flask or Django does."""

    async def view() -> int:
        return len(environ["wsgi.input"].read())

    size = async_to_sync(view)()
    _ok(start_response)
    return [b"%d" % size]


def slow(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> list[bytes]:
    """Take `seconds` seconds."""
    time.sleep(_number(query, "seconds", 0.05))
    _ok(start_response)
    return [b"slow"]


def lines(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> Iterator[bytes]:
    """Echo the body line by line."""
    _ok(start_response)
    yield from environ["wsgi.input"]


def ignore(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> list[bytes]:
    """Answer without looking at the body."""
    _ok(start_response, ("Content-Length", "7"))
    return [b"ignored"]


def fail(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> list[bytes]:
    """Raise before the headers."""
    raise ValueError("asked to fail")


def fail_late(environ: dict[str, Any], start_response: Any, query: dict[str, str]) -> Iterator[bytes]:
    """Raise after the headers."""
    _ok(start_response)
    yield BLOCK
    raise ValueError("asked to fail late")


Route = Callable[[dict[str, Any], Any, dict[str, str]], Iterable[bytes]]
ROUTES: dict[str, Route] = {
    f"/{route.__name__.replace('_', '-')}": route
    for route in (hello, endless, stream, upload, async_upload, slow, lines, ignore, fail, fail_late)
}
