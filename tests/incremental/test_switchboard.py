"""Paths seen lately have their way at hand; nobody fills the memory with them."""

from __future__ import annotations

from bridge.incremental.rules import Rule, parse_rule
from bridge.incremental.switchboard import PATH_LIMIT, PATHS_KEPT, Switchboard, Way
from bridge.incremental.table import RuleTable
from tests.incremental.applications import asked, counters, migrated, modern


def board(asked_for: list[str]) -> Switchboard:
    def way_of(rule: Rule) -> Way:
        asked_for.append(rule.name)
        return Way(modern)

    rules = [parse_rule("GET /users/<int:id>", "modern"), parse_rule("GET /x", "modern")]
    return Switchboard(RuleTable(rules, parse_rule(None, "legacy")), way_of)


def test_a_rule_has_one_way_for_all_its_paths() -> None:
    asked_for: list[str] = []
    switches = board(asked_for)
    ways = {id(switches.way("GET", f"/users/{number}")) for number in range(5)}
    assert (len(ways), asked_for) == (1, ["GET /users/<int:id>"])
    assert switches.seen["GET"]["/users/3"] is switches.way("GET", "/users/3")


def test_what_is_remembered_is_bounded() -> None:
    switches = board([])
    for number in range(PATHS_KEPT + 10):
        switches.way("GET", f"/made/up/{number}")
    assert len(switches.seen["GET"]) <= PATHS_KEPT
    switches.way("GET", "/" + "x" * PATH_LIMIT)
    assert all(len(path) <= PATH_LIMIT for path in switches.seen["GET"])
    methods = set(switches.seen)
    switches.way("BREW", "/x")
    assert set(switches.seen) == methods


async def test_a_path_seen_below_one_mount_is_another_one_below_the_next() -> None:
    async with migrated({"GET /x": "modern", "GET /app/x": "legacy"}) as migration:
        for _ in range(2):  # the second time from what was seen
            mounted = await asked(migration, path="/app/x", root_path="/app")
            plain = await asked(migration, path="/app/x")
            assert (mounted.body[:9], plain.body[:9]) == (b'["modern"', b'["legacy"')


async def test_a_change_is_in_force_for_paths_that_were_seen() -> None:
    async with migrated({"GET /x": "legacy"}) as migration:
        await asked(migration, path="/x")
        migration.store.change({"GET /x": "modern"}, by="ann")
        found = await counters(migration, "GET /x")
        assert found == {"legacy.requests": 1}
        assert (await asked(migration, path="/x")).body.startswith(b'["modern"')
