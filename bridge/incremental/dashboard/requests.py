"""A request taken apart, and a whole response: what stands between ASGI and the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from bridge.protocol.asgi_types import Receive, Scope
from bridge.protocol.environ import split_path

__all__ = ["SECURITY", "Asked", "Reply", "read_request", "send_reply"]

FORM_LIMIT = 16 * 1024  # bytes
POLICY = (
    b"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = [
    (b"content-security-policy", POLICY),
    # With "no-referrer" browsers send "Origin: null" with our own forms.
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole response."""

    status: int = 200
    body: str = ""
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `root` is where the dashboard is mounted, a native string of WSGI (bytes as latin-1)."""

    scope: Scope
    path: str
    root: str
    query: dict[str, str]
    form: dict[str, str]

    @property
    def method(self) -> str:
        """Return the method, GET for HEAD."""
        return "GET" if self.scope["method"] == "HEAD" else str(self.scope["method"])

    @property
    def root_text(self) -> str:
        """Return `root` as text."""
        return self.root.encode("latin-1").decode("utf-8", "replace")


async def read_request(scope: Scope, receive: Receive) -> Asked:
    """Return a request with its form, which is cut off above a limit."""
    root, path, _ = split_path(scope)
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
    form = await _form(receive) if scope["method"] == "POST" else {}
    return Asked(scope, path or "/", root, query, form)


async def _form(receive: Receive) -> dict[str, str]:
    body, more = b"", True
    while more and len(body) <= FORM_LIMIT:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def send_reply(send: Callable[[Any], Awaitable[None]], reply: Reply, *, bodyless: bool = False) -> None:
    """Send it, without its body for HEAD."""
    body = reply.body.encode()
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", b"%d" % len(body)),
        *SECURITY,
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if bodyless else body})
