from __future__ import annotations

import string
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given, strategies as st

from bridge.protocol.environ import build_environ
from bridge.protocol.headers import EnvironKeys
from bridge.protocol.scope import _names, build_scope, revise_scope
from tests.adapters.wsgi_driver import make_environ
from tests.asgi_driver import http_scope

octets = st.binary(max_size=40)
headers = st.lists(
    st.tuples(
        st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=12).map(
            lambda name: "x-" + name
        ),
        st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n\0"), max_size=12),
    ),
    max_size=5,
    unique_by=lambda header: header[0],
)


def latin(raw: bytes) -> str:
    return raw.decode("latin-1")


def test_a_plain_request_gives_every_key_of_the_http_scope() -> None:
    environ = make_environ(
        "POST",
        "/shop/caf\xc3\xa9",
        SCRIPT_NAME="/app",
        QUERY_STRING="q=1",
        RAW_URI="/app/shop/caf%C3%A9?q=1",
        CONTENT_TYPE="text/plain",
        CONTENT_LENGTH="3",
    )
    assert build_scope(environ) == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/app/shop/café",
        "raw_path": b"/app/shop/caf%C3%A9",
        "query_string": b"q=1",
        "root_path": "/app",
        "headers": [(b"host", b"testserver"), (b"content-type", b"text/plain"), (b"content-length", b"3")],
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
        "extensions": {},
        "wsgi_environ": environ,
    }


@pytest.mark.parametrize("target", ["RAW_URI", "REQUEST_URI"])
@pytest.mark.parametrize(
    ("uri", "path_info", "raw_path"),
    [
        ("/a%2Fb?x=%2F", "/a/b", b"/a%2Fb"),
        ("/%FF", "/\xff", b"/%FF"),
        ("/%2541", "/%41", b"/%2541"),
        ("http://testserver/a%20b?q", "/a b", b"/a%20b"),
        ("http://testserver", "/", b"/"),
        ("//a", "//a", b"//a"),
        ("*", "*", b"*"),
        ("/before", "/rewritten", None),
        ("/%41", "/%41", None),
    ],
)
def test_raw_path_is_the_clients_own_and_missing_once_the_path_was_rewritten(
    target: str, uri: str, path_info: str, raw_path: bytes | None
) -> None:
    scope = build_scope(make_environ(path=path_info) | {target: uri})
    assert scope.get("raw_path") == raw_path


def test_a_path_that_is_not_utf_8_is_replaced_in_path_only() -> None:
    scope = build_scope(make_environ(path="/\xff", RAW_URI="/%FF"))
    assert (scope["path"], scope["raw_path"]) == ("/\ufffd", b"/%FF")


@pytest.mark.parametrize(
    ("script_name", "path_info", "root_path", "path"),
    [
        ("", "", "", "/"),
        ("", "/", "", "/"),
        ("/app", "", "/app", "/app"),
        ("/app", "/", "/app", "/app/"),
        ("/app/", "/x", "/app", "/app/x"),
        ("/\xc3\xa4", "/x", "/ä", "/ä/x"),
    ],
)
def test_SCRIPT_NAME_is_root_path_and_part_of_path(
    script_name: str, path_info: str, root_path: str, path: str
) -> None:
    scope = build_scope(make_environ(path=path_info, SCRIPT_NAME=script_name))
    assert (scope["root_path"], scope["path"]) == (root_path, path)


