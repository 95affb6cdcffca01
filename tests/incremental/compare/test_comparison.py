"""What is the same and what differs, part by part. The same comes first: a compare that cries wolf is turned off."""

from __future__ import annotations

import gzip
import json
import time
import zlib

import pytest
from hypothesis import given, strategies as st

from bridge.incremental.compare import Answer, compare, field_key
from bridge.incremental.compare.comparison import FIELDS_LIMIT
from bridge.incremental.compare.html_tree import html_differences


def answer(
    body: bytes | str = b"", kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str
) -> Answer:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Answer(
        status=status,
        headers=((b"content-type", kind.encode()), *pairs),
        body=body.encode() if isinstance(body, str) else body,
    )


def fields(legacy: Answer, modern: Answer, **options: object) -> list[str]:
    return [each.field for each in compare(legacy, modern, **options)]  # type: ignore[arg-type]


JSON = "application/json"
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("legacy", "modern"),
    [
        (answer('{"a": 1, "b": [1, 2.0]}', JSON), answer('{"b":[1.0,2],"a":1}', "Application/JSON")),
        (answer('{"a": "\\u00e9"}', JSON), answer('{"a": "é"}', "application/json; charset=utf-8")),
        (answer("[NaN]", JSON), answer("[ NaN ]", JSON)),
        (answer("<p class='b a' id=x>one\n two</p>"), answer('<p id="x" class="a b">one two<!-- c --></p>')),
        (answer("<ul><li>1<li>2</ul><br/>"), answer("<ul> <li>1</li> <li>2</li></ul><br>")),
        (answer("<p>&amp;&eacute;</p>"), answer("<p>&#38;é</p>")),
        (answer("a  \r\nb\n", "text/plain"), answer("a\nb", "text/plain")),
        (answer(gzip.compress(b"<p>x</p>", mtime=0), content_encoding="gzip"), answer("<p>x</p>")),
        (answer(zlib.compress(b"x")[2:-4], "text/plain", content_encoding="deflate"), answer("x", "text/plain")),
        (answer(b"\xe9 ", "text/plain; charset=latin-1"), answer(b"\xe9", 'text/plain;charset="LATIN-1"')),
        (answer(vary="Cookie, Accept", date="Mon", server="waitress"), answer(vary="accept,cookie", date="Tue")),
        (answer(set_cookie="a=1; Path=/; HttpOnly"), answer(set_cookie="a=1;httponly; path=/")),
        (Answer(body=None, status=200), answer("x", "text/html")),
        (Answer(error="crashed"), Answer(error="crashed")),
    ],
    ids=lambda given: repr(given.body),
)  # fmt: skip
def test_what_means_the_same_is_the_same(legacy: Answer, modern: Answer) -> None:
    ignored = ["content-type"] if legacy.body is None else []
    assert fields(legacy, modern, ignore_headers=ignored) == []
    assert fields(modern, legacy, ignore_headers=ignored) == []


