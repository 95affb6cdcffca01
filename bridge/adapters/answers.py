"""Responses that do not come from the application: errors, and refusals under load."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bridge.protocol.asgi_types import Event, Scope, Send
from bridge.protocol.headers import encode_headers

__all__ = [
    "BAD_CONTENT_LENGTH",
    "BUSY",
    "CONFLICTING_HOSTS",
    "HEADERS_TOO_LARGE",
    "TIMED_OUT",
    "ErrorHook",
    "ErrorResponse",
    "closing",
    "refuse_upload",
    "send_answer",
]

logger = logging.getLogger("bridge.http")

_TEXT = ("Content-Type", "text/plain; charset=utf-8")
_RETRY_AFTER = ("Retry-After", "1")  # seconds; a queue of requests is a matter of seconds


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """What is sent instead of a response: `status` is a number, `headers` are native strings.

    Content-Length is added.
    """

    status: int = 500
    headers: tuple[tuple[str, str], ...] = (_TEXT,)
    body: bytes = b"Internal Server Error"


# Called as hook(exc, scope). None: the plain 500. What it raises reaches the ASGI server.
ErrorHook = Callable[[BaseException, Scope], "ErrorResponse | Awaitable[ErrorResponse | None] | None"]

BAD_CONTENT_LENGTH = ErrorResponse(400, body=b"Bad Request: Content-Length is not one number")
CONFLICTING_HOSTS = ErrorResponse(400, body=b"Bad Request: more than one Host")
TIMED_OUT = ErrorResponse(408, body=b"Request Timeout: the request body did not come")
HEADERS_TOO_LARGE = ErrorResponse(431, body=b"Request Header Fields Too Large")
BUSY = ErrorResponse(503, (_TEXT, _RETRY_AFTER), b"Service Unavailable: all workers are busy, try again")


def refuse_upload(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Stand in for an application whose upload is beyond `spool_limit`."""
    logger.warning(
        "%s %s: a chunked upload went over spool_limit", environ["REQUEST_METHOD"], environ["PATH_INFO"]
    )
    start_response("413 Content Too Large", [_TEXT])
    return [b"Content Too Large"]


async def send_answer(send: Send, answer: ErrorResponse, method: str) -> None:
    """Send a whole response; without its body if `method` is HEAD."""
    headers = encode_headers([*answer.headers, ("Content-Length", str(len(answer.body)))])
    body = b"" if method == "HEAD" else answer.body
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})
    except OSError as error:  # ASGI specification, "Disconnected Client": nobody is left to be told
        logger.debug("a %d response was not sent: %s", answer.status, error)


def closing(send: Send) -> Send:
    """Return a `send` that has the server close the connection behind the response; HTTP/1 only."""

    def send_and_close(event: Event) -> Awaitable[None]:
        if event["type"] == "http.response.start":
            event = {**event, "headers": [*event["headers"], (b"connection", b"close")]}
        return send(event)

    return send_and_close
