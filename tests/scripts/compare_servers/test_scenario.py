from __future__ import annotations

from pathlib import Path

import pytest

from scripts.compare_servers import scenario
from scripts.compare_servers.difference import Difference
from scripts.compare_servers.scenario import ALWAYS_EXPECTED, Expected, Login, Scenario, Token, read_scenario

BUNDLED = sorted((Path(scenario.__file__).parent / "scenarios").glob("*.toml"))


def read(folder: Path, text: str) -> Scenario:
    file = folder / "scenario.toml"
    file.write_text(text, "utf-8")
    return read_scenario(file)


def test_nothing_in_a_file_is_the_default(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Scenario()


def test_the_format_that_the_module_shows_is_read(tmp_path: Path) -> None:
    shown = (scenario.__doc__ or "").partition("\n")[2]
    found = read(tmp_path, shown)
    assert found.start == ("/", "/forum/")
    assert found.logins == (Login("/login", {"username": "admin", "password": "secret"}),)
    assert found.token == Token("/", r'csrf = "(\w+)"', "X-CSRF-Token")
    assert found.headers == (("Accept-Language", "de"),)
    (extra,) = found.requests
    assert (extra.request.method, extra.request.body, extra.follow) == (
        "POST",
        b'{"a": 1}',
        r"/api/items/(\d+)",
    )
    assert found.expected == (Expected("^content-length$", "^HEAD ", "..."), *ALWAYS_EXPECTED)


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_a_bundled_scenario_is_read(path: Path) -> None:
    assert read_scenario(path).logins


@pytest.mark.parametrize(
    "text",
    [
        "start = ",
        "typo = [1]",
        "start = 7",
        "[login]\npage = '/'",
        "[[requests]]\ntarget = '/'\nbdoy = ''",
        "[[requests]]",
    ],
)
def test_what_is_no_scenario_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"scenario\.py shows the format"):
        read(tmp_path, text)


def test_skip_patterns_are_searched_for() -> None:
    found = Scenario(skip=("log_?out", "/delete/"))
    assert [found.skips(target) for target in ("/account/logout", "/x/delete/1", "/deleted")] == [
        True,
        True,
        False,
    ]


def test_an_expectation_covers_what_both_patterns_match() -> None:
    expected = Expected("^allow$", "^OPTIONS /a", "sets have no order")
    assert expected.covers(Difference("allow", "GET, HEAD", "HEAD, GET"), "OPTIONS /a/b")
    assert not expected.covers(Difference("allow", "GET, HEAD", "HEAD, GET"), "OPTIONS /b")
    assert not expected.covers(Difference("body at 3", "x", "y"), "OPTIONS /a/b")
