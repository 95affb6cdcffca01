"""The WSGI application that all three servers run: it tells environ, or answers as it is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

from werkzeug.middleware.lint import LintMiddleware

__all__ = ["application"]

Environ = dict[str, Any]


def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
    """Answer as the header X-Answer says in JSON; without one, with environ and the body.

    The linters stand around the latter only: what the former may be told breaks rules on purpose.
    """
    if "HTTP_X_ANSWER" in environ:
        return _answer(json.loads(environ["HTTP_X_ANSWER"]), environ, start_response)
    return linted_dump(environ, start_response)


def dump(environ: Environ, start_response: Any) -> Iterable[bytes]:
    """Answer with environ and the body as JSON."""
    told: dict[str, Any] = {key: _told(value) for key, value in environ.items()}
    body = b""
    while block := environ["wsgi.input"].read(65536):
        body += block
    told["the body"] = body.decode("latin-1")
    text = json.dumps(told).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(text)))])
    return [text]


linted_dump = validator(LintMiddleware(dump))


def _told(value: object) -> object:
    """Return plain values as they are, of others the type's name: the linters wrap streams alike everywhere."""
    return value if isinstance(value, (str, int, bool)) else f"a {type(value).__name__}"


def _answer(wish: dict[str, Any], environ: Environ, start_response: Any) -> Iterable[bytes]:
    blocks = [block.encode("latin-1") for block in wish.get("blocks", [])]
    if wish.get("fails") == "first":
        raise LookupError("before start_response")
    write = start_response(
        wish.get("status", "200 OK"), [(name, value) for name, value in wish.get("headers", [])]
    )
    for block in wish.get("written", []):
        write(block.encode("latin-1"))
    if wish.get("kind", "list") == "list":
        return blocks
    return _generated(blocks, wish, start_response)


def _generated(blocks: list[bytes], wish: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    yield from blocks[:1]
    if "restart" in wish:
        try:
            raise LookupError("handled")
        except LookupError:
            start_response(wish["restart"], [("Content-Type", "text/plain")], sys.exc_info())
    if wish.get("fails") == "later":
        raise LookupError("after the first block")
    yield from blocks[1:]
