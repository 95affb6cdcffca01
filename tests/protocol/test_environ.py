"""HTTP scope -> environ."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes

import pytest
from hypothesis import given, strategies as st

from bridge.protocol.environ import build_environ, content_length, settle_host, split_path, tls_environ
from bridge.protocol.headers import EnvironKeys
from tests.asgi_driver import http_scope


def environ_of(**changes: Any) -> dict[str, Any]:
    return build_environ(http_scope(**changes), {}, EnvironKeys())


# ---------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("scope", "script_name", "path_info"),
    [
        ({"path": "/"}, "", "/"),
        ({"path": ""}, "", ""),
        ({"path": "/é", "raw_path": b"/%C3%A9"}, "", "/\xc3\xa9"),
        ({"path": "/\ufffd", "raw_path": b"/%FF"}, "", "/\xff"),
        ({"path": "/a/b", "raw_path": b"/a%2Fb"}, "", "/a/b"),
        ({"path": "/a%b", "raw_path": b"/a%25b"}, "", "/a%b"),
        ({"path": "/a%25", "raw_path": b"/a%2525"}, "", "/a%25"),
        ({"path": "//x", "raw_path": b"//x"}, "", "//x"),
        ({"path": "/app/x", "root_path": "/app"}, "/app", "/x"),
        ({"path": "/app", "root_path": "/app"}, "/app", ""),
        ({"path": "/app/", "root_path": "/app/"}, "/app", "/"),
        ({"path": "/apple", "root_path": "/app"}, "/app", "/apple"),
        ({"path": "/x", "root_path": "/app"}, "/app", "/x"),
        ({"path": "/app/x", "raw_path": b"/x", "root_path": "/app"}, "/app", "/x"),
        ({"path": "/app/\ufffd", "raw_path": b"/%FF", "root_path": "/app"}, "/app", "/\xff"),
        ({"path": "/\ufffd", "raw_path": b"/app/%FF", "root_path": "/app"}, "/app", "/\xff"),
        ({"path": "/app/\ufffd", "raw_path": b"/app/%FF", "root_path": "/app"}, "/app", "/\xff"),
        ({"path": "/é/x", "raw_path": b"/%C3%A9/x", "root_path": "/é"}, "/\xc3\xa9", "/x"),
        ({"path": "/new", "raw_path": b"/old"}, "", "/new"),
        ({"path": "/new é", "raw_path": None}, "", "/new \xc3\xa9"),
        ({"path": "*", "raw_path": b"*"}, "", "*"),
        ({"path": "http://h:1/x y", "raw_path": b"http://h:1/x%20y"}, "", "/x y"),
        ({"path": "HTTPS://h/a#b#c", "raw_path": b"HTTPS://h/a%23b#c"}, "", "/a#b"),
        ({"path": "http://h", "raw_path": b"http://h"}, "", "/"),
        ({"path": "http://h/x", "raw_path": None}, "", "/x"),
        ({"path": "http://h/\ufffd", "raw_path": b"http://h/%FF"}, "", "/\xff"),
        ({"path": "/http://h/x", "raw_path": b"/http://h/x"}, "", "/http://h/x"),
        ({"path": "mailto:x", "raw_path": b"mailto:x"}, "", "mailto:x"),
    ],
    ids=repr,
)
def test_script_name_and_path_info(scope: dict[str, Any], script_name: str, path_info: str) -> None:
    assert split_path(http_scope(**scope))[:2] == (script_name, path_info)


@pytest.mark.parametrize(
    ("scope", "uri"),
    [
        ({"path": "/a/b", "raw_path": b"/a%2Fb", "query_string": b"x=%20"}, "/a%2Fb?x=%20"),
        ({"path": "/new", "raw_path": b"/old?cut=here"}, "/old"),
        ({"path": "/é x", "raw_path": None}, "/%C3%A9%20x"),
        ({"path": "/50%", "raw_path": None}, "/50%25"),
        ({"path": "http://h/x", "raw_path": b"http://h/x", "query_string": b"a=1"}, "http://h/x?a=1"),
    ],
    ids=repr,
)
def test_request_uri_is_what_the_client_sent(scope: dict[str, Any], uri: str) -> None:
    environ = environ_of(**scope)
    assert environ["REQUEST_URI"] == environ["RAW_URI"] == uri


@given(st.binary(max_size=20))
def test_path_info_has_every_byte_that_the_client_sent(octets: bytes) -> None:
    raw = b"/" + quote(octets).encode("ascii")
    scope = http_scope(path=unquote(raw.decode("ascii")), raw_path=raw)
    _, path_info, _ = split_path(scope)
    assert path_info.encode("latin-1") == b"/" + octets


@given(st.binary(max_size=20), st.sampled_from(["/app", "/é", "/a b"]))
def test_path_info_below_a_mount_has_every_byte(octets: bytes, root: str) -> None:
    raw = quote(root).encode("ascii") + b"/" + quote(octets).encode("ascii")
    scope = http_scope(path=unquote(raw.decode("ascii")), raw_path=raw, root_path=root)
    script_name, path_info, _ = split_path(scope)
    assert path_info.encode("latin-1") == b"/" + octets
    assert script_name.encode("latin-1") == root.encode()


# ---------------------------------------------------------------- never raises

scopes = st.fixed_dictionaries(
    {
        "path": st.text(max_size=12),
        "raw_path": st.none() | st.binary(max_size=12),
        "root_path": st.text(max_size=6),
        "query_string": st.binary(max_size=12),
        "headers": st.lists(st.tuples(st.binary(max_size=10), st.binary(max_size=10)), max_size=6),
        "client": st.none() | st.tuples(st.text(max_size=5), st.none() | st.integers(0, 65535)),
        "server": st.none() | st.tuples(st.text(max_size=5), st.none() | st.integers(0, 65535)),
        "scheme": st.sampled_from(["http", "https"]),
        "http_version": st.sampled_from(["1.0", "1.1", "2", "3"]),
    }
)


@given(scopes)
def test_no_scope_makes_it_raise_and_all_is_native_latin_1(changes: dict[str, Any]) -> None:
    environ = environ_of(**changes)
    for key, value in environ.items():
        if isinstance(value, str) and key not in {"SERVER_NAME", "REMOTE_ADDR"}:
            value.encode("latin-1")
    assert type(environ) is dict
    assert environ["SERVER_NAME"]
    assert environ["SERVER_PORT"]


# ---------------------------------------------------------------- headers


def test_repeated_headers_are_joined_and_cookies_by_semicolon() -> None:
    environ = environ_of(
        headers=[(b"accept", b"a"), (b"cookie", b"x=1"), (b"accept", b"b"), (b"cookie", b"y=2")]
    )
    assert environ["HTTP_ACCEPT"] == "a,b"
    assert environ["HTTP_COOKIE"] == "x=1; y=2"


def test_the_servers_de_chunking_is_told_but_not_handed_on() -> None:
    environ = environ_of(headers=[(b"transfer-encoding", b" Chunked")])
    assert "HTTP_TRANSFER_ENCODING" not in environ
    assert environ["bridge.transfer_encoding"] == "chunked"


def test_query_string_keeps_its_bytes() -> None:
    assert environ_of(query_string=b"q=\xff%20")["QUERY_STRING"] == "q=\xff%20"


@pytest.mark.parametrize(
    ("values", "length"),
    [([], None), ([b""], None), ([b"5"], 5), ([b"5", b"5"], 5), ([b"5, 5"], 5)],
)
def test_content_length(values: list[bytes], length: int | None) -> None:
    environ = environ_of(headers=[(b"content-length", value) for value in values])
    assert content_length(environ) == length
    assert environ.get("CONTENT_LENGTH") in (None, "", str(length))


@pytest.mark.parametrize("values", [[b"5", b"6"], [b"-1"], [b"+5"], [b"5x"], [b"\xb2"], [b"0x5"]], ids=repr)
def test_a_content_length_that_could_smuggle_is_refused(values: list[bytes]) -> None:
    environ = environ_of(headers=[(b"content-length", value) for value in values])
    with pytest.raises(ValueError, match=r".+"):
        content_length(environ)


@pytest.mark.parametrize(
    ("hosts", "version", "expected"),
    [
        ([], "1.1", (True, None)),
        ([b"a"], "1.1", (True, "a")),
        ([b"a,b"], "1.1", (True, "a,b")),
        ([b"a", b"b"], "1.1", (False, "a,b")),
        ([b"a", b"a"], "1.1", (False, "a,a")),
        ([b"a", b"a"], "1.0", (False, "a,a")),
        ([b"a", b" a"], "2", (True, "a")),
        ([b"a", b"b"], "2", (False, "a,b")),
        ([b"a", b"b"], "3", (False, "a,b")),
    ],
)
def test_more_than_one_host_is_refused(hosts: list[bytes], version: str, expected: Any) -> None:
    scope = http_scope(headers=[(b"host", host) for host in hosts], http_version=version)
    environ = build_environ(scope, {}, EnvironKeys())
    assert (settle_host(environ, scope), environ.get("HTTP_HOST")) == expected


# ---------------------------------------------------------------- server, client, protocol


@pytest.mark.parametrize(
    ("server", "host", "scheme", "expected"),
    [
        (("10.0.0.1", 8000), b"x", "http", ("10.0.0.1", "8000")),
        (("/run/app.sock", None), b"shop.example:8443", "https", ("shop.example", "8443")),
        (("/run/app.sock", None), b"shop.example", "https", ("shop.example", "443")),
        (("10.0.0.1", "8000"), b"granian", "http", ("10.0.0.1", "8000")),
        (("/run/app.sock", "0"), b"granian", "http", ("granian", "80")),
        (("/", "r"), b"gunicorn", "http", ("gunicorn", "80")),
        (("/", "1"), b"gunicorn", "http", ("gunicorn", "80")),
        (None, b"[::1]:81", "http", ("[::1]", "81")),
        (None, b"[::1]", "http", ("[::1]", "80")),
        (None, b"", "http", ("localhost", "80")),
    ],
    ids=repr,
)
def test_server_name_and_port(server: Any, host: bytes, scheme: str, expected: tuple[str, str]) -> None:
    environ = environ_of(server=server, headers=[(b"host", host)], scheme=scheme)
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == expected


def test_client_is_told_if_there_is_one() -> None:
    assert environ_of(client=("1.2.3.4", 5))["REMOTE_PORT"] == "5"
    assert environ_of(client=("1.2.3.4", 5))["REMOTE_ADDR"] == "1.2.3.4"
    assert environ_of(client=None)["REMOTE_ADDR"] == ""
    assert "REMOTE_PORT" not in environ_of(client=None)
    assert "REMOTE_PORT" not in environ_of(client=("6.6.6.6", 0))  # uvicorn, from X-Forwarded-For


@pytest.mark.parametrize(
    ("version", "expected"), [("1.0", "HTTP/1.0"), ("1.1", "HTTP/1.1"), ("2", "HTTP/2.0")]
)
def test_server_protocol(version: str, expected: str) -> None:
    assert environ_of(http_version=version)["SERVER_PROTOCOL"] == expected


def test_state_and_scope_are_handed_on() -> None:
    state = {"pool": object()}
    scope = http_scope(state=state)
    environ = build_environ(scope, {"wsgi.run_once": False}, EnvironKeys())
    assert environ["asgi.state"] is state
    assert environ["asgi.scope"] is scope
    assert environ["wsgi.run_once"] is False


# ---------------------------------------------------------------- TLS


def test_https_and_the_tls_extension() -> None:
    tls = {
        "server_cert": "-----SERVER-----",
        "client_cert_chain": ["-----A-----", "-----B-----"],
        "client_cert_name": "CN=alice",
        "client_cert_error": None,
        "tls_version": 0x0304,
        "cipher_suite": 0x1301,
    }
    environ = environ_of(scheme="https", extensions={"tls": tls})
    assert environ["HTTPS"] == "on"
    assert environ["SSL_PROTOCOL"] == "TLSv1.3"
    assert environ["SSL_CIPHER"] == "0x1301"
    assert environ["SSL_CLIENT_CERT"] == "-----A----------B-----"
    assert environ["SSL_CLIENT_S_DN"] == "CN=alice"
    assert environ["SSL_CLIENT_VERIFY"] == "SUCCESS"


def test_a_bad_client_certificate_is_named() -> None:
    tls = {"client_cert_error": "expired", "tls_version": None, "cipher_suite": None}
    assert tls_environ(http_scope(extensions={"tls": tls})) == {"SSL_CLIENT_VERIFY": "FAILED:expired"}


def test_no_tls_fields_without_the_extension() -> None:
    assert "HTTPS" not in environ_of()
    assert tls_environ(http_scope()) == {}


def test_unquoting_agrees_with_the_servers() -> None:
    """The premise of the whole module: servers decode as `unquote` does."""
    assert unquote("/%FF%C3%A9") == unquote_to_bytes(b"/%FF%C3%A9").decode("utf-8", "replace")


def test_white_space_around_a_header_value_is_no_part_of_it() -> None:
    environ = environ_of(headers=[(b"x-a", b" a  b \t"), (b"x-b", b"1 "), (b"x-b", b"\t2")])
    assert (environ["HTTP_X_A"], environ["HTTP_X_B"]) == ("a  b", "1,2")
