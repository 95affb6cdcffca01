"""Header names and values on their way between ASGI (bytes) and WSGI (native strings).

Requests: a header name becomes an environ key, once; the answer is remembered, because the same
dozen names come with every request. Responses: the list given to `start_response` is checked and
encoded, and what a WSGI application has no right to send (hop-by-hop) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bridge.errors import InvalidHeader

__all__ = [
    "HOP_BY_HOP",
    "EnvironKeys",
    "encode_headers",
    "headers_within",
]

# RFC 9110 section 7.6.1 and RFC 2616 section 13.5.1; illegal in HTTP/2 (RFC 9113 section 8.2.2).
# PEP 3333 "Other HTTP Features": an application must not send any of them.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailers",
        "transfer-encoding",
        "upgrade",
    }
)

# RFC 9110 section 5.6.2: what a header name may consist of.
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# The three octets that make one header two (RFC 9110 section 5.5: "CR, LF, and NUL ... dangerous").
_SPLITTING = re.compile(rb"[\r\n\0]")

# Names remembered at most: a client that invents names must not make the table grow for ever.
_MAX_REMEMBERED = 2048
# Only short ones: 2048 names of 60 KB were 240 MB, sent by one client. Bytes; the longest registered name has 43.
_NAME_REMEMBERED = 64
_VALUE_REMEMBERED = 1024  # bytes; an application may repeat what a client sent (Access-Control-Allow-Origin)


class EnvironKeys(dict[bytes, "str | None"]):
    r"""Maps a header name as ASGI gives it to its environ key; None means: leave it out.

    `{b"content-type": "CONTENT_TYPE", b"x-a": "HTTP_X_A", ...}` (RFC 3875 section 4.1.18).

    A name with an underscore is left out unless `keep_underscores`: `X_Forwarded_For` and
    `X-Forwarded-For` would become the same key, and a proxy that guards the one lets the other
    pass (nginx, Apache and gunicorn drop them for the same reason). So is what is no token (RFC 9110 section 5.1),
    which not every server refuses: `X-Acce\xdf` would become `HTTP_X_ACCESS`. `Transfer-Encoding` is left
    out because the server has undone it: a program that saw it would undo it again.
    """

    def __init__(self, *, keep_underscores: bool = False) -> None:
        super().__init__()
        self._keep_underscores = keep_underscores

    def __missing__(self, name: bytes) -> str | None:
        key = self._environ_key(name)
        if len(self) < _MAX_REMEMBERED and len(name) <= _NAME_REMEMBERED:
            self[name] = key
        return key

    def _environ_key(self, name: bytes) -> str | None:
        if b"_" in name and not self._keep_underscores:
            return None
        text = name.decode("latin-1")
        if not _TOKEN.fullmatch(text):
            return None
        key = text.upper().replace("-", "_")
        if key == "TRANSFER_ENCODING":
            return None
        return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_" + key


def headers_within(headers: Iterable[tuple[bytes, bytes]], max_headers: int, max_bytes: int) -> bool:
    """Tell whether a request's headers are within both limits.

    `max_headers` counts header lines, `max_bytes` their names and values. Servers differ in what
    they limit (uvicorn with httptools: nothing), so the bridge does.
    """
    count = size = 0  # a plain loop: cheaper than a comprehension, which is a call (Python before 3.12)
    for name, value in headers:
        count += 1
        size += len(name) + len(value)
    return count <= max_headers and size <= max_bytes


# Headers whose value is the same with every response, as a rule: they are checked once.
_SAME_EVERY_TIME = frozenset(
    {
        b"",
        b"access-control-allow-origin",
        b"cache-control",
        b"content-language",
        b"content-security-policy",
        b"content-type",
        b"cross-origin-opener-policy",
        b"referrer-policy",
        b"server",
        b"strict-transport-security",
        b"vary",
        b"x-content-type-options",
        b"x-frame-options",
    }
)
_encoded_headers: dict[tuple[str, str], tuple[bytes, bytes]] = {}


class _EncodedNames(dict[str, bytes]):
    """Maps a response header's name to its lower-case bytes; b"" means: hop-by-hop, drop it.

    Raises KeyError for what is not a header name. Names that were met are remembered.
    """

    def __missing__(self, name: str) -> bytes:
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise KeyError(name)
        lowered = b"" if name.lower() in HOP_BY_HOP else name.lower().encode("ascii")
        if len(self) < _MAX_REMEMBERED and len(name) <= _NAME_REMEMBERED:
            self[name] = lowered
        return lowered


_encoded_names = _EncodedNames()


def encode_headers(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return `start_response`'s headers as ASGI wants them: lower-case names, bytes, in order.

    Repeated names stay separate, hop-by-hop names are dropped. Raises `InvalidHeader` for what
    would split the response or can't be encoded (PEP 3333: values are latin-1 native strings).
    """
    encoded = []
    try:
        for header in headers:
            pair = _encoded_headers.get(header)
            if pair is None:
                pair = _encode(header)
            if pair[0]:
                encoded.append(pair)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        if isinstance(headers, (list, tuple)) and any(isinstance(header, list) for header in headers):
            # PEP 3333 wants tuples; gunicorn and waitress take lists, so there are applications with them.
            return encode_headers(
                [tuple(header) if isinstance(header, list) else header for header in headers]
            )
        raise _first_fault(headers) from error
    return encoded


def _encode(header: tuple[str, str]) -> tuple[bytes, bytes]:
    """Check and encode one header; an empty name means: hop-by-hop, drop it."""
    name, value = header
    lowered = _encoded_names[name]
    if value.isalnum():  # a number as a rule: nothing to strip, nothing that splits
        return lowered, value.encode("latin-1")
    pair = lowered, value.strip(" \t").encode("latin-1")
    if _SPLITTING.search(pair[1]):
        raise ValueError(value)
    short = len(value) <= _VALUE_REMEMBERED
    if lowered in _SAME_EVERY_TIME and short and len(_encoded_headers) < _MAX_REMEMBERED:
        _encoded_headers[header] = pair
    return pair


def _first_fault(headers: object) -> InvalidHeader:
    """Name the header that made `encode_headers` fail, and what is wrong with it."""
    if not isinstance(headers, (list, tuple)):
        return InvalidHeader(headers, "the headers must be a list of (name, value) tuples")
    for header in headers:
        problem = _problem(header)
        if problem is not None:
            return InvalidHeader(header, problem)
    return InvalidHeader(headers, "the headers must be a list of (name, value) tuples")


def _problem(header: object) -> str | None:
    if not isinstance(header, (tuple, list)) or len(header) != 2:
        return "expected a tuple (name, value)"
    name, value = header
    if not isinstance(name, str) or not isinstance(value, str):
        return "name and value must both be str (PEP 3333 'native strings'), not bytes or int"
    if not _TOKEN.fullmatch(name):
        return "a header name consists of letters, digits and !#$%&'*+-.^_`|~ only (RFC 9110)"
    if _SPLITTING.search(value.encode("utf-8", "surrogatepass")):
        return "CR, LF and NUL in a value would split the response; remove them"
    if not value.isascii() and any(ord(character) > 0xFF for character in value):
        return "the value has characters outside latin-1; encode it (RFC 8187, RFC 2047) first"
    return None
