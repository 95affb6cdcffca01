"""Calls a WSGI application as a strict server would: through `wsgiref.validate`, with a close at the end.

answer = ask(app, "POST", "/upload", body=b"abc")
assert (answer.status, answer.body) == ("200 OK", b"abc")
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from wsgiref.validate import validator

__all__ = ["WsgiAnswer", "WsgiRequest", "ask", "make_environ"]

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def make_environ(
    method: str = "GET", path: str = "/", *, body: bytes = b"", **changes: Any
) -> dict[str, Any]:
    """Return the environ of a request; `changes` replace keys, None takes one out, `wsgi__input` is `wsgi.input`."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "50000",
        "HTTP_HOST": "testserver",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    environ.update({key.replace("wsgi__", "wsgi."): value for key, value in changes.items()})
    return {key: value for key, value in environ.items() if value is not None}


@dataclass
class WsgiAnswer:
    """What the server would have sent; `exc_info` is the last one given to start_response."""

    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    blocks: list[bytes] = field(default_factory=list)
    exc_info: ExcInfo | None = None

    @property
    def body(self) -> bytes:
        return b"".join(self.blocks)

    def header(self, name: str) -> str | None:
        """Return the first value of that name, in any letter case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        self.status, self.headers, self.exc_info = status, headers, exc_info
        return self.blocks.append


class WsgiRequest:
    """A request that is answered step by step."""

    def __init__(self, app: Any, environ: dict[str, Any], *, validate: bool = True) -> None:
        self.answer = WsgiAnswer()
        app = validator(app) if validate else app
        self.iterable: Iterable[bytes] = app(environ, self.answer.start_response)
        self._iterator = iter(self.iterable)

    def next_block(self) -> bytes:
        """Return the next block of the body; StopIteration at its end."""
        block = next(self._iterator)
        self.answer.blocks.append(block)
        return block

    def close(self) -> None:
        """Close the response, as a server does whatever has happened."""
        close = getattr(self.iterable, "close", None)
        if close is not None:
            close()

    def finish(self) -> WsgiAnswer:
        """Take the rest of the body, and close."""
        try:
            self.answer.blocks.extend(self._iterator)
        finally:
            self.close()
        return self.answer


def ask(
    app: Any, method: str = "GET", path: str = "/", *, validate: bool = True, **changes: Any
) -> WsgiAnswer:
    """Return the answer to one request; `changes` as in `make_environ`."""
    return WsgiRequest(app, make_environ(method, path, **changes), validate=validate).finish()
