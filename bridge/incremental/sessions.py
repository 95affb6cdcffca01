"""What is in the legacy application's session, read by modern code from the scope of its request.

Reading only: a session that is changed belongs to whoever answers the request, and two frameworks that write
the same cookie would undo each other's changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from bridge.errors import MissingExtra
from bridge.protocol.asgi_types import Scope

__all__ = ["cookies_of", "django_session", "flask_session"]

FLASK_LIFETIME = 31 * 24 * 3600  # seconds; Flask's PERMANENT_SESSION_LIFETIME


def cookies_of(scope: Scope) -> dict[str, str]:
    """Return the cookies of a request; of several with one name the first, as Flask has it."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                key, equals, content = pair.partition("=")
                if equals:
                    found.setdefault(key.strip(), content.strip().strip('"'))
    return found


def flask_session(
    scope: Scope,
    secret_key: str | bytes,
    *,
    fallbacks: Sequence[str | bytes] = (),
    cookie_name: str = "session",
    max_age: float = FLASK_LIFETIME,
) -> dict[str, Any]:
    """Return what is in Flask's signed session cookie; {} without one, or if it is forged or too old.

    `secret_key` is the application's SECRET_KEY, `fallbacks` its SECRET_KEY_FALLBACKS, `max_age` (seconds)
    its PERMANENT_SESSION_LIFETIME. For other session interfaces call `run_legacy(lambda: dict(session))`.
    """
    try:
        from flask.json.tag import TaggedJSONSerializer
        from itsdangerous import BadSignature, URLSafeTimedSerializer
    except ImportError:
        raise MissingExtra("all", package="flask", feature="reading Flask's session") from None
    cookie = cookies_of(scope).get(cookie_name)
    if not cookie:
        return {}
    # As flask.sessions.SecureCookieSessionInterface signs; the newest key comes last (itsdangerous).
    keys = [key.encode() if isinstance(key, str) else key for key in (*reversed(fallbacks), secret_key)]
    serializer = URLSafeTimedSerializer(
        keys,
        salt="cookie-session",
        serializer=TaggedJSONSerializer(),
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha1},
    )
    try:
        return dict(serializer.loads(cookie, max_age=int(max_age)))
    except BadSignature:  # SignatureExpired is one
        return {}


def django_session(scope: Scope) -> dict[str, Any]:
    """Return what is in the session of Django's settings; {} without one, or if it has expired.

    All session engines; those that ask a database or a cache block: call it by `run_legacy` (whose request
    has it as `request.session`) or `asyncio.to_thread`. Django must be set up.
    """
    from importlib import import_module

    from django.conf import settings
    from django.http.cookie import parse_cookie

    # Django's own reading: of several with one name it takes the last, where Flask takes the first. Two readings of
    # one request would let a cookie that a sibling domain has set show modern another user than legacy.
    cookies = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return {}
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key=key)
    return dict(store.items())
