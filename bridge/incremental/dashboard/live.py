"""Server-sent events: the parts of an open page, each whenever it has changed, until the page is closed.

A stream ends by itself after a moment, and the page asks for another one: a server that is to stop waits for its
responses, and would wait for this one until its patience is over. No server tells its applications. The page says
with `Last-Event-ID` (HTML, 9.2.3) which parts it has, so that only news goes over the wire.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping

from bridge.protocol.asgi_types import Receive, Scope, Send

__all__ = ["LASTS", "LOOK_EVERY", "stream"]

LOOK_EVERY = 1.0  # seconds between two looks at the store, for each open page
LASTS = 2.0  # seconds that a stream lasts: at most so much later the server stops
RETRY = b"retry: 100\n\n"  # milliseconds until the page asks again


async def stream(
    parts: Callable[[], Mapping[str, str]],
    headers: list[tuple[bytes, bytes]],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Send what `parts` returns, called in a thread: HTML by the name that the page knows the part by."""
    start = [(b"content-type", b"text/event-stream"), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    await send({"type": "http.response.body", "body": RETRY, "more_body": True})
    gone = asyncio.ensure_future(_gone(receive))
    sent = _marks_of(scope)
    end = time.monotonic() + LASTS
    try:
        while not gone.done() and time.monotonic() < end:
            now = await asyncio.to_thread(parts)
            marks = {name: _mark(html) for name, html in now.items()}
            news = [_event(name, html) for name, html in now.items() if marks[name] != sent.get(name)]
            if news:  # the last one says what the page has by then
                news.append(_id(marks))
            sent = marks
            # A comment when there is no news: a connection that is broken is found out by it.
            body = b"".join(news) or b":\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.wait([gone], timeout=LOOK_EVERY)
        await send({"type": "http.response.body", "body": b""})
    except OSError:  # the page has been closed (ASGI, "Disconnected Client")
        return
    finally:
        gone.cancel()


def _event(name: str, html: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in html.splitlines() or [""])
    return f"event: {name}\n{lines}\n".encode()


def _mark(html: str) -> str:
    """Return what tells one state of a part from another."""
    return hashlib.blake2s(html.encode(), digest_size=6).hexdigest()


def _id(marks: Mapping[str, str]) -> bytes:
    text = ",".join(f"{name}={mark}" for name, mark in marks.items())
    return f"id: {text}\n\n".encode()


def _marks_of(scope: Scope) -> dict[str, str]:
    """Return the marks of the parts that the page has; none of what is no `_id`."""
    text = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
    return {name: mark for name, _, mark in (each.partition("=") for each in text.split(","))}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
