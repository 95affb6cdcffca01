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
# Whole names that are too short to be looked for within others.
_SECRET_WHOLE = frozenset({"auth", "jwt", "key", "pass", "pin", "sid", "sig"})
# Values that are secrets under any name: what follows "Bearer" and "Basic", a URL's password; and JSON Web Tokens:
# a segment that begins so, with as many characters at least, one that is as long at least, and one more.
_SECRET_VALUES = re.compile(r"(?i:\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_JWT_BEGINS, _JWT_FIRST, _JWT_SECOND = "eyJ", 11, 8
_DOTTED = re.compile(r"[\w.-]+")
# name=value within a text: the query of a URL in Referer or Location, a line of a log. A name is looked for where
# it begins only: from each of its characters on it would take time with the square of what a client sends.
_NAME_CHARACTERS = r"[\w.%\[\]-]"
_ASSIGNED = re.compile(rf"(?<!{_NAME_CHARACTERS})({_NAME_CHARACTERS}+)=")
_VALUE = re.compile(r"[^&;,\s\"'<>]+")
_PLACEHOLDER = re.compile(r"<[^<>/]*>|{[^{}/]*}")
_NO_SEGMENT = r"/?#\s\"'<>"  # what ends a segment of a path within a text
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_BOUNDARY = re.compile(r'boundary="?([^";,]+)', re.IGNORECASE)
_PART_NAME = re.compile(rb'(?<![\w*])name="?([^";\r\n]+)', re.IGNORECASE)
_PAIR_NAMES, _PAIR_VALUES = ("name", "key", "field"), ("value", "values")


def _path_pattern(path: str) -> re.Pattern[str]:
    """Return what finds a path like "/reset/<token>", each of its placeholders a group."""
    pieces = _PLACEHOLDER.split(path.rstrip("/"))
    return re.compile(rf"([^{_NO_SEGMENT}]+)".join(map(re.escape, pieces)) + rf"(?=[{_NO_SEGMENT}]|$)")


def _without_segments(found: re.Match[str]) -> str:
    text, start = found[0], found.start()
    for group in range(found.re.groups, 0, -1):
        begin, end = found.span(group)
        text = text[: begin - start] + REDACTED + text[end - start :]
    return text


def _without_tokens(found: re.Match[str]) -> str:
    """Return what dots join, without JSON Web Tokens."""
    if _JWT_BEGINS not in found[0]:
        return found[0]
    parts, shown = found[0].split("."), []
    index = 0
    while index < len(parts):
        part = parts[index]
        start = part.find(_JWT_BEGINS)
        third = index + 2
        if (
            0 <= start <= len(part) - _JWT_FIRST
            and third < len(parts)
            and len(parts[third - 1]) >= _JWT_SECOND
        ):
            shown.append(part[:start] + REDACTED)
            index = third
        else:
            shown.append(part)
        index += 1
    return ".".join(shown)


class Redaction:
    """Takes secrets out; `names` are further parts of names of headers and fields, in any letter case.

    One with a slash in front is a pattern of paths, such as "/reset/<token>": what stands in place of "<token>"
    (or "{token}") is a secret, wherever in a path or URL that piece of a path is.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        given = [name for name in names if name]
        parts = [*_SECRET_NAMES, *(name.lower() for name in given if not name.startswith("/"))]
        self._paths = [_path_pattern(name) for name in given if name.startswith("/")]
        named = "|".join(map(re.escape, parts))
        self._name = re.compile(named, re.IGNORECASE)

    def is_secret(self, name: str) -> bool:
        """Tell whether what stands under this name is a secret."""
        return self._name.search(name) is not None or name.lower() in _SECRET_WHOLE

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
        shown = self._pairs(text)
        return f"{self.text(path)}?{text if shown is None else urlencode(shown)}"

    def _pairs(self, text: str) -> list[tuple[str, str]] | None:
        """Return names and values with the secrets out; None where there are none."""
        pairs = parse_qsl(text, keep_blank_values=True)
        shown = [(name, REDACTED if self.is_secret(name) else self.text(value)) for name, value in pairs]
        return None if shown == pairs else shown

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
        """Return a text without what looks like a token, and without the values of secret names."""
        for pattern in self._paths:
            text = pattern.sub(_without_segments, text)
        text = _SECRET_VALUES.sub(REDACTED, text)
        if _JWT_BEGINS in text:
            text = _DOTTED.sub(_without_tokens, text)
        return self._without_named(text)

    def _without_named(self, text: str) -> str:
        """Return a text without the values of secret names."""
        pieces, end = [], 0
        for found in _ASSIGNED.finditer(text):
            if found.start() >= end and self._name.search(found[1]):
                value = _VALUE.match(text, found.end())
                if value is not None:
                    pieces += [text[end : found.end()], REDACTED]
                    end = value.end()
        return "".join([*pieces, text[end:]])

    def body(self, content_type: str, body: bytes) -> bytes:
        """Return a request's body with its secret fields out: of JSON and forms.

        Of a text in another form, or in none that can be read, nothing is kept if it speaks of a secret. What is no
        text comes back as it is.
        """
        kind = content_type.partition(";")[0].strip().lower()
        if kind == _FORM:
            return self._form(body)
        if kind == _MULTIPART:
            return self._multipart(content_type, body)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return body
        return self._json_or_text(text, body)

    def _form(self, body: bytes) -> bytes:
        shown = self._pairs(body.decode("latin-1"))
        return body if shown is None else urlencode(shown).encode()

    def _multipart(self, content_type: str, body: bytes) -> bytes:
        found = _BOUNDARY.search(content_type)
        if found is None:
            return REDACTED.encode()  # no application can read it either
        delimiter = b"--" + found[1].encode("latin-1", "replace")
        return delimiter.join(self._part(part) for part in body.split(delimiter))

    def _part(self, part: bytes) -> bytes:
        head, blank, _ = part.partition(b"\r\n\r\n")
        name = _PART_NAME.search(head)
        if not blank or name is None or not self.is_secret(name[1].decode("latin-1")):
            return part
        return head + blank + REDACTED.encode() + b"\r\n"

    def _json_or_text(self, text: str, body: bytes) -> bytes:
        try:
            document = json.loads(text)
            redacted = self._tree(document)
        except (ValueError, RecursionError):
            return REDACTED.encode() if self.is_secret(text) else self.text(text).encode()
        if redacted == document:
            return body
        # Half a character, "\\ud800", stays what it was: an escape of JSON.
        return json.dumps(redacted, ensure_ascii=False).encode("utf-8", "backslashreplace")

    def _tree(self, value: Any) -> Any:
        if isinstance(value, dict):
            names = [value.get(key) for key in _PAIR_NAMES]
            paired = any(isinstance(name, str) and self.is_secret(name) for name in names)
            return {
                key: REDACTED
                if (self.is_secret(key) and key not in _PAIR_NAMES) or (paired and key in _PAIR_VALUES)
                else self._tree(entry)
                for key, entry in value.items()
            }
        if isinstance(value, list):
            return [self._tree(entry) for entry in value]
        return self.text(value) if isinstance(value, str) else value
