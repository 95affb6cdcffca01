"""Rows about `wsgi.input`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from tests.conformance.journal import journal
from tests.conformance.rows import Environ, StartResponse, row, token_of

__all__ = ["script", "scripted"]

JSON = [("Content-Type", "application/json")]
PLAIN = [("Content-Type", "text/plain")]


@row(bare="calls of methods and with arguments that the linters forbid, and frameworks make")
def script(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Call what the header X-Script lists, `[["read", [5]], ["__iter__", []]]`, and answer with the results."""
    results = scripted(environ["wsgi.input"], json.loads(environ["HTTP_X_SCRIPT"]))
    start_response("200 OK", JSON)
    return [json.dumps([results, environ.get("CONTENT_LENGTH")]).encode()]


def scripted(stream: object, calls: list[tuple[str, list[int | None]]]) -> list[object]:
    """Return what these calls of a stream give; bytes as latin-1 text, iterators as lists."""
    return [_as_json(getattr(stream, name)(*arguments)) for name, arguments in calls]


def _as_json(result: object) -> object:
    if isinstance(result, bytes):
        return result.decode("latin-1")
    assert isinstance(result, Iterable)
    return [_as_json(each) for each in result]


@row
def echo(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the body, read to its end by blocks, as the linters allow."""
    parts = []
    while part := environ["wsgi.input"].read(4096):
        parts.append(part)
    start_response("200 OK", PLAIN)
    return [b"".join(parts)]


@row
def digest(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with length and digest of the body, read by 64 KiB, and with what environ said of it."""
    found, size = hashlib.sha256(), 0
    while part := environ["wsgi.input"].read(65536):
        found.update(part)
        size += len(part)
    start_response("200 OK", JSON)
    facts = {
        "size": size,
        "digest": found.hexdigest(),
        "CONTENT_LENGTH": environ.get("CONTENT_LENGTH"),
        "HTTP_TRANSFER_ENCODING": environ.get("HTTP_TRANSFER_ENCODING"),
        "wsgi.input_terminated": environ["wsgi.input_terminated"],
    }
    return [json.dumps(facts).encode()]


@row
def reads_when_told(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Read only after the test has said "go"; note before, and afterwards the length."""
    token = token_of(environ)
    journal.note(token, "waiting")
    assert "go" in journal.wait(token, "go")
    size = 0
    while part := environ["wsgi.input"].read(65536):
        size += len(part)
    start_response("200 OK", PLAIN)
    return [b"%d" % size]


@row
def reads_nothing(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer without a look at the body."""
    start_response("200 OK", [*PLAIN, ("Content-Length", "6")])
    return [b"unread"]


@row
def reads_to_the_end(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Note "reading", then how reading the whole body ended: with its length or an error."""
    token = token_of(environ)
    journal.note(token, "reading")
    try:
        body = environ["wsgi.input"].read(10_000_000)
    except OSError as error:
        journal.note(token, type(error).__name__)
        journal.note(token, "ended")
        raise
    journal.note(token, f"{len(body)} bytes")
    journal.note(token, "ended")
    start_response("200 OK", PLAIN)
    return [b"read"]
