"""A function of the user's says what differs: what it gets, what it may return, and what its mistakes do."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from bridge.incremental.compare import Answer, ComparedAnswer, compare
from bridge.incremental.compare.own import NamedFunction
from bridge.incremental.errors import ComparisonFailed, InvalidSetting
from bridge.incremental.rules import parse_rule
from bridge.incremental.store import FieldValues

JSON = ((b"content-type", b"application/json"),)
LEGACY = Answer(status=200, headers=JSON, body=b'{"price": 1.005, "rows": [1, 2]}')
MODERN = Answer(status=200, headers=JSON, body=b'{"price": 1.01, "rows": [2, 1]}')


def differing(says: Any, legacy: Answer = LEGACY, modern: Answer = MODERN, **options: Any) -> list[Any]:
    by: Callable[..., Any] = says if callable(says) else lambda *_: says
    return [(each.field, each.legacy, each.modern) for each in compare(legacy, modern, by=by, **options)]


def same_cents(legacy: ComparedAnswer, modern: ComparedAnswer) -> bool:
    return abs(legacy.json()["price"] - modern.json()["price"]) < 0.01


def test_what_the_function_calls_equal_is_equal() -> None:
    assert compare(LEGACY, MODERN) != ()
    assert differing(same_cents) == []


def test_it_gets_status_headers_and_the_body_without_its_coding() -> None:
    seen: list[ComparedAnswer] = []
    packed = Answer(
        status=201, headers=(*JSON, (b"content-encoding", b"gzip")), body=gzip.compress(b'{"price": 1}')
    )
    differing(lambda *answers: seen.extend(answers), packed)
    legacy, modern = seen
    assert (legacy.status, legacy.body, legacy.json()) == (201, b'{"price": 1}', {"price": 1})
    assert legacy.headers == (("content-type", "application/json"), ("content-encoding", "gzip"))
    assert (modern.header("Content-Type"), modern.header("etag")) == ("application/json", None)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (True, []),
        ([], []),
        (False, [("compare", "status 200, 32 bytes", "status 200, 31 bytes")]),
        (["price"], [("price", None, None)]),
        ([("price", 1.005, None)], [("price", "1.005", None)]),
        (iter([FieldValues("price", 1, "2")]), [("price", "1", "2")]),  # type: ignore[arg-type] # a user's mistake
        ((("rows", [1], [2]), "x"), [("rows", "[1]", "[2]"), ("x", None, None)]),
    ],
    ids=["true", "nothing", "false", "a name", "values", "an iterator", "a tuple"],
)
def test_it_says_equal_different_or_what_differs(said: Any, fields: list[Any]) -> None:
    assert differing(said) == fields


def test_with_none_it_leaves_that_to_the_usual_comparison() -> None:
    usual = [(each.field, each.legacy, each.modern) for each in compare(LEGACY, MODERN)]
    assert differing(None) == usual
    assert ("$.price", "1.005", "1.01") in usual


def test_what_it_finds_can_be_ignored_and_is_limited_as_anything_else() -> None:
    assert differing(["price", "rows[3].id"], ignore_fields=["rows[*].id"]) == [("price", None, None)]
    assert len(differing(lambda *_: (f"f{number}" for number in itertools.count()))) == 100
    ((_, value, _),) = differing([("x", "y" * 1000, "")])
    assert value.endswith("... (1000 characters)")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=None, error="ValueError was raised"),
        Answer(status=200, body=None, size=10**7, digest="ab" * 32),
        Answer(status=200, headers=((b"content-encoding", b"br"),), body=b"?"),
    ],
    ids=["no answer", "too large", "a coding that is not known"],
)
def test_without_two_whole_answers_it_is_not_asked(answer: Answer) -> None:
    def never(*_: ComparedAnswer) -> bool:
        raise AssertionError("it was asked")

    assert differing(never, LEGACY, answer) == differing(None, LEGACY, answer)
    assert differing(never, answer, LEGACY) == differing(None, answer, LEGACY)


def raises(*_: ComparedAnswer) -> bool:
    raise KeyError("price")


def exits(*_: ComparedAnswer) -> bool:
    raise SystemExit(1)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (raises, "the compare function raises failed: KeyError: 'price'"),
        (exits, "SystemExit: 1"),
        (lambda *_: 7, "it returned 7, expected True, False, None"),
        (lambda *_: "price", "it returned 'price'"),
        (lambda *_: [("price", 1)], r"one of what it returned is \('price', 1\)"),
        (lambda *_: (1 / 0 for _ in "x"), "ZeroDivisionError"),
        (NamedFunction("no_such_module:f"), "compare function no_such_module:f failed: InvalidSetting"),
    ],
    ids=["raises", "exits", "a number", "a string", "a pair", "an iterator that raises", "not there"],
)
def test_what_it_does_wrong_is_told_by_its_name(function: Any, said: str) -> None:
    with pytest.raises(ComparisonFailed, match=said):
        differing(function)


# ---------------------------------------------------------------- in a rule


async def asynchronous(*_: ComparedAnswer) -> bool:
    return True


@pytest.mark.parametrize(
    "value",
    [7, asynchronous, "same_cents", "shop:", "shop:a b", "a/b:c"],
    ids=["a number", "async", "no module", "no name", "a space", "a slash"],
)
def test_a_rule_refuses_what_is_no_function(value: Any) -> None:
    with pytest.raises(InvalidSetting, match=r"compare: a function"):
        parse_rule("GET /x", {"mode": "shadow", "compare": value})


def test_a_rule_takes_a_function_or_its_name_which_is_imported_when_it_is_needed() -> None:
    assert parse_rule("GET /x", {"mode": "shadow", "compare": same_cents}).compare is same_cents
    rule = parse_rule("GET /x", {"mode": "shadow", "compare": f"{__name__}:same_cents"})
    assert isinstance(rule.compare, NamedFunction)
    assert rule.compare.load()(*[ComparedAnswer(200, (), b'{"price": 1}')] * 2) is True


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no_such_module:f", "ModuleNotFoundError"),
        (f"{__name__}:missing", "AttributeError"),
        (f"{__name__}:JSON", "and that is tuple"),
    ],
)
def test_a_name_of_nothing_is_told(name: str, said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        NamedFunction(name).load()
