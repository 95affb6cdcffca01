"""Whether a lazy attribute is loaded where it is read, and how sure its finding is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bridge.analysis.analyse import analyse
from bridge.analysis.effects.rereads import doubted
from bridge.analysis.model import Confidence, Finding, Step, Witness
from bridge.analysis.solving.loads import Load, Loads

PLACE = (7, 12, "orm.__get__")
EVAL_FILES = Path(__file__).parents[1] / "eval_files" / "django"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([[Load.LOADED]], Load.LOADED, id="loaded"),
        pytest.param([[Load.ASKS]], Load.ASKS, id="asks"),
        pytest.param([[Load.LOADED, Load.ASKS]], Load.OPEN, id="two objects disagree"),
        pytest.param([[]], Load.OPEN, id="an object of no known origin"),
        pytest.param([[Load.LOADED], [Load.ASKS]], Load.ASKS, id="the second read of the line asks"),
        pytest.param([[Load.LOADED], []], Load.OPEN, id="the second read of the line is open"),
    ],
)
def test_a_line_says_what_its_reads_do(said: list[list[Load]], expected: Load) -> None:
    loads = Loads()
    for key, each in enumerate(said):
        loads.read(PLACE, key, "Book.author")
        for load in each:
            loads.learn(PLACE, key, load)
    assert loads.of(PLACE, unknown=Load.OPEN) is expected
    assert loads.names(PLACE) == (() if expected is Load.LOADED else ("Book.author",))


def test_a_line_that_was_never_noted_asks() -> None:
    assert Loads().of(PLACE, unknown=Load.OPEN) is Load.ASKS


def witness(*chain: tuple[str, int], attribute: str = "Book.author", in_loop: bool = False) -> Witness:
    steps = tuple(Step(symbol, "views.py", line) for symbol, line in chain)
    symbol, line = chain[-1]
    return Witness("get", "get", symbol, "views.py", line, 1, steps, in_loop=in_loop, attributes=(attribute,))


def confidences(*witnesses: Witness) -> list[Confidence]:
    return [each.confidence for each in doubted(witnesses)]


def test_the_second_read_of_an_attribute_is_doubted() -> None:
    shown, checked = witness(("view", 9), ("shown", 2)), witness(("view", 5), ("checked", 30))
    assert confidences(shown, checked) == [Confidence.LOW, Confidence.HIGH]


def test_reads_of_other_attributes_are_not_doubted() -> None:
    first, second = witness(("view", 5)), witness(("view", 6), attribute="Book.owner")
    assert confidences(first, second) == [Confidence.HIGH, Confidence.HIGH]


def test_two_loops_read_two_objects() -> None:
    first = witness(("view", 5), ("cards", 3), in_loop=True)
    second = witness(("view", 6), ("rows", 3), in_loop=True)
    assert confidences(first, second) == [Confidence.HIGH, Confidence.HIGH]


def test_one_round_of_a_loop_reads_one_object() -> None:
    first = witness(("view", 5), ("value", 30), in_loop=True)
    second = witness(("view", 6), in_loop=True)
    assert confidences(first, second) == [Confidence.HIGH, Confidence.LOW]


def findings(case: str) -> list[Finding]:
    return [each for each in analyse(EVAL_FILES / case).findings if each.rule == "WB214"]


def test_what_the_query_does_not_load_is_named_and_rather_sure() -> None:
    (found,) = findings("foreign_key")
    assert found.confidence is Confidence.MEDIUM
    assert found.message == "Book.author loads from the database when it is read"


def test_what_may_be_loaded_is_said_with_low_confidence() -> None:
    (found,) = findings("related_loaded_or_not")
    assert found.confidence is Confidence.LOW


BOOKS = "from shop.models import Author, Book\n\n\ndef x(request):\n"  # what follows stands on line 5


def confidences_of(rule: str, body: str, folder: Path) -> dict[int, Confidence]:
    """Return what is found in a view, by line: its body is the only thing that differs from `foreign_key`."""
    case = folder / "shop"
    shutil.copytree(EVAL_FILES / "foreign_key", case)
    (case / "shop" / "views.py").write_text(BOOKS + body)
    return {each.line: each.confidence for each in analyse(case).findings if each.rule == rule}


def test_a_query_set_that_was_iterated_is_doubted_when_it_is_counted(tmp_path: Path) -> None:
    body = (
        "    books = Book.objects.all()\n    for book in books:\n        book.title\n    return len(books)\n"
    )
    assert confidences_of("WB212", body, tmp_path) == {6: Confidence.HIGH, 8: Confidence.LOW}


def test_a_query_set_that_was_iterated_is_doubted_among_other_arguments(tmp_path: Path) -> None:
    body = (
        "    books = Book.objects.all()\n    for book in books:\n        book.title\n"
        "    for book, number in zip(books, [1, 2]):\n        book.title\n"
        "    return list(zip([1, 2], Book.objects.all()))\n"
    )
    found = {6: Confidence.HIGH, 8: Confidence.LOW, 10: Confidence.HIGH}
    assert confidences_of("WB212", body, tmp_path) == found


def test_the_condition_of_an_expression_reads_first(tmp_path: Path) -> None:
    body = (
        "    book = Book.objects.get(pk=1)\n    return (\n        book.author.name\n"
        '        if book.author is not None\n        else ""\n    )\n'
    )
    assert confidences_of("WB214", body, tmp_path) == {8: Confidence.MEDIUM}


def test_what_was_assigned_is_doubted_when_it_is_read(tmp_path: Path) -> None:
    body = (
        "    book = Book.objects.get(pk=1)\n    other = Book.objects.get(pk=2)\n    book.author = request.user\n"
        "    print(book.author.name)\n    return other.author.name\n"
    )
    assert confidences_of("WB214", body, tmp_path)[8] is Confidence.LOW


def test_what_is_assigned_to_another_or_later_is_asked_for(tmp_path: Path) -> None:
    body = (
        "    book = Book.objects.get(pk=1)\n    other = Book.objects.get(pk=2)\n    other.author = request.user\n"
        "    name = book.author.name\n    book.author = request.user\n    return name\n"
    )
    assert confidences_of("WB214", body, tmp_path)[8] is Confidence.MEDIUM
