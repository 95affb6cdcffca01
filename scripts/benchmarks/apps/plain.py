"""The applications as plain WSGI callables: no framework, so that what is measured is the bridge."""

from __future__ import annotations

import time
import zlib
from typing import TYPE_CHECKING, BinaryIO

from scripts.benchmarks.apps.content import (
    BEAT_PAUSE,
    BLOCK,
    BODY_READ,
    HELLO,
    WAIT,
    beat,
    block_count,
    file_path,
    tally,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["beats", "file", "hello", "stream", "upload", "wait"]

_TEXT = ("Content-Type", "text/plain; charset=utf-8")


def hello(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """13 bytes with their length: what remains is the price of a request."""
    start_response("200 OK", [_TEXT, ("Content-Length", "13")])
    return [HELLO]


def stream(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """`?N`: N blocks of 1 KiB, no length given."""
    start_response("200 OK", [_TEXT])
    for _ in range(block_count(environ["QUERY_STRING"])):
        yield BLOCK


def beats(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
    """`?N`: N stamped blocks with a pause after each."""
    start_response("200 OK", [_TEXT])
    for _ in range(block_count(environ["QUERY_STRING"])):
        yield beat()
        time.sleep(BEAT_PAUSE)


def upload(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Reads the body by 64 KiB and answers with its size; with `?crc` its CRC-32 too."""
    read = environ["wsgi.input"].read
    total, crc = 0, 0
    checked = environ["QUERY_STRING"] == "crc"
    while block := read(BODY_READ):
        total += len(block)
        if checked:
            crc = zlib.crc32(block, crc)
    answer = tally(total, crc if checked else None)
    start_response("200 OK", [_TEXT, ("Content-Length", str(len(answer)))])
    return [answer]


def file(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """`?small` or `?whole`: a file through `wsgi.file_wrapper`, or by 64 KiB where a server has none."""
    path = file_path(environ["QUERY_STRING"])
    length = ("Content-Length", str(path.stat().st_size))
    start_response("200 OK", [("Content-Type", "application/octet-stream"), length])
    wrapper = environ.get("wsgi.file_wrapper", _FileBlocks)
    blocks: Iterable[bytes] = wrapper(path.open("rb"), BODY_READ)
    return blocks


def wait(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """`/wait` sleeps half a second, as a view waiting for a slow service does; any other path is `hello`."""
    if environ["PATH_INFO"] == "/wait":
        time.sleep(WAIT)
    return hello(environ, start_response)


class _FileBlocks:
    """The fallback that PEP 3333 shows in "Optional Platform-Specific File Handling"."""

    def __init__(self, handle: BinaryIO, size: int) -> None:
        self._handle = handle
        self._size = size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._handle.read(self._size), b"")

    def close(self) -> None:
        self._handle.close()
