"""Rows about environ."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable

from tests.conformance.rows import Environ, StartResponse, row

__all__ = ["dump"]

JSON = [("Content-Type", "application/json")]
# Values of these types are told as they are; of all others the type's name is told.
PLAIN_TYPES = (str, int, bool, type(None))


@row
def dump(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with environ: plain values as they are, of all others the type."""
    start_response("200 OK", JSON)
    plain = {
        key: value if isinstance(value, PLAIN_TYPES) else {"type": type(value).__name__}
        for key, value in environ.items()
    }
    return [json.dumps(plain).encode()]


@row(bare="the linters would replace what this row looks at")
def wsgi_values(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with what is known of the `wsgi.` and `asgi.` values that are no plain ones."""
    start_response("200 OK", JSON)
    errors = environ["wsgi.errors"]
    errors.write("text \u2713\n")
    errors.writelines(["more ", "text\n"])
    errors.flush()
    scope = environ["asgi.scope"]
    facts = {
        "environ is a dict": type(environ) is dict,
        "wsgi.version": list(environ["wsgi.version"]),
        "wsgi.errors is text": not isinstance(errors, (io.RawIOBase, io.BufferedIOBase)),
        "wsgi.file_wrapper": callable(environ["wsgi.file_wrapper"]),
        "wsgi.input_terminated": environ["wsgi.input_terminated"],
        "scope is http": scope["type"] == "http",
        "scope has path": isinstance(scope["path"], str),
        "extensions": sorted(scope.get("extensions") or {}),
        "early hints": "wsgi.early_hints" in environ,
        "trailers": "bridge.trailers" in environ,
    }
    return [json.dumps(facts).encode()]


@row
def state(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with what the startup hook left in the lifespan state; null without a state."""
    start_response("200 OK", JSON)
    shared = environ.get("asgi.state")
    return [json.dumps(None if shared is None else shared.get("started")).encode()]
