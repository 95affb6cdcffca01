"""Any scope that a server may pass becomes an environ that PEP 3333 allows, without an exception."""

from __future__ import annotations

import warnings
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.validate import check_environ  # type: ignore[attr-defined] # typeshed leaves it out

from hypothesis import given, settings, strategies as st

from bridge import __version__
from bridge.protocol.body import RequestBody
from bridge.protocol.environ import build_environ, content_length
from bridge.protocol.headers import EnvironKeys
from tests.fuzz.scale import FACTOR

EXAMPLES = 200 * FACTOR

BASE: dict[str, Any] = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "SERVER_SOFTWARE": f"wsgi-bridge/{__version__}",
}

# Paths as servers pass them: decoded with errors replaced or surrogates, with what clients make up.
SEGMENTS = st.sampled_from(
    [
        "",
        "a",
        "apple",
        "app",
        ".",
        "..",
        "%",
        "%2F",
        "é",
        "\ufffd",
        "\udce9",
        "日本",
        ";x=1",
        "a b",
        "?",
        "#",
        "\x00",
    ]
)
PATHS = st.lists(SEGMENTS, max_size=5).map(lambda parts: "/" + "/".join(parts)) | st.text(max_size=20)
RAW_PATHS = (
    st.none()
    | st.binary(max_size=40)
    | st.lists(
        st.sampled_from([b"a", b"%2F", b"%e9", b"%C3%A9", b"%", b"%zz", b"%00", b"\xff", b"?", b"//"]),
        max_size=6,
    ).map(lambda parts: b"/" + b"/".join(parts))
)
ROOTS = st.sampled_from(["", "/", "/app", "/app/", "/é", "app", "//"]) | st.text(max_size=8)

NAMES = st.sampled_from(
    [
        b"host",
        b"cookie",
        b"content-type",
        b"content-length",
        b"transfer-encoding",
        b"x-a",
        b"x_a",
        b"expect",
        b"",
    ]
) | st.binary(max_size=12).map(bytes.lower)
VALUES = st.sampled_from(
    [b"", b"5", b"05", b"-1", b"5, 5", b"5, 6", b"chunked", b"a=1", b"h:80", b"[::1]:8", b"h:"]
) | st.binary(max_size=20)
ADDRESSES = st.sampled_from(
    [
        None,
        ("127.0.0.1", 80),
        ("::1", 443),
        ("/run/app.sock", None),
        ("", 0),
        ["10.0.0.1", 1],
        ("host", "8000"),
    ]
)
TLS = st.fixed_dictionaries(
    {
        "server_cert": st.none() | st.just("PEM"),
        "client_cert_chain": st.sampled_from([(), ["PEM", "PEM"], None]),
        "client_cert_name": st.none() | st.just("CN=a"),
        "client_cert_error": st.none() | st.just("expired"),
        "tls_version": st.sampled_from([None, 0x0303, 0x0304, 1]),
        "cipher_suite": st.none() | st.integers(0, 0xFFFF),
    }
)
OPTIONAL = {
    "raw_path": RAW_PATHS,
    "root_path": ROOTS,
    "scheme": st.sampled_from(["http", "https", ""]),
    "client": ADDRESSES,
    "server": ADDRESSES,
    "state": st.just({}),
    "extensions": st.none() | st.fixed_dictionaries({}, optional={"tls": TLS | st.none()}),
    "http_version": st.sampled_from(["1.0", "1.1", "2", "3", ""]),
}
SCOPES = st.fixed_dictionaries(
    {
        "type": st.just("http"),
        "method": st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"]),
        "path": PATHS,
        "query_string": st.binary(max_size=30),
        "headers": st.lists(st.tuples(NAMES, VALUES), max_size=12),
    },
    optional=OPTIONAL,
)


def environ_of(scope: dict[str, Any], *, keep_underscores: bool = False) -> dict[str, Any]:
    environ = build_environ(scope, BASE, EnvironKeys(keep_underscores=keep_underscores))
    environ["wsgi.input"] = RequestBody(lambda: b"")
    environ["wsgi.errors"] = _Errors()
    return environ


class _Errors:
    """The least that PEP 3333 wants of wsgi.errors."""

    def flush(self) -> None: ...

    def write(self, text: str) -> None: ...

    def writelines(self, lines: list[str]) -> None: ...


@settings(max_examples=EXAMPLES)
@given(scope=SCOPES, keep_underscores=st.booleans())
def test_any_scope_makes_an_environ_of_native_strings(scope: dict[str, Any], keep_underscores: bool) -> None:
    environ = environ_of(scope, keep_underscores=keep_underscores)
    assert type(environ) is dict
    for key, value in environ.items():
        if key.partition(".")[0] in {"wsgi", "asgi", "bridge"}:
            continue
        assert type(value) is str, (key, value)
        value.encode("latin-1")  # PEP 3333: "bytes-as-unicode"
    assert environ["SERVER_NAME"]
    assert environ["SERVER_PORT"]


@settings(max_examples=EXAMPLES)
@given(scope=SCOPES)
def test_a_scope_with_a_sane_path_and_length_passes_wsgirefs_validator(scope: dict[str, Any]) -> None:
    """wsgiref.validate asserts what PEP 3333 says "must" of environ; it does not look at what is optional."""
    scope = {**scope, "path": "/" + scope["path"].lstrip("/"), "scheme": scope.get("scheme") or "http"}
    scope["headers"] = [
        (name, value)
        for name, value in scope["headers"]
        if name not in {b"content-length", b"content-type", b""}
    ]
    environ = environ_of(scope)
    if environ["SCRIPT_NAME"] and not environ["SCRIPT_NAME"].startswith("/"):
        return  # a root_path that no server may set; tested above not to raise
    if environ["PATH_INFO"] and not environ["PATH_INFO"].startswith("/"):
        return  # as above
    if environ["SCRIPT_NAME"] == "/":
        return  # as above
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of methods that it does not know
        check_environ(environ)


@settings(max_examples=EXAMPLES)
@given(scope=SCOPES)
def test_a_content_length_is_a_number_none_or_refused(scope: dict[str, Any]) -> None:
    environ = environ_of(scope)
    try:
        length = content_length(environ)
    except ValueError:
        assert not environ["CONTENT_LENGTH"].isdecimal()
        return
    assert length is None or length >= 0
    if length is not None:
        assert int(environ["CONTENT_LENGTH"]) == length


@settings(max_examples=EXAMPLES)
@given(raw=st.lists(st.sampled_from([b"a", b"%2F", b"%e9", b"%C3%A9", b"%00", b"b;c", b"%25"]), max_size=6))
def test_PATH_INFO_has_the_very_bytes_that_the_client_sent(raw: list[bytes]) -> None:
    """Whatever they are in UTF-8: ASGI's `path` has lost them, `raw_path` has not."""
    raw_path = b"/" + b"/".join(raw)
    octets = unquote_to_bytes(raw_path)
    scope = {
        "type": "http",
        "method": "GET",
        "path": octets.decode("utf-8", "replace"),
        "raw_path": raw_path,
        "headers": [],
    }
    assert environ_of(scope)["PATH_INFO"].encode("latin-1") == octets
