from __future__ import annotations

import pytest

from scripts.compare_servers.pages import Field, read_page

FORM = """
<form action="save?x=1" method="POST" enctype="multipart/form-data">
  <input type="hidden" name="csrf" value="t&amp;k">
  <input name="title"><input name="off" disabled><input type="checkbox" name="flag" checked><input type="file" name="f">
  <select name="size"><option value="s">S<option value="m" selected>M</select>
  <textarea name="text">
first line
second</textarea>
  <input type="reset" name="r"><button name="go" value="1">Go</button>
</form>
<input name="outside">
"""


def test_links_are_request_targets_of_the_same_site_each_once() -> None:
    page = read_page(
        '<a href="b?q=1#frag">x</a><a href="/c">x</a><a href="/c">x</a><img src="i.png"><link href="http://localhost/s.css">'
        '<a href="https://elsewhere.example/">x</a><a href="mailto:a@b.example">x</a><a href="http://[">x</a><a>x</a>'
        '<a href="/caf\u00e9 1">x</a>',
        "/a/",
    )
    assert page.links == ("/a/b?q=1", "/c", "/a/i.png", "/s.css", "/caf%C3%A9%201")


def test_a_form_is_read_as_a_browser_would() -> None:
    (form,) = read_page(FORM, "/notes/new").forms
    assert (form.action, form.method, form.encoding) == ("/notes/save?x=1", "post", "multipart/form-data")
    assert form.fields == [
        Field("csrf", "hidden", "t&k"),
        Field("title", "text", ""),
        Field("flag", "checkbox", "on", checked=True),
        Field("f", "file", ""),
        Field("size", "select", "s"),
        Field("size", "select", "m"),
        Field("text", "textarea", "first line\nsecond"),
        Field("go", "submit", "1"),
    ]


def test_a_form_without_action_goes_to_its_page() -> None:
    (form,) = read_page("<form><input name=q></form>", "/search?q=1").forms
    assert (form.action, form.method) == ("/search?q=1", "get")


def test_a_form_for_another_site_is_left_out() -> None:
    assert read_page('<form action="https://elsewhere.example/"><input name=q></form>', "/").forms == ()


@pytest.mark.parametrize(
    "text", ["", "<", "<form", "\0", "<a href=>", "<textarea name=x>", "</form></textarea>"]
)
def test_broken_html_is_no_error(text: str) -> None:
    assert read_page(text, "/").links == ()


def test_forms_with_the_same_controls_have_the_same_shape() -> None:
    one, other = read_page(
        "<form><input name=a><input name=b></form><form><input name=b><input name=a></form>", "/"
    ).forms
    assert one.shape == other.shape
