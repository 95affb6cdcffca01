"""WSGI environ -> HTTP scope: pure functions, the way back of `bridge.protocol.environ`.

What WSGI has lost can't be given back: the order and the letter case of headers, the seam between
repeated ones (the server joined them with `,`), and whether a name had `-` or `_`. The last is why
a server that drops names with an underscore (gunicorn and waitress do) must stand in front.

What WSGI kept is handed on to the byte: PATH_INFO, SCRIPT_NAME, QUERY_STRING and header values are
bytes dressed up as latin-1 (PEP 3333 "Unicode Issues"). `path` is their UTF-8 reading, with U+FFFD
where there is none; `raw_path` has the original and is there whenever the server tells it
(RAW_URI, REQUEST_URI) and no middleware has rewritten the path since.

Nothing here raises, whatever strings a server passes.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from bridge.protocol.asgi_types import Scope
from bridge.protocol.environ import Environ

__all__ = ["build_scope", "revise_scope"]

# Of its additions two concern HTTP: server[1] may be None (2.2), send() on a closed connection raises (2.4).
ASGI_VERSIONS = {"version": "3.0", "spec_version": "2.5"}

_HTTP_VERSIONS = {"HTTP/1.0": "1.0", "HTTP/1.1": "1.1", "HTTP/2": "2", "HTTP/2.0": "2", "HTTP/3": "3"}

# A client can put these under HTTP_ with a second header of that name; the ones without are the server's word.
_SHADOWED = {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"}

# environ keys remembered at most: a client that invents headers must not make the table grow for ever.
_MAX_REMEMBERED = 2048
_NAME_REMEMBERED = 64  # characters: nor must long ones

_PORT_DIGITS = 5

_Header = tuple[bytes, bytes]


class _HeaderNames(dict[str, "bytes | None"]):
    """Maps an environ key to the header name it stands for; None: it is no header.

    `{"HTTP_X_A": b"x-a", "CONTENT_TYPE": b"content-type", "PATH_INFO": None, ...}`
    """

    def __missing__(self, key: str) -> bytes | None:
        name = self._header_name(key)
        if len(self) < _MAX_REMEMBERED and len(key) <= _NAME_REMEMBERED:
            self[key] = name
        return name

    @staticmethod
    def _header_name(key: str) -> bytes | None:
        if key in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            return _octets(key.lower().replace("_", "-"))
        if key.startswith("HTTP_") and key not in _SHADOWED:
            return _octets(key[5:].lower().replace("_", "-"))
        return None


_names = _HeaderNames()


def build_scope(environ: Environ) -> Scope:
    """Return the HTTP scope of one request, without `state`, and with no extensions.

    `scope["wsgi_environ"]` is `environ` itself: what WSGI middleware put there (REMOTE_USER, ...)
    can be read from it. The name is a2wsgi's.
    """
    root = _octets(environ.get("SCRIPT_NAME", "")).rstrip(b"/")
    path = root + _octets(environ.get("PATH_INFO", "")) or b"/"
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": dict(ASGI_VERSIONS),
        "http_version": _HTTP_VERSIONS.get(environ.get("SERVER_PROTOCOL", ""), "1.0"),
        "method": environ["REQUEST_METHOD"].upper(),
        "scheme": environ.get("wsgi.url_scheme") or "http",
        "path": path.decode("utf-8", "replace"),
        "query_string": _octets(environ.get("QUERY_STRING", "")),
        "root_path": root.decode("utf-8", "replace"),
        "headers": _headers(environ),
        "client": _address(environ, "REMOTE_ADDR", "REMOTE_PORT", 0),
        "server": _address(environ, "SERVER_NAME", "SERVER_PORT", None),
        "extensions": {},
        "wsgi_environ": environ,
    }
    raw_path = _raw_path(environ, path)
    if raw_path is not None:
        scope["raw_path"] = raw_path
    return scope


def revise_scope(scope: Scope, before: Environ, after: Environ) -> Scope:
    """Return a copy of `scope` in which the changes from `before` to `after` have been made.

    `before` is the environ that was made of `scope`, `after` what a WSGI middleware made of it.
    Whatever the two agree on stays as the server gave it: repeated headers, their order, extras.
    """
    revised = dict(scope)
    revised["wsgi_environ"] = after
    changed = {key for key in before.keys() | after.keys() if before.get(key) is not after.get(key)}
    headers = {name for key in changed if (name := _names[key]) is not None}
    if headers:
        revised["headers"] = _replaced(scope["headers"], headers, _headers(after))
    if changed.isdisjoint(_FIELDS_OF):
        return revised
    new = build_scope(after)
    for key in changed & _FIELDS_OF.keys():
        for field in _FIELDS_OF[key]:
            revised[field] = new[field]
    if changed & _PATH_KEYS and "raw_path" in scope:
        _revise_raw_path(revised, scope, new)
    return revised


# Which fields of a scope come from which environ key.
_FIELDS_OF = {
    "REQUEST_METHOD": ("method",),
    "SCRIPT_NAME": ("root_path", "path"),
    "PATH_INFO": ("path",),
    "QUERY_STRING": ("query_string",),
    "wsgi.url_scheme": ("scheme",),
    "REMOTE_ADDR": ("client",),
    "REMOTE_PORT": ("client",),
    "SERVER_NAME": ("server",),
    "SERVER_PORT": ("server",),
}
_PATH_KEYS = {"SCRIPT_NAME", "PATH_INFO"}


def _revise_raw_path(revised: dict[str, Any], scope: Scope, new: Scope) -> None:
    """Keep `raw_path` where only the border of SCRIPT_NAME moved, and drop it where the path changed."""
    if new["path"] == scope["path"]:
        return
    if "raw_path" in new:
        revised["raw_path"] = new["raw_path"]
    else:
        del revised["raw_path"]


def _replaced(old: Any, names: set[bytes], new: list[_Header]) -> list[_Header]:
    kept = [(name, value) for name, value in old if name.lower() not in names]
    return kept + [header for header in new if header[0] in names]


def _headers(environ: Environ) -> list[_Header]:
    """Return the headers; CONTENT_TYPE and CONTENT_LENGTH "may be empty or missing" (PEP 3333)."""
    return [
        (name, _octets(value))
        for key, value in environ.items()
        if (name := _names[key]) is not None and (value or key.startswith("HTTP_"))
    ]


def _raw_path(environ: Environ, path: bytes) -> bytes | None:
    """Return the path as the client wrote it; None if the server doesn't tell, or it was rewritten."""
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not target:
        return None
    raw = _octets(target).partition(b"?")[0]
    if not raw.startswith(b"/") and b"://" in raw:  # absolute-form, RFC 9112 section 3.2.2
        raw = b"/" + raw.partition(b"://")[2].partition(b"/")[2]
    decoded = unquote_to_bytes(raw) if b"%" in raw else raw
    return raw if decoded == path else None


def _address(environ: Environ, host: str, port: str, no_port: int | None) -> tuple[str, int | None] | None:
    """Return (host, port); None without a host. `no_port` stands for a port that is not a number."""
    name = environ.get(host)
    if not name:
        return None
    number = str(environ.get(port, ""))
    is_port = number.isascii() and number.isdecimal() and len(number) <= _PORT_DIGITS
    return name, int(number) if is_port else no_port


def _octets(text: str) -> bytes:
    """Return the bytes behind a native string (PEP 3333 "A Note On String Types").

    A character beyond latin-1 is the server's fault; its UTF-8 is what was meant, in all likelihood.
    """
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
