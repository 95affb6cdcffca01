from __future__ import annotations

import pytest

from bridge.analysis.actions import WORDS, actions
from bridge.analysis.model import Category, Replacement
from bridge.analysis.rules import rules
from tests.analysis.making import finding


def told(**given: object) -> str:
    [action] = actions([finding(**given)])
    return action


def test_nothing_found_is_nothing_to_do() -> None:
    assert actions([]) == ()


def test_a_replacement_is_named() -> None:
    assert told() == "shop/views.py:3: requests.get -> httpx.AsyncClient.get"


def test_special_methods_are_told_in_words() -> None:
    new = Replacement("aiosqlite", "aiosqlite.Connection.__aexit__")
    assert told(sink="sqlite3.Connection.__exit__", replacement=new) == (
        "shop/views.py:3: with sqlite3.Connection -> async with aiosqlite.Connection"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(
            {"rule": "WB531", "sink": "threading.Thread.start", "category": None},
            "threading.Thread.start: start a task, not a thread for each request: "
            "asyncio.create_task or asyncio.to_thread (WB531)",
            id="by rule",
        ),
        pytest.param(
            {"rule": "WB601", "sink": "HeaderMiddleware", "category": None},
            "HeaderMiddleware: write it as asynchronous middleware, or for both kinds (WB601)",
            id="middleware",
        ),
        pytest.param(
            {"rule": "WB601", "sink": "shop.Header", "symbol": "shop.Header", "category": None},
            "write it as asynchronous middleware, or for both kinds (WB601)",
            id="middleware, the unit itself",
        ),
        pytest.param(
            {"rule": "WB209", "sink": "ldap.search", "category": Category.NETWORK},
            "ldap.search: no async replacement is known, hand it to a thread: asyncio.to_thread (WB209)",
            id="a wait",
        ),
        pytest.param(
            {"rule": "WB403", "sink": "numpy.dot", "category": Category.CPU},
            "numpy.dot: hand it to a thread or a process: run_in_executor (WB403)",
            id="computing",
        ),
        pytest.param(
            {"rule": "WB999", "sink": "x", "category": None},
            "x: see wsgi-bridge explain WB999 (WB999)",
            id="else",
        ),
    ],
)
def test_without_a_replacement_it_says_what_to_do(given: dict[str, object], words: str) -> None:
    assert told(replacement=None, **given) == f"shop/views.py:3: {words}"


def test_every_rule_by_project_that_costs_points_says_what_to_do() -> None:
    unsaid = [
        each.code for each in rules().values() if each.obstacles and each.effort and each.code not in WORDS
    ]
    assert unsaid == ["WB901"]  # a file that could not be read is in no function
    assert set(WORDS) <= set(rules())
