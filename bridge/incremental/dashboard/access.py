"""Who may see the dashboard, and whose changes are believed. Pure, but for the secret made at the start.

With a token: whoever brings it, once by `?token=`, from then on in a cookie that scripts and other sites
can't use. Without one: requests from this machine only, made to a name of this machine (else a page of
somebody else's could reach it by DNS rebinding), and not through a proxy, which makes everybody local.

Changes are POSTs that carry a token made of the server's secret, and whose Origin, if there is one, is ours. Whoever
serves the page from several processes gives them one secret: a page comes from one of them, its form goes to another.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from ipaddress import ip_address
from urllib.parse import urlsplit

from bridge.incremental.sessions import cookies_of
from bridge.protocol.asgi_types import Scope

__all__ = ["COOKIE", "Access", "header_of", "hide_token"]

COOKIE = "wsgi_bridge_dashboard"
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip", b"via")
_ITERATIONS = (
    100_000  # of PBKDF2, once at the start, some 50 ms: a cookie that was stolen gives no short token away
)
_TOKEN = re.compile(rb"(?<![^&])token=[^&]*")
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Access:
    """Decides by the scope of a request; `token` None: this machine only.

    `secret` None: it is made of the token, so that all processes with that token have the same; without one, by chance.
    """

    def __init__(self, token: str | None, secret: str | None = None) -> None:
        self._token = token
        self._secret = _secret(token) if secret is None else secret.encode()
        # Not the token itself: what a cookie jar gives away opens no other door.
        self.cookie = self._signed("cookie")

    def _signed(self, purpose: str) -> str:
        return hmac.new(self._secret, purpose.encode(), hashlib.sha256).hexdigest()

    @property
    def form_token(self) -> str:
        """Return what a form must carry. It is one for all: whoever can read a page may change things."""
        return self._signed("form")

    def is_token(self, given: str) -> bool:
        """Tell whether this is the token."""
        return self._token is not None and hmac.compare_digest(given.encode(), self._token.encode())

    def may_see(self, scope: Scope) -> bool:
        """Tell whether a request may see the dashboard."""
        if self._token is None:
            return _is_local(scope)
        return hmac.compare_digest(cookies_of(scope).get(COOKIE, "").encode(), self.cookie.encode())

    def may_change(self, scope: Scope, form_token: str) -> bool:
        """Tell whether a POST was made by a page of ours."""
        origin, host = header_of(scope, b"origin"), header_of(scope, b"host")
        try:
            same = not origin or urlsplit(origin).netloc.lower() == host.lower()
        except ValueError:  # "http://[": an address that has no end
            same = False
        return same and hmac.compare_digest(form_token.encode(), self.form_token.encode())


def _secret(token: str | None) -> bytes:
    if token is None:
        return secrets.token_bytes(32)
    return hashlib.pbkdf2_hmac("sha256", token.encode(), b"wsgi-bridge dashboard", _ITERATIONS)


def _is_local(scope: Scope) -> bool:
    client = scope.get("client")
    if not client or any(name in _FORWARDED for name, _ in scope["headers"]):
        return False
    try:
        name = urlsplit(f"//{header_of(scope, b'host')}").hostname or ""
        return ip_address(client[0]).is_loopback and name in _LOCAL_NAMES
    except ValueError:  # one of the two is no address, or half of one
        return False


def header_of(scope: Scope, name: bytes) -> str:
    """Return a header's first value; empty without one."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def hide_token(scope: Scope) -> None:
    """Take the token out of a server's scope, which its access log is going to be written from."""
    query = scope.get("query_string", b"")
    if b"token=" in query:
        scope["query_string"] = _TOKEN.sub(b"token=...", query)
