"""A request that hashes a password.

## What it does

Finds `hashlib.pbkdf2_hmac`, `hashlib.scrypt`, bcrypt, argon2, passlib, Werkzeug's and Django's password
functions.

## Why it blocks

These are slow on purpose, a tenth of a second and more of pure computing. On an event loop every other request
stands still for it. Most of them release the GIL, so a thread helps.

## Example

    from werkzeug.security import check_password_hash

    def login(user, password):
        return check_password_hash(user.password, password)

## Use instead

    import asyncio

    from werkzeug.security import check_password_hash

    async def login(user, password):
        return await asyncio.to_thread(check_password_hash, user.password, password)

## References

- https://docs.python.org/3/library/hashlib.html#key-derivation
- https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB401",
    name="password-hash",
    message="{sink} computes for a long time, on purpose",
    sinks=(
        "hashlib.pbkdf2_hmac",
        "hashlib.scrypt",
        "bcrypt",
        "argon2",
        "passlib",
        "werkzeug.security",
        "django.contrib.auth.hashers",
        "django.contrib.auth.authenticate",
        "django.contrib.auth.aauthenticate",
        "flask_bcrypt",
        "flask_security",
        "scrypt",
        "crypt",
        "nacl.pwhash",
        "pwdlib",
        "libpass",
    ),
)
