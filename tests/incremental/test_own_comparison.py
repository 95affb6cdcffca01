"""A rule with a `compare` function: what it says is counted and kept, and whatever it does nobody waits for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.incremental.errors import InvalidConfiguration, InvalidSetting
from bridge.incremental.migration import Migration
from bridge.incremental.sideline import WORK_LIMIT
from bridge.incremental.store.memory import MemoryStore
from tests.asgi_driver import Answer
from tests.incremental.applications import asked, counters, echo, migrated, responder, running

ROUTE = "GET /x"
PATIENCE = 30.0  # seconds
LEGACY, MODERN = echo(b"1.005"), responder(200, b"1.010")


def same_cents(legacy: Any, modern: Any) -> bool | list[tuple[str, Any, Any]]:
    one, other = float(legacy.body), float(modern.body)
    return abs(one - other) < 0.01 or [("price", one, other)]


async def compared(
    migration: Migration, enough: Callable[[dict[str, int]], bool], requests: int = 1
) -> tuple[list[Answer], dict[str, int]]:
    """Return the answers to some requests, and what has been counted as soon as it is `enough`."""
    answers = []
    for _ in range(requests):
        answers.append(await asked(migration, path="/x"))
        await counters(migration, ROUTE)  # one after the other: else some are skipped as "busy"
    end = asyncio.get_running_loop().time() + PATIENCE
    while not enough(counted := await counters(migration, ROUTE)):
        assert asyncio.get_running_loop().time() < end, counted
        await asyncio.sleep(0.005)  # there is no event for "another thread has handed in"
    return answers, counted


def rule(function: Any, **options: Any) -> dict[str, Any]:
    return {ROUTE: {"mode": "shadow", "compare": function, **options}}


@pytest.mark.parametrize(
    ("modern", "outcome", "fields"),
    [(MODERN, "equal", []), (responder(200, b"1.5"), "different", [("price", "1.005", "1.5")])],
    ids=["equal", "different"],
)
async def test_what_the_function_says_is_counted_and_kept(
    modern: Any, outcome: str, fields: list[Any]
) -> None:
    async with migrated(rule(same_cents), legacy=LEGACY, modern=modern) as migration:
        _, counted = await compared(migration, lambda found: "compared" in found)
        kept = migration.store.differences(ROUTE)
    assert counted[outcome] == counted["compared"] == counted["noise.asked"] == 1
    assert [(each.field, each.legacy, each.modern) for one in kept for each in one.fields] == fields


async def test_noise_is_learned_of_what_it_says() -> None:
    numbers = iter(range(100))

    def legacy(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"%d" % next(numbers)]

    async with migrated(rule(same_cents), legacy=legacy, modern=responder(200, b"-1")) as migration:
        _, counted = await compared(migration, lambda found: found.get("compared") == 3, requests=3)
    assert (counted["noise"], counted["field.noise:price"]) == (3, 3)


def raises(*_: Any) -> bool:
    raise ZeroDivisionError


def exits(*_: Any) -> bool:
    raise SystemExit(3)


@pytest.mark.parametrize("function", [raises, exits, lambda *_: 7], ids=["raises", "exits", "nonsense"])
async def test_a_function_that_fails_costs_the_comparison_and_never_the_answer(
    function: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with migrated(rule(function), legacy=LEGACY, modern=MODERN) as migration:
        answers, counted = await compared(
            migration, lambda found: found.get("skipped.compare-failed") == 3, requests=3
        )
    assert [(each.status, each.body) for each in answers] == [(200, b"1.005")] * 3
    assert "compared" not in counted
    assert caplog.text.count("GET /x is not compared: the compare function") == 1, "not for every request"


async def test_not_even_an_interrupt_ends_the_thread() -> None:
    calls: list[int] = []

    def interrupts_once(*_: Any) -> bool:
        calls.append(1)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return True

    async with migrated(rule(interrupts_once, noise=0.0), legacy=LEGACY, modern=MODERN) as migration:
        _, counted = await compared(migration, lambda found: found.get("equal") == 1, requests=2)
    assert counted["compared"] == 1


async def test_a_function_that_never_returns_holds_up_no_answer_no_count_and_no_change() -> None:
    began, go = threading.Event(), threading.Event()

    def hangs(*_: Any) -> bool:
        began.set()
        return go.wait()

    async with migrated(rule(hangs, noise=0.0), legacy=LEGACY, modern=MODERN) as migration:
        requests = WORK_LIMIT + 3
        answers, counted = await compared(migration, lambda found: "skipped.busy" in found, requests)
        assert {each.status for each in answers} == {200}
        assert began.is_set()
        assert counted["legacy.requests"] == requests
        assert counted["skipped.busy"] == 2, "one is computed, so many wait, and the others are let go"
        await asyncio.to_thread(migration.store.change, {ROUTE: "modern"}, by="test")
        await asyncio.to_thread(migration.ledger.turn)
        assert (await asked(migration, path="/x")).body == b"1.010"
        go.set()
        await compared(migration, lambda found: found.get("equal") == WORK_LIMIT + 1, requests=0)


# ---------------------------------------------------------------- named in a file


async def test_a_file_names_the_function_and_a_wrong_name_leaves_the_rules_as_they_were(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "migration.toml"
    text = '[routes]\n"GET /x" = {{ mode = "shadow", compare = "{}:{}" }}\n'
    await asyncio.to_thread(file.write_text, text.format(__name__, "same_cents"))
    made = await asyncio.to_thread(lambda: Migration(LEGACY, MODERN, config=file, store=MemoryStore()))
    async with running(made) as migration:
        await compared(migration, lambda found: found.get("equal") == 1)
        await asyncio.to_thread(file.write_text, text.format(__name__, "no_such_function"))
        await asyncio.to_thread(migration.ledger.turn)
        assert "no_such_function" in caplog.text
        assert "the rules before stay in force" in caplog.text
        await compared(migration, lambda found: found.get("equal") == 2)


def test_a_name_of_nothing_is_told_when_the_migration_is_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="no_such_module"):
        Migration(LEGACY, MODERN, routes=rule("no_such_module:f"), store="memory:")
    file = tmp_path / "migration.toml"
    file.write_text('[options]\ncompare = "no_such_module:f"\n')
    with pytest.raises(InvalidConfiguration, match=r"migration\.toml: .*no_such_module"):
        Migration(LEGACY, MODERN, config=file, store="memory:")
