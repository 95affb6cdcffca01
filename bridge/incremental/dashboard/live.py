"""Server-sent events: the parts of an open page, each whenever it has changed, until the page is closed.

A stream ends by itself after a while, and the page asks for another one: a server that is to stop waits for its
responses, and would wait for this one until its patience is over. No server tells its applications.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from bridge.protocol.asgi_types import Receive, Send

__all__ = ["LASTS", "LOOK_EVERY", "stream"]

LOOK_EVERY = 1.0  # seconds between two looks at the store, for each open page
LASTS = 10.0  # seconds that a stream lasts: at most so much later the server stops
RETRY = b"retry: 100\n\n"  # milliseconds until the page asks again


async def stream(
    parts: Callable[[], Mapping[str, str]],
    headers: list[tuple[bytes, bytes]],
    receive: Receive,
    send: Send,
    *,
    stopping: Callable[[], bool],
) -> None:
    """Send what `parts` returns, called in a thread: HTML by the name that the page knows the part by.

    `stopping` tells whether the server is about to stop, where that is known: the stream ends then.
    """
    start = [(b"content-type", b"text/event-stream"), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    await send({"type": "http.response.body", "body": RETRY, "more_body": True})
    gone = asyncio.ensure_future(_gone(receive))
    sent: Mapping[str, str] = {}
    end = time.monotonic() + LASTS
    try:
        while not gone.done() and time.monotonic() < end and not stopping():
            now = await asyncio.to_thread(parts)
            news = [_event(name, html) for name, html in now.items() if html != sent.get(name)]
            sent = now
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


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
