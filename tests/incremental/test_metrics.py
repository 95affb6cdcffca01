"""A migration's numbers as Prometheus reads them: complete, of rules only, and there from the beginning."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bridge.incremental.errors import StoreUnavailable
from bridge.incremental.metrics import METRICS, MigrationCollector
from bridge.incremental.rules import Mode, parse_rule
from bridge.incremental.store.memory import MemoryStore
from bridge.incremental.table import RuleTable
from tests.incremental.applications import asked, counters, echo, migrated, responder

ROUTE = "GET /users/<int:id>"
GUIDE = Path(__file__).parents[2] / "migration_guide" / "incremental.md"


def table(**routes: Any) -> RuleTable:
    return RuleTable(
        [parse_rule(route, setting) for route, setting in routes.items()], parse_rule(None, "legacy")
    )


def scraped(store: MemoryStore, rules: RuleTable) -> dict[str, dict[tuple[str, ...], float]]:
    """Return what Prometheus' own parser reads: of each metric the values of its labels, and the number."""
    registry = CollectorRegistry()
    registry.register(MigrationCollector(store, lambda: rules))
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(generate_latest(registry).decode()):
        name = family.name.removeprefix("wsgi_bridge_migration_")
        labels = METRICS[name][1]
        found[name] = {
            tuple(sample.labels[label] for label in labels): sample.value for sample in family.samples
        }
    return found


def test_before_the_first_request_everything_that_may_be_counted_is_zero() -> None:
    found = scraped(MemoryStore(), table(**{ROUTE: "shadow", "GET /x": {"mode": "canary:5", "guard": True}}))
    assert found["requests"] == {
        (ROUTE, "shadow", "legacy"): 0,
        (ROUTE, "shadow", "modern"): 0,
        ("GET /x", "canary", "legacy"): 0,
        ("GET /x", "canary", "modern"): 0,
        ("default", "legacy", "legacy"): 0,
    }
    assert found["comparisons"] == {(ROUTE, outcome): 0 for outcome in ("equal", "noise", "different")}
    assert found["rollbacks"] == {("GET /x",): 0}
    assert found["canary_ratio"] == {("GET /x",): 0.05}
    assert found["store_up"] == {(): 1}
    assert {labels for labels, number in found["mode"].items() if number} == {
        (ROUTE, "shadow"),
        ("GET /x", "canary"),
        ("default", "legacy"),
    }
    assert len(found["mode"]) == 3 * len(Mode)


def test_routes_that_no_rule_has_any_more_are_left_out() -> None:
    store = MemoryStore()
    store.add({"GET /gone": {"legacy.requests": 1, "legacy.in.legacy": 1, "different": 1, "compared": 1}})
    assert not any(
        "GET /gone" in labels for samples in scraped(store, table()).values() for labels in samples
    )


async def test_requests_are_counted_by_the_mode_that_their_rule_was_in() -> None:
    async with migrated({"GET /x": "legacy"}, legacy=echo(b"1"), modern=responder(200, b"2")) as migration:
        for mode in ("legacy", "shadow", "modern"):
            await asyncio.to_thread(migration.store.change, {"GET /x": mode}, by="test")
            await asyncio.to_thread(migration.ledger.turn)
            for _ in range(2):
                await asked(migration, path="/x")
                await counters(migration, "GET /x")
        await asked(migration, path="/somewhere/else/4711")
        await asyncio.to_thread(migration.ledger.turn)
        found = scraped(migration.store, migration.table)  # type: ignore[arg-type] # it is one in memory
    assert found["requests"] == {
        ("GET /x", "legacy", "legacy"): 2,
        ("GET /x", "shadow", "legacy"): 2,
        ("GET /x", "shadow", "modern"): 2,
        ("GET /x", "modern", "modern"): 2,
        ("default", "legacy", "legacy"): 1,
    }
    assert found["comparisons"]["GET /x", "different"] == 2
    assert found["errors"] == {("GET /x", "legacy"): 0, ("GET /x", "modern"): 0, ("default", "legacy"): 0}


def test_what_was_counted_of_a_route_is_shown_under_its_names() -> None:
    store = MemoryStore()
    store.add({"GET /x": {"modern.requests": 9, "modern.errors": 3, "skipped.busy": 4, "guard.rollbacks": 2}})
    found = scraped(store, table(**{"GET /x": "fallback"}))
    assert found["errors"]["GET /x", "modern"] == 3
    assert found["skipped"] == {("GET /x", "busy"): 4}
    assert found["rollbacks"] == {("GET /x",): 2}


class LostStore(MemoryStore):
    def counters(self) -> dict[str, dict[str, int]]:
        raise StoreUnavailable("redis://away", ConnectionRefusedError())


def test_a_store_that_is_away_takes_the_counters_along_and_not_the_page() -> None:
    found = scraped(LostStore(), table(**{"GET /x": "shadow"}))
    assert found["store_up"] == {(): 0}
    assert found["mode"]["GET /x", "shadow"] == 1
    assert "requests" not in found, "not 0: Prometheus would take that for a restart"


def test_every_metric_is_in_the_guide_with_its_kind_and_labels_and_the_reverse() -> None:
    rows = re.findall(
        r"^\| `wsgi_bridge_migration_(\w+)` \| (\w+) \| ([^|]*) \|", GUIDE.read_text("utf-8"), re.MULTILINE
    )
    documented = {name.removesuffix("_total"): (kind, labels) for name, kind, labels in rows}
    assert documented == {name: (kind, _cell(labels)) for name, (kind, labels, _) in METRICS.items()}
    assert all(name.endswith("_total") == (kind == "counter") for name, kind, _ in rows)


def _cell(labels: tuple[str, ...]) -> str:
    return ", ".join(f"`{label}`" for label in labels)
