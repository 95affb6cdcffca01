"""What the peers' own bridge tests need of wsgi-bridge: their constructors, and their view of its work.

Two freedoms of the specifications are taken back, so that the rest of an expectation can be checked:
how a body is cut into ASGI messages carries no meaning, and a server may add to environ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from scripts.external.contenders import to_asgi
from scripts.external.crossing import harness_loop

__all__ = ["Reframed", "environ_of", "frames", "raising", "replace"]

# What wsgi-bridge adds to environ beyond what any of the peers' expectations lists
# (PEP 3333 "environ Variables": "may also contain server-defined variables").
_ADDED = frozenset({
    "HTTPS", "RAW_URI", "REQUEST_URI", "SERVER_SOFTWARE", "wsgi.file_wrapper", "wsgi.input_terminated",
})  # fmt: skip
_NAMESPACES = ("bridge.", "asgi.")


def replace(module: ModuleType, **stand_ins: Any) -> None:
    """Put each of `stand_ins` in the place of what `module` has under that name.

    Raises AttributeError where it has none: the suite is of a version that this was not written for.
    """
    for name, stand_in in stand_ins.items():
        getattr(module, name)
        setattr(module, name, stand_in)


def raising(app: Any, *options: Any, **named: Any) -> Any:
    """`app` behind the bridge as the peers build theirs: errors reach the caller; options have no effect."""
    return to_asgi(app, reraise=True)


def environ_of(scope: Any, body: bytes = b"") -> dict[str, Any]:
    """The environ that an application gets for `scope`, without what only wsgi-bridge adds."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        seen["wsgi.input"] = _Read(environ["wsgi.input"].read())
        start_response("204 No Content", [])
        return []

    asyncio.run_coroutine_threadsafe(_ask(to_asgi(app), scope, body), harness_loop()).result()
    return {
        key: value for key, value in seen.items() if key not in _ADDED and not key.startswith(_NAMESPACES)
    }


class _Read:
    """A body that was read while the request ran."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self) -> bytes:
        return self.data


async def _ask(asgi: Any, scope: Any, body: bytes) -> None:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else await asyncio.Future()  # the client stays

    async def send(event: dict[str, Any]) -> None:
        """Nobody reads the answer."""

    await asgi(scope, receive, send)


class Reframed:
    """wsgi-bridge, its answer cut into the messages that asgiref and hypercorn would send.

    They send one for each block of the application and `last` at the end, and never a Content-Length of
    their own (PEP 3333 leaves that to the server). The bytes are the bridge's.
    """

    def __init__(
        self, app: Any, *, last: dict[str, Any], reraise: bool = False, max_headers: int | None = None
    ) -> None:
        self.app = app
        self.last = last
        self.options: dict[str, Any] = {"reraise": reraise, "max_headers": max_headers}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Ask the bridge, then send its answer in the peers' frames."""
        blocks: list[int] = []
        named: set[bytes] = set()
        events: list[dict[str, Any]] = []

        async def collect(event: dict[str, Any]) -> None:
            events.append(event)

        await to_asgi(_watched(self.app, blocks, named), **self.options)(scope, receive, collect)
        start, body = events[0], b"".join(event.get("body", b"") for event in events[1:])
        if named and b"content-length" not in named:
            start["headers"] = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        await send(start)
        for frame in frames(blocks, body):
            await send({"type": "http.response.body", "body": frame, "more_body": True})
        await send(self.last)


def frames(sizes: list[int], body: bytes) -> Iterator[bytes]:
    """`body` cut at the sizes of the blocks that the application gave; what a limit cut off stays off."""
    for size in sizes:
        if body or not size:
            yield body[:size]
            body = body[size:]
    if body:
        yield body


def _watched(app: Any, blocks: list[int], named: set[bytes]) -> Any:
    """`app`, noting the size of each block and the names of its headers."""

    def call(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            named.clear()
            named.update({b"", *(name.lower().encode("latin-1") for name, _ in headers)})
            return start_response(status, headers, exc_info)

        result = app(environ, start)
        if isinstance(result, list):
            blocks.extend(len(block) for block in result)
            return result
        return _counted(result, blocks)

    return call


def _counted(result: Any, blocks: list[int]) -> Iterator[bytes]:
    for block in result:
        blocks.append(len(block))
        yield block
