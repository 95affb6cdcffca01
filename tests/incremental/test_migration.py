"""Which application answers, what it sees of the request, and what is counted."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import textwrap
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.errors import InvalidOption, UnknownScopeType
from bridge.incremental.calling import counted
from bridge.incremental.errors import InvalidPattern
from bridge.incremental.migration import Migration
from bridge.incremental.rules import Rule
from bridge.incremental.store.memory import MemoryStore
from bridge.incremental.table import RuleTable
from tests.asgi_driver import AsgiLifespan, exchange
from tests.incremental.applications import asked, counters, legacy, migrated, modern
from tests.websockets.driver import WebSocketCall


def who(answer: Any) -> str:
    return str(json.loads(answer.body)[0])


async def test_without_rules_everything_is_legacy() -> None:
    async with migrated() as migration:
        assert who(await asked(migration, path="/anything")) == "legacy"


async def test_a_rule_decides_for_its_method_and_path() -> None:
    async with migrated({"GET /users/<int:id>": "modern"}) as migration:
        assert who(await asked(migration, path="/users/7")) == "modern"
        assert who(await asked(migration, path="/users/7", method="HEAD")) == "modern"
        assert who(await asked(migration, path="/users/7", method="POST", body=b"x")) == "legacy"
        assert who(await asked(migration, path="/users/x")) == "legacy"


async def test_the_default_may_be_another() -> None:
    async with migrated({"GET /old": "legacy"}, default="modern") as migration:
        assert [who(await asked(migration, path=path)) for path in ("/old", "/x")] == ["legacy", "modern"]


@pytest.mark.parametrize("mode", ["legacy", "modern", "shadow", "dark", "canary:50", "fallback"])
@pytest.mark.parametrize(
    "scope",
    [
        {"path": "/a b/é"},
        {"path": "/a/b", "raw_path": b"/a%2Fb"},
        {"path": "/a/../b"},
        {"path": "/a;x=1/b?c"},
        {"path": "//a//b"},
        {"path": "/mount/a", "root_path": "/mount"},
        {"path": "/mount/a", "root_path": "/mount/"},
        {"path": "/mount", "root_path": "/mount/"},
        {"path": "/mountain", "root_path": "/mount"},
        {"path": "http://host/a", "raw_path": b"http://host/a"},
        {"path": "http://host", "raw_path": b"http://host"},
        {"path": "*", "raw_path": b"*", "method": "OPTIONS"},
    ],
    ids=str,
)
async def test_the_rules_and_both_applications_see_one_path(
    mode: str, scope: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Path confusion: a request that the router takes for another one than the application does."""
    seen: list[str] = []
    find = RuleTable.find

    def spy(table: RuleTable, method: str, path: str) -> Rule:
        seen.append(path)
        return find(table, method, path)

    monkeypatch.setattr(RuleTable, "find", spy)
    async with migrated(default=mode) as migration:
        options = dict(scope)
        answer = await asked(migration, options.pop("method", "GET"), options.pop("path"), **options)
        _, _, root, path, _ = json.loads(answer.body)
    latin = seen[0].encode().decode("latin-1")
    assert (path or "/") in {seen[0], latin}
    assert root in {"", "/mount"}


@pytest.mark.parametrize(
    "path", ["//admin", "/admin//", "///admin/", "//admin//users", "admin", "admin/users"]
)
async def test_more_slashes_or_none_do_not_lead_to_the_other_application(path: str) -> None:
    """Werkzeug takes //admin and admin for /admin: a route that has moved must not be had from legacy so."""
    async with migrated(
        {"/admin": "modern", "/admin/<path:rest>": "modern", "/admin/": "modern"}
    ) as migration:
        assert who(await asked(migration, path=path)) == "modern"


async def test_what_is_answered_is_counted_with_its_errors() -> None:
    def failing(environ: Any, start_response: Any) -> Any:
        raise ZeroDivisionError

    async with migrated({"GET /new": "modern", "GET /bad": "legacy"}, legacy=failing) as migration:
        await asked(migration, path="/new")
        assert (await asked(migration, path="/bad")).status == 500
        assert await counters(migration, "GET /new") == {"modern.requests": 1}
        assert await counters(migration, "GET /bad") == {"legacy.requests": 1, "legacy.errors": 1}


