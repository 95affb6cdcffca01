"""HTTP scope -> WSGI environ: a pure function, and lossless where ASGI is not.

ASGI decodes the path as UTF-8 and puts U+FFFD where that fails; WSGI wants the bytes, as latin-1
(PEP 3333 "Unicode Issues"). `raw_path` still has them, so it is used whenever it agrees with
`path`. It does not agree once a middleware has rewritten `path`: then `path` is what counts.
`%2F` becomes `/` in PATH_INFO, as in every WSGI server; REQUEST_URI and RAW_URI keep it.

Nothing here raises, whatever bytes a server passes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes

from bridge.protocol.asgi_types import Scope
from bridge.protocol.headers import EnvironKeys

__all__ = [
    "Environ",
    "build_environ",
    "content_length",
    "has_body",
    "settle_host",
    "split_path",
    "tls_environ",
]

Environ = dict[str, Any]

# Characters that RFC 3986 allows in a path, beside the unreserved ones that quote() keeps.
_PATH_SAFE = "/!$&'()*+,;=:@%"
# Of origin-form and asterisk-form targets (RFC 9112 section 3.2), and no path at all.
_PATH_STARTS = ("/", "*", "")
_PATH_END = re.compile("[?#]")
_AUTHORITY = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def build_environ(scope: Scope, base: Mapping[str, Any], keys: EnvironKeys) -> Environ:
    """Return the environ of one request: a new plain dict (PEP 3333: "must be a builtin dict").

    `base` holds what does not change from request to request; `keys` names the headers.
    `wsgi.input` and `wsgi.errors` are left to the caller.
    """
    environ: Environ = {**base}
    environ["SCRIPT_NAME"], environ["PATH_INFO"], uri = split_path(scope)
    environ["REQUEST_URI"] = environ["RAW_URI"] = uri
    environ["REQUEST_METHOD"] = scope["method"]
    query = scope.get("query_string")
    environ["QUERY_STRING"] = query.decode("latin-1") if query else ""
    version = scope.get("http_version") or "1.1"
    environ["SERVER_PROTOCOL"] = "HTTP/1.1" if version == "1.1" else _protocol(version)
    environ["wsgi.url_scheme"] = scheme = scope.get("scheme") or "http"
    environ["asgi.scope"] = scope
    if "state" in scope:
        environ["asgi.state"] = scope["state"]
    _add_headers(environ, scope["headers"], keys)
    _add_server(environ, scope.get("server"), scheme)
    _add_client(environ, scope.get("client"))
    if scheme == "https":
        environ["HTTPS"] = "on"
        environ.update(tls_environ(scope))
    return environ


def content_length(environ: Environ) -> int | None:
    """Return CONTENT_LENGTH in bytes; None when the request has none.

    Raises ValueError when it is not a number or its repetitions differ (RFC 9110 section 8.6: such
    a message must be refused, it may be an attempt at request smuggling). Equal repetitions are
    folded into one, in `environ` too.
    """
    text = environ.get("CONTENT_LENGTH")
    if not text:
        return None
    if not text.isdecimal() or not text.isascii():
        values = {value.strip(" \t") for value in text.split(",")}
        text = values.pop()
        if values or not text.isdecimal() or not text.isascii():
            raise ValueError(environ["CONTENT_LENGTH"])
        environ["CONTENT_LENGTH"] = text
    return int(text)


def has_body(environ: Environ) -> bool:
    """Tell an empty body from none: nothing announced and nothing come is none in HTTP/1.1."""
    framed = "CONTENT_LENGTH" in environ or "bridge.transfer_encoding" in environ
    return framed or bool(environ["SERVER_PROTOCOL"] >= "HTTP/2")


def settle_host(environ: Environ, scope: Scope) -> bool:
    """Tell whether at most one host was asked for; equal ones of HTTP/2 are folded into one, in `environ`.

    RFC 9112 section 3.2: a request with more than one Host line must be refused, whatever they say: a proxy that
    looks at the first and an application that looks at the last serve different sites. HTTP/2 has `:authority`,
    which servers add as a Host line beside the one that a gateway may have sent (RFC 9113 section 8.3.1).
    """
    if "," not in environ.get("HTTP_HOST", ""):  # joined ones have a comma; so may a single one
        return True
    hosts = [value.strip() for name, value in scope["headers"] if name.lower() == b"host"]
    if len(hosts) == 1:
        return True
    if len(set(hosts)) > 1 or (scope.get("http_version") or "1.1").startswith("1"):
        return False
    environ["HTTP_HOST"] = hosts[0].decode("latin-1")
    return True


# ---------------------------------------------------------------- paths


def split_path(scope: Scope) -> tuple[str, str, str]:
    """Return SCRIPT_NAME, PATH_INFO and REQUEST_URI of a scope, latin-1 native strings (PEP 3333).

    `root_path` is cut off `path` at a segment boundary only: with root_path `/app`, the path
    `/apple` is not below it. A server that leaves root_path out of `path` (ASGI before 2.4 of the
    specification said nothing) gets the same answer.
    """
    path: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    root: str = scope.get("root_path") or ""
    octets: bytes = scope.get("query_string", b"")
    query = octets.decode("latin-1") if octets else ""
    if not root and _is_plain(path, raw):
        return "", path, f"{path}?{query}" if query else path  # nine requests in ten
    uri = _request_uri(path, raw, query)
    if path[:1] not in _PATH_STARTS:
        path, raw = _origin_form(path, raw)
    root = root.rstrip("/")
    script_name = _wsgi_text(root)
    full = _lossless(path, root, raw)
    if full == script_name:
        return script_name, "", uri
    if full.startswith(script_name + "/"):
        return script_name, full[len(script_name) :], uri
    return script_name, full, uri


def _is_plain(path: str, raw: bytes | None) -> bool:
    """Tell whether a path is in origin-form and the same in each of its three spellings."""
    return path[:1] == "/" and "%" not in path and path.isascii() and raw == path.encode()


def _origin_form(path: str, raw: bytes | None) -> tuple[str, bytes | None]:
    """Return both without scheme and authority, where they are an absolute-form target.

    `GET http://host/path` is for proxies, but every server has to take it (RFC 9112 section 3.2.2);
    h11, and so uvicorn with it and hypercorn, hand it on as the path. A client that wrote a fragment into it
    meant no part of the path, nor does a server that leaves the query in `raw_path`; in `path`, `#` and `?` may as
    well be decoded.
    """
    match = _AUTHORITY.match(path)
    if match is None:
        return path, raw
    if raw is None:
        return path[match.end() :] or "/", None
    target = _PATH_END.split(_AUTHORITY.sub("", raw.decode("latin-1"), count=1), maxsplit=1)[0] or "/"
    return unquote(target), target.encode("latin-1")


def _lossless(path: str, root: str, raw: bytes | None) -> str:
    """Return the path as WSGI text, from `raw` where it is the same path."""
    if raw is None:
        return _wsgi_text(path)
    octets = unquote_to_bytes(raw.partition(b"?")[0])
    decoded = octets.decode("utf-8", "replace")
    if decoded == path or (root and decoded == root + path):
        return octets.decode("latin-1")
    if root and root + decoded == path:
        return _wsgi_text(root) + octets.decode("latin-1")
    return _wsgi_text(path)


def _wsgi_text(text: str) -> str:
    """Encode text as UTF-8 and show the bytes as latin-1 (PEP 3333, "bytes-as-unicode")."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:  # a lone surrogate that no byte stands for
        return text.encode("utf-8", "replace").decode("latin-1")


