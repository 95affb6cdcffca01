"""Rows about the ASGI side: the loop, the extensions, files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.conformance.rows import Environ, StartResponse, row

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["FILE_CONTENT"]

PLAIN = [("Content-Type", "text/plain")]
FILE_CONTENT = bytes(range(256)) * 4096  # 1 MiB
NO_LINTERS = "the linters would hide the file wrapper's type"


@cache
def _flask_app() -> Flask:
    import asyncio

    from flask import Flask, request

    app = Flask(__name__)

    @app.route("/<path:path>")
    async def loops(path: str) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {
            "loop": id(asyncio.get_running_loop()),
            "server's loop": request.environ["asgi.scope"]["tests.loop"],
        }

    return app


@row
def flask_async_view(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the loop that an `async def` view runs on, and with the server's."""
    return _flask_app()(environ, start_response)


@cache
def _file() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="bridge-conformance-")
    path = Path(folder.name, "file.bin")
    path.write_bytes(FILE_CONTENT)
    _kept.append(folder)
    return path


_kept: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


@row(bare=NO_LINTERS)
def whole_file(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Send a file through `wsgi.file_wrapper`."""
    start_response("200 OK", PLAIN)
    wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](_file().open("rb"), 8192)
    return wrapped


@row(bare=NO_LINTERS)
def rest_of_a_file(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Send a file from its 1000th byte on."""
    start_response("200 OK", PLAIN)
    file = _file().open("rb")
    file.seek(1000)
    wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](file)
    return wrapped


@row(bare=NO_LINTERS)
def start_of_a_file(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Send a file of which Content-Length allows the first 1000 bytes."""
    start_response("200 OK", [*PLAIN, ("Content-Length", "1000")])
    wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](_file().open("rb"))
    return wrapped


@row
def early_hints(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Send early hints where they are offered."""
    hints = environ.get("wsgi.early_hints")
    if hints is not None:
        hints([("Link", "</style.css>; rel=preload; as=style")])
    start_response("200 OK", PLAIN)
    return [json.dumps({"offered": hints is not None}).encode()]


@row
def trailers(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Send a trailer where trailers are offered."""
    send_trailers = environ.get("bridge.trailers")
    if send_trailers is None:
        start_response("200 OK", PLAIN)
    else:
        start_response("200 OK", [*PLAIN, ("Trailer", "X-Checksum")])
        send_trailers([("X-Checksum", "abc")])
    return [json.dumps({"offered": send_trailers is not None}).encode()]