@pytest.mark.parametrize(
    ("changes", "client", "server"),
    [
        ({"REMOTE_ADDR": ""}, None, ("testserver", 80)),
        ({"REMOTE_ADDR": None}, None, ("testserver", 80)),
        ({"REMOTE_PORT": None}, ("127.0.0.1", 0), ("testserver", 80)),
        ({"REMOTE_ADDR": "::1", "REMOTE_PORT": "x"}, ("::1", 0), ("testserver", 80)),
        ({"SERVER_NAME": "/run/app.sock", "SERVER_PORT": ""}, ("127.0.0.1", 50000), ("/run/app.sock", None)),
        ({"SERVER_PORT": 443}, ("127.0.0.1", 50000), ("testserver", 443)),
        ({"SERVER_PORT": "²"}, ("127.0.0.1", 50000), ("testserver", None)),
        ({"SERVER_PORT": "9" * 5000}, ("127.0.0.1", 50000), ("testserver", None)),
        ({"SERVER_NAME": None}, ("127.0.0.1", 50000), None),
    ],
)
def test_client_and_server_may_be_missing_or_have_no_port(
    changes: dict[str, Any], client: object, server: object
) -> None:
    scope = build_scope(make_environ(**changes))
    assert (scope["client"], scope["server"]) == (client, server)


@pytest.mark.parametrize(
    ("protocol", "version"),
    [
        ("HTTP/1.0", "1.0"),
        ("HTTP/1.1", "1.1"),
        ("HTTP/2", "2"),
        ("HTTP/2.0", "2"),
        ("INCLUDED", "1.0"),
        (None, "1.0"),
    ],
)
def test_http_version_is_SERVER_PROTOCOL(protocol: str | None, version: str) -> None:
    assert build_scope(make_environ(SERVER_PROTOCOL=protocol))["http_version"] == version


def test_headers_are_those_of_the_server_and_not_the_ones_that_shadow_them() -> None:
    environ = make_environ(
        CONTENT_TYPE="a/b",
        HTTP_CONTENT_TYPE="c/d",
        CONTENT_LENGTH="",
        HTTP_CONTENT_LENGTH="9",
        HTTP_X_EMPTY="",
    )
    assert build_scope(environ)["headers"] == [
        (b"host", b"testserver"),
        (b"content-type", b"a/b"),
        (b"x-empty", b""),
    ]


def test_joined_headers_stay_as_the_server_joined_them() -> None:
    environ = make_environ(HTTP_X_FORWARDED_FOR="10.0.0.1,10.0.0.2", HTTP_COOKIE="a=1; b=2")
    found = dict(build_scope(environ)["headers"])
    assert (found[b"x-forwarded-for"], found[b"cookie"]) == (b"10.0.0.1,10.0.0.2", b"a=1; b=2")


def test_the_method_is_upper_case_and_the_scheme_never_empty() -> None:
    scope = build_scope(make_environ("get", wsgi__url_scheme=""))
    assert (scope["method"], scope["scheme"]) == ("GET", "http")


@given(script=octets, info=octets, query=octets, fields=headers)
def test_bytes_survive_on_their_way_into_the_scope(
    script: bytes, info: bytes, query: bytes, fields: list[tuple[str, str]]
) -> None:
    script, info = b"/" + script.strip(b"/?"), b"/" + info.replace(b"?", b"")
    environ = make_environ(
        path=latin(info),
        SCRIPT_NAME=latin(script),
        QUERY_STRING=latin(query),
        RAW_URI=quote_from_bytes(script.rstrip(b"/") + info) + "?" + latin(query),
        HTTP_HOST=None,
    )
    environ.update({"HTTP_" + name.upper().replace("-", "_"): value for name, value in fields})
    scope = build_scope(environ)
    assert unquote_to_bytes(scope["raw_path"]) == script.rstrip(b"/") + info
    assert scope["path"] == (script.rstrip(b"/") + info).decode("utf-8", "replace")
    assert scope["query_string"] == query
    assert scope["headers"] == [
        (name.replace("_", "-").encode("latin-1"), value.encode("latin-1")) for name, value in fields
    ]


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=8))
def test_no_strings_of_a_server_make_it_raise(odd: dict[str, str]) -> None:
    keys = ("PATH_INFO", "SCRIPT_NAME", "QUERY_STRING", "RAW_URI", "SERVER_PORT", "REMOTE_PORT", "HTTP_X_ODD")
    environ = make_environ()
    environ.update(zip(keys, odd.values(), strict=False))
    environ.update(odd)
    assert build_scope(environ)["type"] == "http"


