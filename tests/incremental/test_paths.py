"""Path confusion, as a law: the rules, the legacy and the modern application see one path, whatever is sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote_to_bytes

from hypothesis import example, given, settings, strategies as st
from starlette._utils import get_route_path

from bridge.incremental.paths import settle_path
from bridge.protocol.environ import split_path
from tests.asgi_driver import http_scope

PIECES = st.sampled_from(["/", "//", "a", "app", "..", ".", "%2F", "%2f", "%00", "%FF", "%C3%A9", "é", ";", "?", "#", " ", "http:", "*", "@"])  # fmt: skip
RAW = st.lists(PIECES, max_size=8).map("".join).map(lambda text: quote(text, safe="/%;?#:*@=").encode())
ROOTS = st.sampled_from(["", "/", "/app", "/app/", "/app/a", "/é", "/.."])


def scope_of(raw: bytes, root: str, *, joined: bool, lies: bool) -> dict[str, Any]:
    """Return a scope as servers make it: `path` decoded, with or without root_path, raw_path true, false or none."""
    decoded = unquote_to_bytes(raw).decode("utf-8", "replace")
    path = root.rstrip("/") + decoded if joined else decoded
    return http_scope(path=path, root_path=root, raw_path=b"/elsewhere" if lies else raw)


@settings(max_examples=1000)
@example(b"/mount/", "/mount/", True, False)
@example(b"http://host/a", "", False, False)
@example(b"http://?", "", False, False)
@given(
    st.one_of(RAW, RAW.map(b"/".__add__), RAW.map(b"http://host/".__add__)),
    ROOTS,
    st.booleans(),
    st.booleans(),
)
def test_the_rules_and_both_applications_see_one_path(
    raw: bytes, root: str, joined: bool, lies: bool
) -> None:
    scope, local = settle_path(scope_of(raw, root, joined=joined, lies=lies))
    _, path_info, _ = split_path(scope)
    legacy = path_info.encode("latin-1").decode("utf-8", "replace")
    modern = get_route_path(scope)
    assert (legacy or "/") == local
    assert (modern or "/") == local


@given(RAW, ROOTS)
def test_what_is_settled_stays_so(raw: bytes, root: str) -> None:
    scope, local = settle_path(scope_of(raw, root, joined=True, lies=False))
    again, local_again = settle_path(scope)
    assert local_again == local
    assert again["path"] == scope["path"]


def test_a_plain_request_is_handed_on_as_it_is() -> None:
    scope = http_scope(path="/a")
    assert settle_path(scope) == (scope, "/a")
    assert settle_path(scope)[0] is scope