async def test_a_client_that_leaves_is_no_error_of_the_application() -> None:
    async def gone(event: Any) -> None:
        raise OSError("gone")

    async with migrated(default="modern") as migration:
        with pytest.raises(OSError, match="gone"):
            await asked(migration, on_send=gone)
        assert await counters(migration, "*") == {"modern.requests": 1}


async def test_a_canary_has_the_same_clients_at_every_request() -> None:
    async with migrated(default={"mode": "canary", "percent": 50, "sticky": "cookie:s"}) as migration:
        answers: dict[bytes, set[str]] = {}
        for _ in range(3):
            for number in range(20):
                cookie = b"a=1; s=%d" % number
                answers.setdefault(cookie, set()).add(
                    who(await asked(migration, headers=[(b"cookie", cookie)]))
                )
    assert all(len(sides) == 1 for sides in answers.values())
    assert {side for sides in answers.values() for side in sides} == {"legacy", "modern"}


async def test_websockets_reach_modern() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept", "subprotocol": scope["path"]})

    async with migrated(default="legacy", modern=app) as migration:
        scope = {"type": "websocket", "path": "/chat", "headers": []}
        (sent,) = await exchange(migration, scope, [{"type": "websocket.connect"}])
        assert sent["subprotocol"] == "/chat"
        with pytest.raises(UnknownScopeType):
            await exchange(migration, {"type": "smoke"}, [])


async def test_websockets_go_by_the_rules_where_legacy_takes_them() -> None:
    def old(environ: Any, start_response: Any) -> list[bytes]:
        environ["wsgi.websocket"].send("legacy " + environ["PATH_INFO"])
        start_response("200 OK", [])
        return []

    async def new(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "modern " + scope["path"]})
        await send({"type": "websocket.close"})

    rules = {"/modern": "modern", "/dark": "dark", "/fallback": "fallback", "/shadow": "shadow"}
    rules |= {"POST /legacy": "modern", "GET /all": "canary:100", "GET /none": "canary:0"}
    said: list[str] = []
    async with migrated(rules, legacy=WsgiToAsgi(old, websockets=True), modern=new) as migration:
        for name in ("modern", "dark", "fallback", "all", "shadow", "legacy", "none"):
            async with WebSocketCall(migration, f"/mount/{name}", root_path="/mount").running() as client:
                await client.sent()
                said.append((await client.sent())["text"])
    by_modern = [f"modern /mount/{name}" for name in ("modern", "dark", "fallback", "all")]
    assert said == by_modern + [f"legacy /{name}" for name in ("shadow", "legacy", "none")]


# ---------------------------------------------------------------- lifespan


def recorded(name: str, told: list[str], *, fails: bool = False) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            raise AssertionError
        await receive()
        told.append(f"{name} starts")
        scope["state"][name] = 1
        if fails:
            await send({"type": "lifespan.startup.failed", "message": "no database"})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        told.append(f"{name} stops")
        await send({"type": "lifespan.shutdown.complete"})

    return app


async def test_legacy_starts_first_and_stops_last_and_both_share_the_state() -> None:
    told: list[str] = []
    bridge = WsgiToAsgi(
        legacy,
        on_startup=lambda: told.append("legacy starts"),
        on_shutdown=lambda: told.append("legacy stops"),
    )
    migration = Migration(bridge, recorded("modern", told), store=MemoryStore())
    async with AsgiLifespan(migration) as lifespan:
        assert told == ["legacy starts", "modern starts"]
        assert lifespan.state == {"modern": 1}
    assert told[2:] == ["modern stops", "legacy stops"]
    assert not migration.ledger.running


async def test_a_failing_startup_names_its_application_and_stops_the_other_one() -> None:
    told: list[str] = []
    bridge = WsgiToAsgi(legacy, on_shutdown=lambda: told.append("legacy stops"))
    migration = Migration(bridge, recorded("modern", told, fails=True), store=MemoryStore())
    with pytest.raises(RuntimeError, match="modern: no database"):
        await AsgiLifespan(migration).__aenter__()
    assert told == ["modern starts", "legacy stops"]


