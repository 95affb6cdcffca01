"""A knowledge file: what it may hold, and what is said of one that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.analysis.knowledge import DuplicateRow, InvalidRow, Knowledge, load_knowledge
from bridge.analysis.model import Confidence, Severity

WHOLE = """imports = ["lib", "lib_old"]

[[package]]
name = "lib-dist"
imports = ["lib"]
status = "blocking"
evidence = "https://lib.example/"

[[calls]]
of = "lib.Client"
names = ["get", "rows.__iter__", "admin.**"]
but = ["close"]
category = "network"
cooperative = "yes"
severity = "warning"
confidence = "low"
replacement = { package = "alib", call = "alib.Client.{name}", note = "await {name}" }
evidence = "https://lib.example/client"

[aliases]
"lib_old" = "lib"
[types]
"lib.connect" = "lib.Client"
[classes]
"lib.Special" = ["lib.Client"]
"""

Load = Callable[[str], Knowledge]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function from a file's text to the knowledge in it."""

    def build(text: str) -> Knowledge:
        (tmp_path / "lib.toml").write_text(text, "utf-8")
        return load_knowledge(folder=tmp_path)

    return build


def test_a_file_says_everything_that_it_may(load: Load) -> None:
    knowledge = load(WHOLE)
    call = knowledge.call("lib_old.connect.get")
    assert call is not None
    assert (call.name, call.package) == ("lib.Client.get", "lib-dist")
    assert (call.severity, call.confidence) == (Severity.WARNING, Confidence.LOW)
    assert call.replacement is not None
    assert (call.replacement.call, call.replacement.note) == ("alib.Client.get", "await get")
    assert knowledge.sink_name("lib.Special.get") == "lib.Client.get"
    assert "lib.Client.rows.__iter__" in knowledge.library.implicit


def test_two_stars_stand_for_any_depth(load: Load) -> None:
    knowledge = load(WHOLE)
    assert knowledge.sink_name("lib.Client.admin.users.list") == "lib.Client.admin.users.list"
    assert knowledge.sink_name("lib.Client.admin.close") is None
    assert knowledge.sink_name("lib.Client.admin") is None
    assert knowledge.sink_name("lib.Client.admin._private") is None


def test_the_longest_pattern_wins(load: Load) -> None:
    text = WHOLE + (
        '[[calls]]\nof = "lib.Client"\nnames = ["admin.users.*"]\ncategory = "file"\ncooperative = "no"\n'
        'evidence = "https://lib.example/"\n'
    )
    call = load(text).call("lib.Client.admin.users.list")
    assert call is not None
    assert call.name == "lib.Client.admin.users.*"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('cooperative = "yes"', 'cooperativ = "yes"', "there is no key 'cooperativ'; expected 'cooperative'"),
        ('cooperative = "yes"', "", "cooperative is missing"),
        ('cooperative = "yes"', "cooperative = true", "cooperative is True; expected a string"),
        ('category = "network"', 'category = "databse"', "category is 'databse'; expected 'database'"),
        ('status = "blocking"', 'status = "wsgi"', "status is 'wsgi'; expected 'wsgi-only'"),
        (
            'evidence = "https://lib.example/client"',
            'evidence = ""',
            "evidence is empty; no row is without it",
        ),
        ('"get"', '"get it"', "names has 'get it' in it; expected dotted names"),
        ('call = "alib', 'cal = "alib', "replacement: there is no key 'cal'; expected 'call'"),
        (
            '"lib_old" = "lib"',
            'lib_old = ["lib"]',
            r"\[aliases\]: 'lib_old' = \['lib'\]; write \"dotted.name\"",
        ),
        (
            '["lib.Client"]',
            '"lib.Client"',
            r"\[classes\]: 'lib.Special' = 'lib.Client'; write \"pkg.Class\" = \[",
        ),
        ("[types]", "[type]", "there is no key 'type'; expected 'types'"),
        ("[types]", "[types", "it is no TOML"),
    ],
)
def test_a_wrong_row_is_named_with_the_right_one(load: Load, old: str, new: str, message: str) -> None:
    with pytest.raises(InvalidRow, match=message) as caught:
        load(WHOLE.replace(old, new, 1)).sink_name("lib.Client.get")
    assert caught.value.where.startswith("lib.toml")


def test_a_wrong_row_is_told_by_number_and_name(load: Load) -> None:
    with pytest.raises(InvalidRow, match=r"^lib.toml, calls 1 \(of = 'lib.Client'\): "):
        load(WHOLE.replace('"network"', '"x"')).sink_name("lib.Client.get")


def test_a_file_without_its_imports_in_the_first_line_is_refused(load: Load) -> None:
    with pytest.raises(InvalidRow, match="its first line is '# lib'; write imports"):
        load("# lib\n" + WHOLE)


def test_two_rows_for_one_name_are_refused(load: Load, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(WHOLE, "utf-8")
    with pytest.raises(
        DuplicateRow, match=r"'lib.Client.get' has a row in lib.toml and another in other.toml"
    ):
        load(WHOLE).sink_name("lib.Client.get")
