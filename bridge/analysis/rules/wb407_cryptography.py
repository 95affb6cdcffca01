"""A request that makes keys or signs with them.

## What it does

Finds the slow calls of cryptography, PyCryptodome, rsa, ecdsa, python-jose and paramiko's keys: key generation
above all.

## Why it blocks

Making an RSA key takes a tenth of a second to seconds. Signing is short; it is listed where the library is pure
Python.

## Example

    from cryptography.hazmat.primitives.asymmetric import rsa

    def new_key(request):
        return rsa.generate_private_key(public_exponent=65537, key_size=4096)

## Use instead

    import asyncio

    from cryptography.hazmat.primitives.asymmetric import rsa

    async def new_key(request):
        return await asyncio.to_thread(rsa.generate_private_key, public_exponent=65537, key_size=4096)

## References

- https://cryptography.io/en/latest/hazmat/primitives/asymmetric/rsa/
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB407",
    name="cryptography",
    message="{sink} computes with keys",
    severity=Severity.WARNING,
    sinks=(
        "cryptography",
        "Crypto",
        "Cryptodome",
        "rsa",
        "ecdsa",
        "jose",
        "gnupg",
        "pgpy",
        "OpenSSL",
        "nacl",
        "M2Crypto",
        "jwt",
        "jwcrypto",
        "signxml",
        "onelogin.saml2",
        "saml2",
        "hashlib",
        "hmac",
    ),
)