@pytest.mark.parametrize(
    ("legacy", "modern", "expected"),
    [
        (answer(status=200), answer(status=404), ["status"]),
        (answer(), Answer(error="TimeoutError"), ["error"]),
        (answer('{"a": 1}', JSON), answer('{"a": 2}', JSON), ["$.a"]),
        (answer('{"a": 1}', JSON), answer('{"a": true}', JSON), ["$.a"]),
        (answer('{"a": 1}', JSON), answer('{"a": "1"}', JSON), ["$.a"]),
        (answer('{"a": null}', JSON), answer("{}", JSON), ["$.a"]),
        (answer('{"a b": 1}', JSON), answer("{}", JSON), ['$."a b"']),
        (answer('{"7": 1}', JSON), answer('{"7": 2}', JSON), ["$[0]"]),
        (answer("[1, 2, 3]", JSON), answer("[1, 3]", JSON), ["$.length", "$[1]"]),
        (answer('[{"id": 1}, {"id": 2}]', JSON), answer('[{"id": 1}, {"id": 3}]', JSON), ["$[1].id"]),
        (answer("{", JSON), answer("{}", JSON), ["line 1"]),
        (answer(DEEP, JSON), answer("[]", JSON), ["line 1"]),
        (answer('{"a":1}', JSON), answer("<p>1</p>"), ["header.content-type", "line 1"]),
        (
            answer("<ul><li>1</li><li>2</li></ul>"),
            answer("<ul><li>1</li><li>3</li></ul>"),
            ["ul/li[2]/text()"],
        ),
        (answer("<body><p>1</p></body>"), answer("<body><h1>0</h1><p>1</p></body>"), ["body/h1"]),
        (answer('<a href="/x">y</a>'), answer('<a href="/z">y</a>'), ["a/@href"]),
        (answer("<input name=t value=1>"), answer("<input name=t value=2>"), ["input[@name=t]/@value"]),
        (answer("<script>a()</script>"), answer("<script>b()</script>"), ["script/text()"]),
        (answer("a\nb", "text/plain"), answer("a\nc", "text/plain"), ["line 2"]),
        (answer("a\nb\nc", "text/csv"), answer("a\nc", "text/csv"), ["lines", "line 2"]),
        (answer(b"\x00", "image/png"), answer(b"\x01", "image/png"), ["body"]),
        (Answer(status=200, body=None, digest="a"), Answer(status=200, body=None, digest="b"), ["body"]),
        (answer(location="/a"), answer(location="/b"), ["header.location"]),
        (answer(etag='"1"'), answer(), ["header.etag"]),
        (answer(allow="GET"), answer(allow="GET, POST"), ["header.allow"]),
        (answer(set_cookie="a=1; HttpOnly"), answer(set_cookie="a=2"), ["cookie.a", "cookie.a.httponly"]),
        (answer(set_cookie="a=1"), answer(), ["cookie.a"]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, list) else "",
)
def test_what_differs_is_named(legacy: Answer, modern: Answer, expected: list[str]) -> None:
    assert fields(legacy, modern) == expected
    assert sorted(fields(modern, legacy)) == sorted(expected)


def test_a_cookie_that_is_set_twice_and_headers_that_repeat_are_compared() -> None:
    two = Answer(
        status=200, headers=((b"set-cookie", b"a=1"), (b"set-cookie", b"b=1"), (b"x-a", b"1"), (b"x-a", b"2"))
    )
    turned = Answer(
        status=200, headers=((b"set-cookie", b"b=1"), (b"x-a", b"2"), (b"x-a", b"1"), (b"set-cookie", b"a=1"))
    )
    assert fields(two, turned) == ["header.x-a"]


def test_what_is_ignored_is_not_named() -> None:
    legacy = answer('{"at": {"day": 1}, "rows": [{"id": 1, "n": 1}]}', JSON, etag="1")
    modern = answer('{"at": {"day": 2}, "rows": [{"id": 2, "n": 2}]}', JSON, etag="2")
    assert fields(legacy, modern, ignore_headers=["etag"], ignore_fields=["$.at", "$.rows[*].id"]) == [
        "$.rows[0].n"
    ]


def test_a_packed_body_that_unpacks_without_end_is_not_unpacked() -> None:
    bomb = answer(gzip.compress(b"0" * (20 * 1024 * 1024)), content_encoding="gzip")
    assert bomb.unpacked() is None
    assert fields(bomb, answer("x")) == []


def test_many_differences_and_long_values_are_cut() -> None:
    legacy, modern = (
        answer(json.dumps([number + by for number in range(500)] + ["x" * 5000 * by]), JSON) for by in (1, 2)
    )
    found = compare(legacy, modern)
    assert len(found) == FIELDS_LIMIT
    (long,) = compare(answer("x" * 5000, "text/plain"), answer("y", "text/plain"))
    assert long.legacy is not None
    assert long.legacy.endswith("(5000 characters)")
    assert len(long.legacy) < 500


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("$.a[3].b[0]", "$.a[*].b[*]"),
        ("line 12", "line *"),
        ("ul/li[2]/text()", "ul/li[*]/text()"),
        ("status", "status"),
    ],
)
def test_a_field_is_counted_without_its_indices(field: str, key: str) -> None:
    assert field_key(field) == key


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=12,
)


@given(TREES, TREES)
def test_json_differs_from_itself_in_nothing_and_from_another_in_something(
    one: object, other: object
) -> None:
    first, second = (answer(json.dumps(tree), JSON) for tree in (one, other))
    again = answer(json.dumps(one, indent=2, sort_keys=True), JSON)
    assert fields(first, again) == []
    assert bool(fields(first, second)) == bool(fields(second, first))
    # Told apart by their spelling, but for numbers of one value, -0.0 and NaN: those are asked above.
    if json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True):
        assert fields(first, second) == []
    elif one != other and not _has_nan(one):
        assert fields(first, second)


def _has_nan(tree: object) -> bool:
    if isinstance(tree, dict):
        return any(map(_has_nan, tree.values()))
    return any(map(_has_nan, tree)) if isinstance(tree, list) else tree != tree  # noqa: PLR0124 - NaN


@given(st.text(alphabet="<>/ab \"'=-!&;", max_size=80), st.text(alphabet="<>/ab \"'=-!&;", max_size=80))
def test_no_page_is_too_broken_to_be_compared(one: str, other: str) -> None:
    assert fields(answer(one), answer(one)) == []
    assert bool(fields(answer(one), answer(other))) == bool(fields(answer(other), answer(one)))


def test_pages_nested_without_end_are_compared() -> None:
    assert fields(answer("<div>" * 5000 + "a"), answer("<div>" * 5000 + "b"))


@pytest.mark.parametrize("piece", ["<a ", "<a/", "<p a=", "<!--", "<? ", "<", "a<!---->", "<div>", "x</y>"])
def test_a_page_that_is_broken_all_over_is_compared_in_a_moment(piece: str) -> None:
    """The thread that compares is the one that reads the settings: minutes in it are minutes without a rollback."""
    began = time.process_time()
    list(html_differences(piece * (100_000 // len(piece)), "<p>whole</p>"))
    assert time.process_time() - began < 10.0


def test_text_in_pieces_is_one_text() -> None:
    assert list(html_differences("<p>a<!-- x --> b</z>&amp; c</p>", "<p>a b & c</p>")) == []
