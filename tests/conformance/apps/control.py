"""How a test talks to the process that serves it: journal, log, threads, memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from urllib.parse import parse_qs

from tests.conformance.journal import WAIT_LIMIT, journal
from tests.conformance.log_records import records_about
from tests.conformance.rows import Environ, StartResponse, row

__all__ = ["log", "notes", "process", "statistics", "tell"]


def _query(environ: Environ, name: str) -> str:
    return parse_qs(environ["QUERY_STRING"]).get(name, [""])[0]


def _json(start_response: StartResponse, value: object) -> Iterable[bytes]:
    body = json.dumps(value).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


@row
def notes(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the notes of a token, once `until` is among them."""
    token, until = _query(environ, "token"), _query(environ, "until")
    limit = float(_query(environ, "limit") or WAIT_LIMIT)
    return _json(start_response, journal.wait(token, until, limit) if until else journal.read(token))


@row
def tell(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Write a note for an application that waits."""
    journal.note(_query(environ, "token"), _query(environ, "text"))
    return _json(start_response, None)


@row
def log(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with what the bridge has logged that has `about` in it."""
    return _json(start_response, [asdict(record) for record in records_about(_query(environ, "about"))])


@row
def statistics(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the executor's statistics; this request is one of the active."""
    return _json(start_response, asdict(environ["asgi.scope"]["tests.statistics"]()))


@row
def process(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the process's id."""
    return _json(start_response, os.getpid())
