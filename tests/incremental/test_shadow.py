"""Two answers, compared; and whatever the second application does, the first one's answer stays as it was."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.incremental.changing import compare_again, ignore
from bridge.incremental.migration import Migration
from bridge.incremental.redaction import REDACTED
from bridge.incremental.shadow import ShadowLimits
from bridge.incremental.store import open_store
from bridge.incremental.store.memory import MemoryStore
from tests.asgi_driver import AsgiCall, AsgiLifespan
from tests.incremental.applications import answer, asked, counters, echo, migrated, read, responder

ROUTE = "GET /x"


async def both(
    mode: Any = "shadow", *, legacy: Any, modern: Any, requests: int = 1, **call: Any
) -> tuple[Any, dict[str, int], list[Any]]:
    """Return the last answer, the counters and the differences of some requests."""
    async with migrated({ROUTE: mode}, legacy=legacy, modern=modern) as migration:
        answers = [await one_after_the_other(migration, call) for _ in range(requests)]
        return answers[-1], await counters(migration, ROUTE), migration.store.differences(ROUTE)


async def one_after_the_other(migration: Migration, call: dict[str, Any]) -> Any:
    answered = await asked(migration, path="/x", **call)
    await counters(migration, ROUTE)
    return answered


@pytest.mark.parametrize(("mode", "first"), [("shadow", b"same"), ("dark", b"same")])
async def test_two_equal_answers_are_equal(mode: str, first: bytes) -> None:
    answered, counted, differences = await both(mode, legacy=echo(b"same"), modern=responder(200, b"same"))
    assert (answered.body, differences) == (first, [])
    assert counted == {
        "legacy.requests": 1,
        "modern.requests": 1,
        "compared": 1,
        "equal": 1,
        "noise.asked": 1,
    }


@pytest.mark.parametrize(("mode", "first"), [("shadow", b"old"), ("dark", b"new")])
async def test_a_difference_is_kept_with_its_request_and_without_secrets(mode: str, first: bytes) -> None:
    answered, counted, differences = await both(
        mode,
        legacy=echo(b"old"),
        modern=responder(201, b"new"),
        query=b"q=1&token=abc",
        headers=[(b"cookie", b"session=secret"), (b"accept", b"*/*")],
    )
    assert answered.body == first
    assert (counted["compared"], counted["different"]) == (1, 1)
    (kept,) = differences
    assert (kept.method, kept.target) == ("GET", "/x?q=1&token=%5Bredacted%5D")
    assert dict(kept.headers)["cookie"] == REDACTED
    assert [(each.field, each.legacy, each.modern) for each in kept.fields] == [
        ("status", "200", "201"),
        ("line 1", "old", "new"),
    ]


async def test_the_body_that_modern_sends_to_head_is_not_compared() -> None:
    _, counted, _ = await both(legacy=echo(b"same"), modern=responder(200, b"same"), method="HEAD")
    assert counted["equal"] == 1


async def test_legacy_asked_second_has_the_options_that_its_adapter_was_given() -> None:
    """Else it would answer differently from what its clients get, and nobody could see why."""

    def application(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ.get("HTTP_X_A", "none").encode()]

    _, counted, differences = await both(
        "dark",
        legacy=WsgiToAsgi(application, keep_underscore_headers=True),
        modern=responder(200, b"kept"),
        headers=[(b"x_a", b"kept")],
    )
    assert (counted["equal"], differences) == (1, [])


async def test_half_a_character_in_an_answer_keeps_nothing_from_the_store(tmp_path: Path) -> None:
    r"""JSON has "\ud800", which no encoding has: one such request stopped all counting, and with it the guard."""
    store = open_store(f"sqlite:///{tmp_path}/migration.sqlite3")
    halves = echo(b'{"a": "\\ud800", "k\\udfff": 1}', "application/json")

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, b'{"a": "\\ud801"}', b"application/json")

    async with migrated({ROUTE: "shadow"}, legacy=halves, modern=modern, store=store) as migration:
        await asked(migration, path="/x")
        await asyncio.wait(list(migration._shadows._tasks))
        await asyncio.to_thread(migration.ledger.turn)
        counted = await asyncio.to_thread(store.counters)
        (kept,) = await asyncio.to_thread(store.differences, ROUTE)
    assert counted[ROUTE]["different"] == 1
    assert [(each.field, each.legacy) for each in kept.fields] == [
        ("$.a", r'"\ud800"'),
        (r'$."k\udfff"', "1"),
    ]


async def test_what_legacy_says_differently_each_time_is_noise() -> None:
    numbers = iter(range(100))

    def legacy(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"id": 1, "at": %d}' % next(numbers)]

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, b'{"id": 1, "at": -1}', b"application/json")

    _, counted, differences = await both(legacy=legacy, modern=modern, requests=5)
    assert (counted["compared"], counted["noise"], differences) == (5, 5, [])
    assert counted["field.raw:$.at"] == counted["field.noise:$.at"] == 5


# ---------------------------------------------------------------- what the second application may do


async def hangs(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.Event().wait()


async def hangs_and_will_not_end(scope: Any, receive: Any, send: Any) -> None:
    for _ in range(3):
        try:
            await asyncio.sleep(0.5)
        except asyncio.CancelledError:
            continue


async def crashes(scope: Any, receive: Any, send: Any) -> None:
    raise ZeroDivisionError


async def exits(scope: Any, receive: Any, send: Any) -> None:
    raise SystemExit(3)


async def interrupts(scope: Any, receive: Any, send: Any) -> None:
    raise KeyboardInterrupt


async def cancels_itself(scope: Any, receive: Any, send: Any) -> None:
    raise asyncio.CancelledError


async def floods(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        try:
            await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
        except Exception:
            await asyncio.sleep(0)


async def breaks_off(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def says_nothing(scope: Any, receive: Any, send: Any) -> None:
    return


async def waits_for_its_client_to_leave(scope: Any, receive: Any, send: Any) -> None:
    await read(receive)
    await receive()


MISBEHAVIOUR = [hangs, hangs_and_will_not_end, crashes, exits, interrupts, cancels_itself, floods, breaks_off, says_nothing, waits_for_its_client_to_leave]  # fmt: skip


@pytest.mark.parametrize("modern", MISBEHAVIOUR, ids=lambda app: app.__name__)
async def test_the_user_gets_legacy_s_answer_whatever_modern_does(modern: Any) -> None:
    rule = {"mode": "shadow", "timeout": 0.2, "noise": 0.0}
    async with migrated({ROUTE: rule}, legacy=echo(b"fine"), modern=modern) as migration:
        for number in range(2):
            answered = await asyncio.wait_for(asked(migration, path="/x"), 1)
            assert (answered.status, answered.body, answered.complete) == (200, b"fine", True)
            counted = await counters(migration, ROUTE)
            assert counted["different"] == counted["modern.errors"] == number + 1
        (field,) = migration.store.differences(ROUTE)[0].fields
        assert field.field == "error"


async def test_a_legacy_that_hangs_when_asked_second_takes_no_thread_from_requests() -> None:
    let_go = threading.Event()

    def legacy(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/x":
            let_go.wait(20)
        return echo(b"fine")(environ, start_response)

    rule = {"mode": "dark", "timeout": 0.05, "noise": 0.0}
    async with migrated({ROUTE: rule}, legacy=legacy, modern=responder(200)) as migration:
        for _ in range(5):
            assert (await asked(migration, path="/x")).body == b"modern"
        assert (await counters(migration, ROUTE))["different"] == 5
        assert migration.legacy.executor.statistics().active == 0
        assert (await asked(migration, path="/other")).body == b"fine"
        let_go.set()


async def test_the_answer_is_whole_before_modern_is_asked() -> None:
    order: list[str] = []

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        order.append("modern asked")
        await answer(send, 200, b"")

    async def note(event: Any) -> None:
        order.append(event["type"])

    await both(legacy=echo(b"x"), modern=modern, on_send=note)
    assert order == ["http.response.start", "http.response.body", "modern asked"]


async def test_a_client_that_leaves_half_way_is_not_compared() -> None:
    async def gone(event: Any) -> None:
        if event["type"] == "http.response.body":
            raise OSError("gone")

    async with migrated({ROUTE: "dark"}, legacy=echo(b"x"), modern=responder(200)) as migration:
        with pytest.raises(OSError, match="gone"):
            await asked(migration, path="/x", on_send=gone)
        assert "compared" not in await counters(migration, ROUTE)


# ---------------------------------------------------------------- which requests, and how much of them


@pytest.mark.parametrize(("unsafe", "compared"), [(False, 0), (True, 1)])
async def test_a_post_is_asked_twice_only_if_the_rule_says_so(unsafe: bool, compared: int) -> None:
    bodies: list[bytes] = []

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        bodies.append(await read(receive))
        await answer(send, 200, b"x")

    def legacy(environ: Any, start_response: Any) -> Any:
        environ["wsgi.input"].read()
        return echo(b"x")(environ, start_response)

    body = bytes(range(256)) * 4000  # beyond what is held in memory
    rule = {"mode": "shadow", "unsafe": unsafe}
    async with migrated({"POST /x": rule}, legacy=legacy, modern=modern) as migration:
        pieces = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]
        length = [(b"content-length", b"%d" % len(body))]
        await asked(migration, "POST", "/x", body=pieces, headers=length)
        counted = await counters(migration, "POST /x")
    assert counted.get("equal", 0) == compared
    assert bodies == [body] * compared
    assert "noise.asked" not in counted  # legacy would act a second time
    assert counted.get("skipped.unsafe", 0) == 1 - compared


async def test_a_body_that_legacy_did_not_read_cannot_be_asked_again() -> None:
    rule = {"mode": "shadow", "unsafe": True}
    async with migrated({"POST /x": rule}, legacy=echo(b"x"), modern=responder(200)) as migration:
        call = AsgiCall(migration, method="POST", path="/x", body=None, headers=[(b"content-length", b"10")])
        async with call.running():
            call.feed(b"half", more_body=True)
        assert (await counters(migration, "POST /x")).get("skipped.unread-body") == 1


async def test_only_a_sample_is_asked_twice() -> None:
    _, counted, _ = await both({"mode": "shadow", "sample": 0.0}, legacy=echo(b"x"), modern=hangs, requests=3)
    assert counted == {"legacy.requests": 3, "skipped.sample": 3}


async def test_no_more_than_the_limit_run_at_a_time_and_shutdown_ends_them() -> None:
    started = 0

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        nonlocal started
        if scope["type"] == "http":
            started += 1
            await asyncio.Event().wait()

    store = MemoryStore()
    migration = Migration(echo(b"x"), modern, routes={ROUTE: "shadow"}, store=store)
    async with AsgiLifespan(migration):
        limit = ShadowLimits().concurrency
        for _ in range(limit + 5):
            assert (await asked(migration, path="/x")).body == b"x"
            await asyncio.sleep(0)
    assert started == limit
    assert store.counters()[ROUTE]["skipped.busy"] == 5


async def test_a_large_answer_is_compared_by_digest() -> None:
    large = b"x" * 3_000_000
    _, counted, differences = await both(legacy=echo(large), modern=responder(200, large))
    assert counted["equal"] == 1
    _, counted, differences = await both(legacy=echo(large), modern=responder(200, large[:-1] + b"y"))
    assert [each.field for each in differences[0].fields] == ["body"]


async def test_what_a_rule_ignores_is_not_compared() -> None:
    rule = {"mode": "shadow", "ignore_fields": ["line 1"]}
    _, counted, _ = await both(rule, legacy=echo(b"old"), modern=responder(200, b"new"))
    assert counted["equal"] == 1


async def test_what_is_ignored_at_run_time_is_not_compared_from_then_on_and_can_be_taken_back() -> None:
    async with migrated({ROUTE: "shadow"}, legacy=echo(b"old"), modern=responder(200, b"new")) as migration:

        async def outcomes() -> tuple[int, int]:
            await asyncio.to_thread(migration.ledger.turn)
            counted = await one_more(migration)
            return counted.get("equal", 0), counted.get("different", 0)

        assert await outcomes() == (0, 1)
        assert ignore(migration.store, ROUTE, "line *", by="ann", reason="")
        assert not ignore(migration.store, ROUTE, "line *", by="ann", reason="again")
        assert await outcomes() == (1, 1)
        assert compare_again(migration.store, ROUTE, "line *", by="ann", reason="")
        assert not compare_again(migration.store, ROUTE, "line *", by="ann", reason="again")
        assert await outcomes() == (1, 2)
        assert len(migration.store.history()) == 2, "what changes nothing is not in the history"


async def one_more(migration: Migration) -> dict[str, int]:
    await asked(migration, path="/x")
    return await counters(migration, ROUTE)


async def test_the_second_application_cannot_act_on_the_client_s_connection() -> None:
    seen: dict[str, Any] = {}

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope)
        scope["state"]["mine"] = 1
        await answer(send, 200, b"x")

    async with migrated({ROUTE: "shadow"}, legacy=echo(b"x"), modern=modern) as migration:
        state = {"shared": 1}
        await asked(migration, path="/x", extensions={"http.response.push": {}}, state=state)
        await counters(migration, ROUTE)
    assert (seen["extensions"], seen["bridge.shadow"], state) == ({}, "modern", {"shared": 1})