def _request_uri(path: str, raw: bytes | None, query: str) -> str:
    if raw is None:
        raw = quote(_wsgi_text(path).encode("latin-1"), safe=_PATH_SAFE.replace("%", "")).encode()
    text = raw.partition(b"?")[0].decode("latin-1")
    return f"{text}?{query}" if query else text


# ---------------------------------------------------------------- headers, server, client


def _add_headers(environ: Environ, headers: list[tuple[bytes, bytes]], keys: EnvironKeys) -> None:
    """Add every header; repeated ones are collected first and joined once, so it stays linear.

    (Joining pairwise is quadratic: CVE-2025-14550.)
    White space around a value is no part of it (RFC 9110 section 5.5), though httptools leaves it there.
    """
    repeated: dict[str, list[str]] | None = None
    for name, value in headers:
        key = keys[name]
        if key is None:
            if name.lower() == b"transfer-encoding":
                environ["bridge.transfer_encoding"] = value.decode("latin-1").strip().lower()
            continue
        if key not in environ:
            environ[key] = value.strip().decode("latin-1")
            continue
        if repeated is None:
            repeated = {}
        repeated.setdefault(key, [environ[key]]).append(value.strip().decode("latin-1"))
    if repeated is not None:
        for key, values in repeated.items():
            # RFC 9110 section 5.3; HTTP/2 splits cookies, which are joined by "; " (RFC 9113, 8.2.3)
            environ[key] = ("; " if key == "HTTP_COOKIE" else ",").join(values)


