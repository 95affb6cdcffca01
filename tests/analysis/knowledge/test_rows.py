"""The rows themselves: how many, with what evidence, and whether the libraries that are installed have the names."""

from __future__ import annotations

import re

import pytest

from bridge.analysis.knowledge import Call, Middleware, Offloader, Package, TaskMarker, load_knowledge
from bridge.analysis.knowledge.library import DUNDERS
from bridge.analysis.knowledge.store import FOLDER
from tests.analysis.knowledge.resolving import Name, WrongName, importable, names_of, resolve

STORE = load_knowledge().store()
PATTERNS = [call for calls in STORE.patterns.values() for call in calls]
CALLS = [*STORE.calls.values(), *PATTERNS]
NAMES = list(names_of(STORE))


def top(name: str) -> str:
    return name.partition(".")[0]


def test_the_promised_number_of_packages_and_callables() -> None:
    assert len(STORE.packages) >= 120
    assert len(STORE.calls) >= 900


def test_no_row_is_without_evidence_on_the_web() -> None:
    address = re.compile(r"https?://[\w.-]+/?")
    rows: list[Call | Package | Offloader | TaskMarker | Middleware] = [*CALLS, *STORE.packages.values()]
    rows += [*STORE.offloaders.values(), *STORE.tasks.values(), *STORE.middleware.values()]
    assert not [row.name for row in rows if not address.match(row.evidence)]


def test_a_file_names_every_top_level_name_that_it_is_about() -> None:
    """Else its rows would not be read when they are needed."""
    missing: list[str] = []
    for family in STORE.families:
        named = {top(call.name) for call in family.calls}
        for table in (family.aliases, family.types, family.attributes, family.classes):
            named |= {top(name) for name in table}
        named |= {top(row.name) for row in family.offloaders}
        named |= {top(row.name) for row in family.tasks} | {top(row.name) for row in family.middleware}
        named |= {top(name) for package in family.packages for name in package.imports}
        missing.extend(f"{family.source}: {name}" for name in named - set(family.imports))
    assert not missing


def test_a_package_has_one_row() -> None:
    names = [package.name.lower() for family in STORE.families for package in family.packages]
    assert sorted(names) == sorted(set(names))


def test_every_file_is_read_and_only_once() -> None:
    assert sorted(family.source for family in STORE.families) == sorted(
        path.name for path in FOLDER.glob("*.toml")
    )


def test_implicit_dunders_are_among_those_that_the_solver_asks_for() -> None:
    dunders = {call.name.rpartition(".")[2] for call in CALLS if call.implicit}
    assert {name for name in dunders if name.startswith("__")} <= DUNDERS


def test_a_blocking_package_names_a_way_out() -> None:
    """A replacement, or a note that says what to do; a Django app or framework may stay where it is."""
    stays = {"django-app", "framework"}
    silent = [
        package.name
        for package in STORE.packages.values()
        if package.status.value == "blocking"
        and package.kind not in stays
        and not (package.replacement or package.note or package.effort)
    ]
    assert not silent


def test_an_alias_is_no_name_with_a_row_of_its_own() -> None:
    assert not [name for name in STORE.aliases if name in STORE.calls]


INSTALLED = [each for each in NAMES if not each.unverified and importable(each.name)]


@pytest.mark.parametrize("library", sorted({top(each.name) for each in INSTALLED}))
def test_the_installed_library_has_the_names(library: str) -> None:
    for each in INSTALLED:
        if top(each.name) == library:
            resolve(each.name)


def test_what_with_and_for_call_of_a_replacement_is_there() -> None:
    """`{name}` in a replacement makes __aexit__ of __exit__, and __aiter__ of __iter__ and __next__."""
    calls = {each.replacement.call for each in CALLS if each.replacement is not None}
    special = sorted(each for each in calls if each.endswith("__") and importable(each))
    assert len(special) >= 8
    for each in special:
        resolve(each)


def test_the_check_would_find_a_wrong_name() -> None:
    for wrong in (
        "sqlite3.Cursor.exekute",
        "os.pathh.exists",
        "threading.Lock.acquire_now",
        "no_such_library.x",
    ):
        with pytest.raises(WrongName):
            resolve(wrong)
    resolve("threading.Lock.acquire")
    resolve("http.client.HTTPConnection.sock")
    assert not importable("no_such_library.x")


def test_unverified_names_are_few_and_say_why() -> None:
    unverified: list[Name] = [each for each in NAMES if each.unverified]
    assert all(len(each.unverified) > 5 for each in unverified)
    assert len(unverified) < len(NAMES) / 8
