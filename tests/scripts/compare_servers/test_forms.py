from __future__ import annotations

import contextlib
from urllib.parse import parse_qsl

import pytest
from werkzeug.formparser import parse_form_data
from werkzeug.test import EnvironBuilder

from scripts.compare_servers.forms import PICTURE, fill, request_for
from scripts.compare_servers.pages import Field, Form

FIELDS = [
    Field("csrf", "hidden", "token"),
    Field("title", "text", ""),
    Field("born", "date", ""),
    Field("yes", "checkbox", "on", checked=True),
    Field("no", "checkbox", "on"),
    Field("first", "submit", "1"),
    Field("second", "submit", "2"),
]


def form(*fields: Field, method: str = "post", encoding: str = "application/x-www-form-urlencoded") -> Form:
    return Form("/save?x=1", method, encoding, list(fields))


def test_untouched_form_is_sent_as_the_page_has_it() -> None:
    pairs, files = fill(form(*FIELDS), {}, invent=False)
    assert pairs == [("csrf", "token"), ("title", ""), ("born", ""), ("yes", "on"), ("first", "1")]
    assert files == []


def test_invented_values_fit_their_fields_and_given_ones_come_first() -> None:
    pairs = dict(fill(form(*FIELDS), {"title": "given", "no": "on"}, invent=True)[0])
    assert (pairs["csrf"], pairs["title"], pairs["born"], pairs["no"]) == (
        "token",
        "given",
        "2024-05-17",
        "on",
    )


def test_get_form_becomes_the_query() -> None:
    request = request_for(form(method="get"), [("q", "a b")], [], page="/")
    assert (request.method, request.target, request.body) == ("GET", "/save?q=a+b", None)


def test_post_form_is_urlencoded_and_says_where_it_comes_from() -> None:
    request = request_for(form(), [("t", "\u00e9 &")], [], page="/page?y=2")
    assert (request.method, request.target) == ("POST", "/save?x=1")
    assert parse_qsl((request.body or b"").decode()) == [("t", "\u00e9 &")]
    assert dict(request.headers)["Referer"] == "http://localhost/page?y=2"


@pytest.mark.parametrize(("invent", "name", "content"), [(True, "compare.png", PICTURE), (False, "", b"")])
def test_multipart_is_read_back_by_werkzeug(invent: bool, name: str, content: bytes) -> None:
    uploading = form(Field("title", "text", "\u4e16"), Field("f", "file", ""), encoding="multipart/form-data")
    request = request_for(uploading, *fill(uploading, {}, invent=invent), page="/")
    environ = EnvironBuilder(
        method="POST", data=request.body, content_type=dict(request.headers)["Content-Type"]
    ).get_environ()
    _, values, files = parse_form_data(environ, silent=False)
    assert values["title"] == "\u4e16"
    with contextlib.closing(files["f"]) as file:
        assert (file.filename, file.read()) == (name, content)


def test_the_picture_is_larger_than_what_is_held_of_a_body() -> None:
    assert len(PICTURE) > 65536
    assert PICTURE.startswith(b"\x89PNG")