def _protocol(http_version: str) -> str:
    """Spell HTTP/2 as "HTTP/2.0": code that parses major.minor exists, and nginx writes it so."""
    return f"HTTP/{http_version}" if "." in http_version else f"HTTP/{http_version}.0"


def _add_server(environ: Environ, server: Any, scheme: str) -> None:
    """Set SERVER_NAME and SERVER_PORT, both never empty (PEP 3333 "environ Variables").

    A unix socket has no port and no name: they come from the Host header then, or the scheme. ASGI has
    (path, None) for it; granian has (path, 0) and gunicorn the first two characters of the path.
    """
    if server is not None:
        host, port = server[0], server[1]
        if _is_port(port) and host != "/":
            environ["SERVER_NAME"] = host or "localhost"
            environ["SERVER_PORT"] = str(port)
            return
    host = environ.get("HTTP_HOST", "")
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdecimal() or (name.startswith("[") and not name.endswith("]")):
        name, port = host, ""
    environ["SERVER_NAME"] = name or "localhost"
    environ["SERVER_PORT"] = port or _DEFAULT_PORTS.get(scheme, "80")


def _add_client(environ: Environ, client: Any) -> None:
    if client is None:
        environ["REMOTE_ADDR"] = ""  # as gunicorn has it for a unix socket
        return
    host, port = client[0], client[1]
    environ["REMOTE_ADDR"] = host or ""
    if _is_port(port):
        environ["REMOTE_PORT"] = str(port)


def _is_port(value: Any) -> bool:
    """Tell a port (granian: a str) from what stands for none: None, 0 (granian, uvicorn behind a proxy), "/"."""
    if type(value) is int:
        return value != 0
    text = str(value)
    return text.isdecimal() and text != "0"


# ---------------------------------------------------------------- TLS


def tls_environ(scope: Scope) -> dict[str, str]:
    """Return the ASGI TLS extension's fields under mod_ssl's names; {} without the extension."""
    tls = (scope.get("extensions") or {}).get("tls")
    if not tls:
        return {}
    found = {
        "SSL_PROTOCOL": _TLS_VERSIONS.get(tls.get("tls_version") or 0),
        "SSL_CIPHER": _hexadecimal(tls.get("cipher_suite")),
        "SSL_SERVER_CERT": tls.get("server_cert"),
        "SSL_CLIENT_S_DN": tls.get("client_cert_name"),
        "SSL_CLIENT_CERT": "".join(tls.get("client_cert_chain") or ()),
        "SSL_CLIENT_VERIFY": _verified(tls),
    }
    return {key: str(value) for key, value in found.items() if value}


# https://www.iana.org/assignments/tls-parameters: the numbers that the extension uses.
_TLS_VERSIONS = {0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}


def _hexadecimal(cipher_suite: int | None) -> str | None:
    return None if cipher_suite is None else f"0x{cipher_suite:04X}"


def _verified(tls: Mapping[str, Any]) -> str:
    error = tls.get("client_cert_error")
    if error:
        return f"FAILED:{error}"
    return "SUCCESS" if tls.get("client_cert_chain") else "NONE"
