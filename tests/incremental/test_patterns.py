"""What a route's pattern may say, and what is told to those who write it otherwise."""

from __future__ import annotations

import pytest

from bridge.incremental.errors import InvalidPattern
from bridge.incremental.patterns import parse_pattern
from bridge.incremental.rules import parse_rule
from bridge.incremental.table import RuleTable


def fits(pattern: str, path: str, method: str = "GET") -> bool:
    table = RuleTable([parse_rule(pattern, "modern")], parse_rule(None, "legacy"))
    return table.find(method, path) is not table.default


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("GET /users/<int:id>", "GET /users/<int:id>"),
        ("  get   /users ", "GET /users"),
        ("POST, GET /users", "GET,POST /users"),
        ("/users", "ANY /users"),
        ("ANY /users", "ANY /users"),
        ("GET /with space/x", "GET /with space/x"),
    ],
)
def test_a_route_has_the_id_that_the_report_gives_it(given: str, name: str) -> None:
    assert str(parse_pattern(given)) == name


@pytest.mark.parametrize(
    ("pattern", "taken", "refused"),
    [
        ("GET /", ["/"], ["", "/x"]),
        ("GET /users", ["/users", "//users"], ["/users/", "/Users", "/user"]),
        ("GET /users/", ["/users/"], ["/users", "/users/1"]),
        ("GET /u/<id>", ["/u/1", "/u/é", "/u/a\nb"], ["/u/", "/u", "/u/1/2"]),
        ("GET /u/{id}", ["/u/1"], ["/u/1/2"]),
        ("GET /u/<int:id>", ["/u/12"], ["/u/x", "/u/-1", "/u/1.5", "/u/1x", "/u/1\n"]),
        ("GET /u/{id:int}", ["/u/12"], ["/u/x"]),
        ("GET /u/<int(signed=True):id>", ["/u/-1"], ["/u/--1"]),
        ("GET /u/<int(min=5, max=10):id>", ["/u/5", "/u/10"], ["/u/4", "/u/11", "/u/" + "9" * 5000]),
        ("GET /u/<int(fixed_digits=3):id>", ["/u/012"], ["/u/12"]),
        ("GET /u/<float:x>", ["/u/1.5", "/u/1"], ["/u/1.", "/u/x"]),
        ("GET /u/<slug:s>", ["/u/a-b_C"], ["/u/a b"]),
        ("GET /u/<uuid:x>", ["/u/a8098c1a-f86e-11da-bd1a-00112444be1e"], ["/u/a8098c1a"]),
        ("GET /u/<any(about, 'x.y'):page>/x", ["/u/about/x", "/u/x.y/x"], ["/u/xzy/x", "/u/other/x"]),
        ("GET /u/<string(length=2):lang>", ["/u/de"], ["/u/deu"]),
        ("GET /u/<string(minlength=2):lang>", ["/u/deu"], ["/u/d"]),
        ("GET /f/<path:p>", ["/f/a", "/f/a/b/c", "/f/a/"], ["/f/", "/f"]),
        ("GET /f/{p:path}", ["/f/a/b"], ["/f/"]),
        ("GET /f/<path:p>/edit", ["/f/a/b/edit"], ["/f/edit", "/f/a/edit/x"]),
        ("GET /f/<path:p>/<int:n>", ["/f/a/b/3"], ["/f/a/b/x"]),
        (
            "GET /v<int:n>.<any(json,xml):form>",
            ["/v1.json", "/v20.xml"],
            ["/v1.html", "/vx.json", "/v1xjson"],
        ),
        ("GET /<a>-<b>", ["/x-y", "/x-y-z"], ["/xy", "/-", "/x-y/z", "/" + "-" * 600]),
    ],
)
def test_a_pattern_takes_what_the_frameworks_take(pattern: str, taken: list[str], refused: list[str]) -> None:
    assert [path for path in taken if not fits(pattern, path)] == []
    assert [path for path in refused if fits(pattern, path)] == []


def test_get_takes_head_along_and_nothing_else() -> None:
    assert fits("GET /x", "/x", "HEAD")
    assert not fits("GET /x", "/x", "OPTIONS")
    assert not fits("POST /x", "/x", "HEAD")
    assert fits("/x", "/x", "BREW")


@pytest.mark.parametrize(
    ("given", "problem", "instead"),
    [
        ("", "no text", "GET /users/<int:id>"),
        (None, "no text", "GET /users/<int:id>"),
        ("GTE /x", "GTE is no HTTP method", "'GET /x'"),
        ("GET users/<int:pk>/", "does not begin with a slash", "'/users/<int:pk>/'"),
        ("GET ^users/(?P<id>[0-9]+)/$", "regular expression", "GET /users/<int:id>/"),
        ("GET /users/*", "no wildcard", "'/users/<path:rest>'"),
        ("GET /x?a=1", "no query", "'/x'"),
        ("GET /caf%C3%A9", "decoded", "character itself"),
        ("GET /u/<complex:id>", "'complex' is no kind", "int, float"),
        ("GET /u/<id", "'<id' is no parameter", "<int:id>"),
        ("GET /u/{id:[0-9]+}", "is no parameter", "{id:int}"),
        ("GET /a/<path:x>/b/<path:y>", "two path parameters", "/files/<path:rest>"),
        ("GET /a/x-<path:y>", "segment of its own", "/files/<path:rest>"),
        ("GET /a/<path:y>/<a>-<b>", "plain segments", "without them"),
        ("GET /a/<any():y>", "needs its choices", "any(json, xml)"),
        ("GET /a/<int(step=2):y>", "does not take 'step=2'", "fixed_digits"),
        ("GET /a/<slug(length=2):y>", "takes no arguments", "<slug:name>"),
        ("GET /a/x<int(min=2):y>", "segment of their own", "without them"),
    ],
)
def test_what_is_no_pattern_is_told_with_what_to_write(given: str, problem: str, instead: str) -> None:
    with pytest.raises(InvalidPattern) as caught:
        parse_pattern(given)
    assert problem in str(caught.value)
    assert instead in str(caught.value)