@pytest.mark.parametrize(
    ("asks", "level"), [(False, "INFO"), (True, "WARNING")], ids=["at once", "in its startup"]
)
async def test_an_application_without_lifespan_is_passed_over_and_named(
    asks: bool, level: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    async def no_lifespan(scope: Any, receive: Any, send: Any) -> None:
        if asks:
            await receive()
        assert scope["type"] == "http"

    async with AsgiLifespan(Migration(legacy, no_lifespan, store=MemoryStore())):
        pass
    (said,) = [record for record in caplog.records if "has no lifespan" in record.message]
    assert (said.message.startswith("modern has no lifespan"), said.levelname) == (True, level)


@pytest.mark.parametrize("how", ["raises", "says so"])
async def test_a_shutdown_that_fails_names_its_application(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if how == "raises":
            raise RuntimeError
        await send({"type": "lifespan.shutdown.failed", "message": "still open"})

    async with AsgiLifespan(Migration(legacy, fails, store=MemoryStore())):
        pass
    assert "modern's lifespan" in caplog.text


async def test_a_request_after_the_end_is_counted_nevertheless() -> None:
    async with migrated(default="modern") as migration:
        await asked(migration, path="/x")
        await migration.close()
        await asked(migration, path="/x")
        assert migration.ledger.running
        assert await counters(migration, "*") == {"modern.requests": 2}


async def test_the_store_is_read_before_the_first_request() -> None:
    store = MemoryStore()
    store.change({"GET /x": "modern", "GET /gone": "modern", "*": "nonsense"}, by="ann")
    migration = Migration(legacy, modern, routes={"GET /x": "legacy"}, store=store)
    async with AsgiLifespan(migration):
        assert who(await asked(migration, path="/x")) == "modern"
        assert who(await asked(migration, path="/y")) == "legacy"


# ---------------------------------------------------------------- changes at run time


async def test_a_change_in_the_store_reaches_every_worker() -> None:
    store = MemoryStore()
    async with (
        migrated({"GET /x": "legacy"}, store=store) as one,
        migrated({"GET /x": "legacy"}, store=store) as other,
    ):
        for migration in (one, other):
            assert who(await asked(migration, path="/x")) == "legacy"
        store.change({"GET /x": "modern"}, by="ann")
        for migration in (one, other):
            await asyncio.wait_for(until_modern(migration), 5)


async def until_modern(migration: Migration) -> None:
    while who(await asked(migration, path="/x")) == "legacy":
        await asyncio.sleep(0.01)


async def test_no_request_is_lost_or_answered_by_half_a_table_while_rules_change() -> None:
    store = MemoryStore()
    routes = {f"GET /r{number}": "legacy" for number in range(50)}
    async with migrated(routes, store=store) as migration:
        turns = 0
        for setting in ["modern", "legacy"] * 20:
            # All routes change at once: no two answers of one table may disagree.
            store.change(dict.fromkeys(routes, setting), by="ann")
            changing = asyncio.create_task(asyncio.to_thread(migration.ledger.turn))
            while not changing.done():
                table = migration.table
                modes = {table.find("GET", f"/r{number}").mode for number in (0, 25, 49)}
                assert len(modes) == 1
                assert (await asked(migration, path="/r7")).status == 200
                turns += 1
                await asyncio.sleep(0)  # nothing above has to wait: the loop would go nowhere else
            assert who(await asked(migration, path="/r7")) == setting
        assert turns >= 40


@pytest.mark.parametrize(
    "options",
    [
        {"legacy": None},
        {"modern": None},
        {"legacy": modern},
        {"modern": legacy},
        {"store": "nowhere"},
        {"config": "x.toml", "routes": {}},
    ],
    ids=["no legacy", "no modern", "ASGI for WSGI", "WSGI for ASGI", "no store", "file and rules"],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    given = {"legacy": legacy, "modern": modern, "store": "memory:", **options}
    with pytest.raises((InvalidOption, OSError)):
        Migration(**given)


def test_a_wrong_route_is_refused_at_once() -> None:
    with pytest.raises(InvalidPattern):
        Migration(legacy, modern, routes={"GET users": "modern"}, store="memory:")


def test_what_is_written_out_in_migration_is_what_counted_does() -> None:
    written, one = (
        ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
        for function in (Migration.__call__, counted)
    )
    assert isinstance(written, ast.AsyncFunctionDef)
    assert isinstance(one, ast.AsyncFunctionDef)
    steps = [ast.dump(step) for step in one.body[1:]]  # after the docstring
    assert len(steps) == 4
    assert [ast.dump(step) for step in written.body[-4:]] == steps
