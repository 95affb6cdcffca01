"""Who is in a canary's percentage: a hash of what the client is known by, and no state.

The same client is in at 5 % and still in at 30 %; and in on every route that has the same percentage, so
that a walk through the site does not change sides with each page.
"""

from __future__ import annotations

import hashlib
import secrets

from bridge.incremental.rules import Sticky
from bridge.protocol.asgi_types import Scope

__all__ = ["bucket", "is_in_canary", "known_by"]

_BUCKETS = 1_000_000  # so that 0.0001 % can be told


def is_in_canary(scope: Scope, sticky: Sticky, percent: float) -> bool:
    """Tell whether the modern application answers this client."""
    if percent <= 0:
        return False
    if percent >= 100:
        return True
    return bucket(known_by(scope, sticky)) < percent / 100 * _BUCKETS


def bucket(identity: bytes | None) -> int:
    """Return where a client stands, from 0 to 999,999; by chance where nothing is known of it."""
    if identity is None:
        return secrets.randbelow(_BUCKETS)
    return int.from_bytes(hashlib.blake2b(identity, digest_size=8).digest(), "big") % _BUCKETS


def known_by(scope: Scope, sticky: Sticky) -> bytes | None:
    """Return what the client is known by: cookie or header, else its address; None on a Unix socket."""
    if sticky.by == "cookie":
        found = _cookie(scope, sticky.name.encode("latin-1", "replace"))
    elif sticky.by == "header":
        found = _header(scope, sticky.name.encode("latin-1", "replace"))
    else:
        found = None
    if found:
        return found
    client = scope.get("client")
    return str(client[0]).encode() if client and client[0] else None


def _header(scope: Scope, name: bytes) -> bytes | None:
    return next((bytes(value) for key, value in scope["headers"] if key == name), None)


def _cookie(scope: Scope, name: bytes) -> bytes | None:
    """Return a cookie's value; HTTP/2 may split the header (RFC 9113 section 8.2.3)."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            for pair in value.split(b";"):
                found, equals, content = pair.partition(b"=")
                if equals and found.strip() == name:
                    return bytes(content.strip())
    return None
