"""Server-sent events: the parts of an open page, each whenever it has changed, until the page is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from bridge.protocol.asgi_types import Receive, Send

__all__ = ["LOOK_EVERY", "stream"]

LOOK_EVERY = 1.0  # seconds between two looks at the store, for each open page


async def stream(
    parts: Callable[[], Mapping[str, str]], headers: list[tuple[bytes, bytes]], receive: Receive, send: Send
) -> None:
    """Send what `parts` returns, called in a thread: HTML by the name that the page knows the part by."""
    start = [(b"content-type", b"text/event-stream"), *headers]
    await send({"type": "http.response.start", "status": 200, "headers": start})
    gone = asyncio.ensure_future(_gone(receive))
    sent: Mapping[str, str] = {}
    try:
        while not gone.done():
            now = await asyncio.to_thread(parts)
            news = [_event(name, html) for name, html in now.items() if html != sent.get(name)]
            sent = now
            # A comment when there is no news: a connection that is broken is found out by it.
            body = b"".join(news) or b":\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.wait([gone], timeout=LOOK_EVERY)
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
