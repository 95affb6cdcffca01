"""What is taken out before anything of a request or an answer is kept: passwords, tokens, cookies, keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bridge.incremental.store.base import FieldValues

__all__ = ["REDACTED", "Redaction"]

REDACTED = "[redacted]"

_SECRET_HEADERS = frozenset(
    {
        *("authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key", "x-csrftoken"),
        *("x-csrf-token", "x-xsrf-token", "x-auth-token", "x-amz-security-token", "www-authenticate"),
    }
)
# Parts of a field's name. Wide on purpose: a value too many is hidden rather than one too few.
_SECRET_NAMES = (
    *(
        "passw",
        "passphrase",
        "pwd",
        "secret",
        "token",
        "api_key",
        "api-key",
        "apikey",
        "authoriz",
        "credential",
    ),
    *(
        "session",
        "csrf",
        "xsrf",
        "private_key",
        "signature",
        "otp",
        "cvv",
        "cvc",
        "iban",
        "card_number",
        "ssn",
    ),
)
# Values that are secrets under any name: JSON Web Tokens, and what follows "Bearer".
_SECRET_VALUES = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?i:\bbearer\s+)[\w.~+/=-]{8,}")
_FORM = "application/x-www-form-urlencoded"


class Redaction:
    """Takes secrets out; `names` are further parts of names of headers and fields, in any letter case."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        parts = [*_SECRET_NAMES, *(name.lower() for name in names if name)]
        self._name = re.compile("|".join(map(re.escape, parts)), re.IGNORECASE)

    def is_secret(self, name: str) -> bool:
        """Tell whether what stands under this name is a secret."""
        return self._name.search(name) is not None

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
        """Return headers as text, secrets out."""
        pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
        return tuple((name, self._header(name, value)) for name, value in pairs)

    def _header(self, name: str, value: str) -> str:
        secret = name.lower() in _SECRET_HEADERS or self.is_secret(name)
        return REDACTED if secret else self.text(value)

    def target(self, path: str, query: bytes) -> str:
        """Return path and query, secret parameters out."""
        if not query:
            return self.text(path)
        text = query.decode("latin-1")
        pairs = parse_qsl(text, keep_blank_values=True)
        if not any(self.is_secret(name) for name, _ in pairs):
            return self.text(f"{path}?{text}")
        shown = [(name, REDACTED if self.is_secret(name) else value) for name, value in pairs]
        return self.text(f"{path}?{urlencode(shown)}")

    def field(self, each: FieldValues) -> FieldValues:
        """Return a differing field without its values, if they are secrets."""
        if each.field.startswith("cookie.") or self.is_secret(each.field):
            return replace(each, legacy=each.legacy and REDACTED, modern=each.modern and REDACTED)
        return replace(each, legacy=self._value(each.legacy), modern=self._value(each.modern))

    def _value(self, value: str | None) -> str | None:
        """Redact a value; one that speaks of secrets itself, as a piece of JSON or HTML may, goes whole."""
        if value is None:
            return None
        return REDACTED if self.is_secret(value) else self.text(value)

    def text(self, text: str) -> str:
        """Return a text without what looks like a token."""
        return _SECRET_VALUES.sub(REDACTED, text)

    def body(self, content_type: str, body: bytes) -> bytes:
        """Return a request's body with its secret fields out: JSON and forms; others come back as they are."""
        kind = content_type.partition(";")[0].strip().lower()
        if kind == _FORM:
            pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
            if any(self.is_secret(name) for name, _ in pairs):
                return urlencode([(n, REDACTED if self.is_secret(n) else v) for n, v in pairs]).encode()
        elif kind == "application/json" or kind.endswith("+json"):
            return self._json(body)
        return body

    def _json(self, body: bytes) -> bytes:
        try:
            document = json.loads(body)
            redacted = self._tree(document)
        except (ValueError, RecursionError):
            return body
        return body if redacted == document else json.dumps(redacted, ensure_ascii=False).encode()

    def _tree(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: REDACTED if self.is_secret(key) else self._tree(entry) for key, entry in value.items()
            }
        if isinstance(value, list):
            return [self._tree(entry) for entry in value]
        return value
