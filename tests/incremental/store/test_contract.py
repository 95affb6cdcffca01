"""What every store promises, asked of each of them."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.errors import InvalidOption
from bridge.incremental.store import (
    IGNORED,
    Difference,
    FieldValues,
    Settings,
    Store,
    ignored_field,
    open_store,
    redis,
)
from bridge.incremental.store.base import DIFFERENCES_KEPT, Batch
from tests.services import SERVICES


@pytest.fixture(
    params=["memory", "sqlite", pytest.param("redis", marks=pytest.mark.service("redis"))],
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "redis":
        port = next(service.port for service in SERVICES.values() if service.name == "redis")
        name = f"test-{uuid.uuid4().hex}"
        made = open_store(f"redis://127.0.0.1:{port}/0?name={name}")
        yield made
        keys = made._redis.keys(f"wsgi-bridge:{{{name}}}:*")  # type: ignore[attr-defined]
        if keys:
            made._redis.delete(*keys)  # type: ignore[attr-defined]
    else:
        made = open_store("memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/m.sqlite3")
        yield made
    made.close()


def difference(route: str, target: str) -> Difference:
    return Difference(
        route=route,
        at=12.5,
        method="GET",
        target=target,
        headers=(("host", "é"),),
        fields=(FieldValues("$.id", "1", None), FieldValues("status", "200", "500")),
    )


def test_a_new_store_is_empty(store: Store) -> None:
    assert (store.revision(), store.settings(), store.history()) == (0, Settings(0, {}), [])
    assert (store.counters(), store.differences("GET /x")) == ({}, [])


def test_a_change_is_seen_with_its_history(store: Store) -> None:
    store.change({"GET /x": "shadow"}, by="ann", reason="try")
    after = store.change({"GET /x": "canary:5", "GET /y": "modern"}, by="bob")
    assert after == store.settings() == Settings(3, {"GET /x": "canary:5", "GET /y": "modern"})
    assert store.revision() == 3
    newest = store.history()
    assert [(each.revision, each.route, each.before, each.after, each.by) for each in newest] == [
        (3, "GET /y", None, "modern", "bob"),
        (2, "GET /x", "shadow", "canary:5", "bob"),
        (1, "GET /x", None, "shadow", "ann"),
    ]
    assert newest[-1].reason == "try"
    assert newest[0].at >= newest[-1].at > 1e9
    assert store.history(1) == newest[:1]


def test_a_field_is_ignored_beside_the_setting_of_its_route(store: Store) -> None:
    name = ignored_field("GET /x", "$.rows[*].id")
    store.change({"GET /x": "shadow", name: IGNORED}, by="ann")
    settings = store.settings()
    assert settings == Settings(2, {"GET /x": "shadow"}, {"GET /x": ("$.rows[*].id",)})
    assert settings.stored == {"GET /x": "shadow", name: IGNORED}
    assert store.change({name: IGNORED}, by="ann", expected={name: None}) is None
    assert store.change({name: None}, by="bob", expected={name: IGNORED}) == Settings(3, {"GET /x": "shadow"})
    newest = store.history()
    assert [(each.route, each.field, each.before, each.after) for each in newest] == [
        ("GET /x", "$.rows[*].id", IGNORED, None),
        ("GET /x", "$.rows[*].id", None, IGNORED),
        ("GET /x", None, None, "shadow"),
    ]


def test_none_takes_a_setting_back(store: Store) -> None:
    store.change({"GET /x": "shadow"}, by="ann")
    assert store.change({"GET /x": None}, by="ann") == Settings(2, {})


def test_a_batch_that_is_sent_again_is_added_and_kept_once(store: Store) -> None:
    for batch in (Batch("ann", 1), Batch("ann", 1), Batch("bob", 1), Batch("ann", 2), Batch("ann", 2)):
        store.add({"GET /x": {"a": 1}}, [difference("GET /x", f"/{batch.writer}")], batch=batch)
    assert store.counters() == {"GET /x": {"a": 3}}
    assert [each.target for each in store.differences("GET /x")] == ["/ann", "/bob", "/ann"]


def test_a_change_that_expects_something_else_is_not_made(store: Store) -> None:
    store.change({"GET /x": "canary:5"}, by="ann")
    assert store.change({"GET /x": "legacy"}, by="guard", expected={"GET /x": "canary:50"}) is None
    assert store.change({"GET /x": "legacy"}, by="guard", expected={"GET /x": None}) is None
    assert store.revision() == 1
    assert store.change({"GET /x": "legacy"}, by="guard", expected={"GET /x": "canary:5"}) is not None


def test_of_many_that_expect_the_same_one_makes_the_change(store: Store) -> None:
    store.change({"GET /x": "canary:5"}, by="ann")
    made: list[object] = []

    def attempt() -> None:
        made.append(store.change({"GET /x": "legacy"}, by="guard", expected={"GET /x": "canary:5"}))

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in made if each is not None]) == 1
    assert [each.by for each in store.history()] == ["guard", "ann"]


def test_counters_add_up(store: Store) -> None:
    store.add({"GET /x": {"a": 1, "b": 2}})
    store.add({"GET /x": {"a": 4}, "GET /y": {"é": 1}})
    assert store.counters() == {"GET /x": {"a": 5, "b": 2}, "GET /y": {"é": 1}}


def test_the_newest_differences_of_each_route_are_kept_as_they_were(store: Store) -> None:
    store.add({}, [difference("GET /y", "/y")])
    store.add({}, [difference("GET /x", f"/x?n={number}") for number in range(DIFFERENCES_KEPT + 10)])
    kept = store.differences("GET /x")
    assert len(kept) == DIFFERENCES_KEPT
    assert kept[0] == difference("GET /x", f"/x?n={DIFFERENCES_KEPT + 9}")
    assert store.differences("GET /x", 2) == kept[:2]
    assert store.differences("GET /y") == [difference("GET /y", "/y")]


def test_forgetting_a_route_leaves_the_others_and_the_settings(store: Store) -> None:
    store.change({"GET /x": "shadow"}, by="ann")
    store.add({"GET /x": {"a": 1}, "GET /y": {"a": 1}})
    store.add({}, [difference("GET /x", "/x")])
    store.forget("GET /x")
    assert store.counters() == {"GET /y": {"a": 1}}
    assert store.differences("GET /x") == []
    assert store.settings().routes == {"GET /x": "shadow"}


def test_a_closed_store_opens_again(store: Store) -> None:
    store.add({"GET /x": {"a": 1}})
    store.close()
    store.add({"GET /x": {"a": 1}})
    assert store.counters() == {"GET /x": {"a": 2}}


@pytest.mark.parametrize("url", ["", "sqlite:///", "mysql://x", "migration.db", None, 5])
def test_an_unknown_store_is_refused_with_the_known_forms(url: object) -> None:
    with pytest.raises(InvalidOption, match="sqlite:///migration"):
        open_store(url)  # type: ignore[arg-type]


def test_the_keys_in_redis_are_those_of_the_guide() -> None:
    pattern = re.compile(r"^ *(wsgi-bridge:\{NAME\}.*)$", re.MULTILINE)
    guide = (Path(__file__).parents[3] / "migration_guide" / "incremental.md").read_text("utf-8")
    listed = pattern.findall(redis.__doc__ or "")
    assert len(listed) == 7
    assert pattern.findall(guide) == listed


@pytest.mark.service("redis")
def test_no_other_key_is_written_to_redis() -> None:
    name = f"test-{uuid.uuid4().hex}"
    store = open_store(f"redis://127.0.0.1:{SERVICES['redis'].port}/0?name={name}")
    store.change({"GET /x": "shadow"}, by="ann")
    store.add({"GET /x": {"a": 1}}, [difference("GET /x", "/")], batch=Batch("ann", 1))
    client = store._redis  # type: ignore[attr-defined] # of RedisStore
    keys = client.keys(f"wsgi-bridge:{{{name}}}:*")
    client.delete(*keys)
    store.close()
    found = {key.replace(name, "NAME").replace("GET /x", "ROUTE").replace("ann", "WRITER") for key in keys}
    assert found == set(re.findall(r"wsgi-bridge:\{NAME\}:\S+", redis.__doc__ or ""))