@given(path=octets, query=octets)
def test_scope_to_environ_and_back_is_the_same_scope(path: bytes, query: bytes) -> None:
    raw_path = b"/" + quote_from_bytes(path).encode()
    before = http_scope(
        path=unquote_to_bytes(raw_path).decode("utf-8", "replace"), raw_path=raw_path, query_string=query
    )
    environ = build_environ(before, {}, EnvironKeys())
    after = build_scope(environ)
    for key in (
        "type",
        "method",
        "path",
        "raw_path",
        "query_string",
        "headers",
        "client",
        "server",
        "http_version",
    ):
        assert after[key] == before[key], key


def as_seen_by_middleware(**changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    scope = http_scope(**changes)
    return scope, build_environ(scope, {}, EnvironKeys())


def test_a_middleware_that_changes_nothing_leaves_the_servers_scope() -> None:
    fields = [(b"x-a", b"1"), (b"x-a", b"2"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"X-Case", b"kept")]
    scope, before = as_seen_by_middleware(headers=fields, extra="kept", raw_path=b"/%2F", path="//")
    after = before | {"my.key": object()}
    assert revise_scope(scope, before, after) == {**scope, "wsgi_environ": after}


def test_changed_headers_replace_theirs_and_leave_the_others() -> None:
    scope, before = as_seen_by_middleware(
        headers=[(b"x-a", b"1"), (b"X-B", b"1"), (b"x-a", b"2"), (b"x-c", b"3")]
    )
    after = before | {"HTTP_X_B": "new", "HTTP_X_USER": "ann"}
    del after["HTTP_X_C"]
    assert revise_scope(scope, before, after)["headers"] == [
        (b"x-a", b"1"),
        (b"x-a", b"2"),
        (b"x-b", b"new"),
        (b"x-user", b"ann"),
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"PATH_INFO": "/new"}, {"path": "/new", "root_path": "", "raw_path": None}),
        (
            {"SCRIPT_NAME": "/a", "PATH_INFO": "/b c"},
            {"path": "/a/b c", "root_path": "/a", "raw_path": b"/a/b%20c"},
        ),
        ({"SCRIPT_NAME": "/v1"}, {"path": "/v1/a/b c", "root_path": "/v1", "raw_path": None}),
        (
            {"PATH_INFO": "/n w", "RAW_URI": "/n%20w"},
            {"path": "/n w", "raw_path": b"/n%20w"},
        ),
        (
            {"REQUEST_METHOD": "PUT", "QUERY_STRING": "z"},
            {"method": "PUT", "query_string": b"z", "path": "/a/b c"},
        ),
        (
            {"REMOTE_ADDR": "10.0.0.9", "wsgi.url_scheme": "https"},
            {"client": ("10.0.0.9", 50000), "scheme": "https"},
        ),
        ({"SERVER_PORT": "81"}, {"server": ("127.0.0.1", 81)}),
    ],
    ids=lambda value: "+".join(value),
)
def test_what_a_middleware_changes_changes_in_the_scope(
    changes: dict[str, str], expected: dict[str, Any]
) -> None:
    scope, before = as_seen_by_middleware(path="/a/b c", raw_path=b"/a/b%20c")
    revised = revise_scope(scope, before, before | changes)
    assert {key: revised.get(key) for key in expected} == expected
    untouched = scope.keys() - {"path", "root_path", "raw_path", *expected}
    assert {key: revised[key] for key in untouched} == {key: scope[key] for key in untouched}


def test_names_that_a_client_makes_long_are_not_kept() -> None:
    before = len(_names)
    for number in range(10):
        key = f"HTTP_X_{number}{'A' * 60_000}"
        assert _names[key] == key[5:].lower().replace("_", "-").encode()
    assert len(_names) == before
