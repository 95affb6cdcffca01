from __future__ import annotations

import dataclasses

import pytest

from bridge.analysis.model import Plan, Unit
from bridge.reports.context import Missed, RenderContext, RuleText
from bridge.reports.highlights import (
    Lever,
    Miss,
    briefly,
    findings_by_weight,
    findings_of,
    lever,
    misses,
    routes_by_work,
    routes_counted,
    served_today,
    shared_units,
)
from bridge.reports.matching import matching_routes, nearest_routes, with_routes
from tests.reports.samples import PLAN, sample_report


def plan_of(*unblocks: tuple[str, ...]) -> Plan:
    units = tuple(Unit((f"f{number}",), routes, (), 1, routes) for number, routes in enumerate(unblocks))
    return Plan(shared=units)


def test_the_lever_is_the_shortest_start_of_the_plan_that_frees_most() -> None:
    found = lever(plan_of((), ("a", "b"), (), ("c",), ()))
    assert found is not None
    assert (found.functions, found.routes) == (4, ("a", "b", "c"))


def test_the_lever_stops_at_ten_functions_unless_nothing_is_free_by_then() -> None:
    late = lever(plan_of(*[()] * 14, ("a",), ("b",)))
    early = lever(plan_of(("a",), *[()] * 13, ("b",)))
    assert late is not None
    assert early is not None
    assert (late.functions, late.routes) == (15, ("a",))
    assert (early.functions, early.routes) == (1, ("a",))


def test_a_cycle_counts_as_its_functions() -> None:
    found = Lever((Unit(("a", "b"), ("r",), (), 3),), ("r",))
    assert found.functions == 2


def test_a_plan_that_frees_nothing_has_no_lever() -> None:
    assert lever(Plan()) is None
    assert lever(plan_of((), ())) is None


def test_shared_units_are_those_of_several_routes_the_busiest_first() -> None:
    assert [unit.symbols[0] for unit in shared_units(PLAN)] == ["shop.db.connect", "shop.db.fetch"]


def test_routes_and_findings_are_ordered_by_weight() -> None:
    report = sample_report()
    assert [route.path for route in routes_by_work(report, {})][:2] == ["/state", "/orders"]
    assert [each.id for each in findings_by_weight(report)] == ["F1", "F2", "F3", "F6", "F4", "F5"]


def test_routes_of_libraries_are_counted_apart_and_come_behind_the_projects_own() -> None:
    report = sample_report()
    assert routes_counted(report) == f"{len(report.routes)} routes"
    first, *others = routes_by_work(report, {})
    names = {first.id: "wagtail", others[0].id: "django", others[1].id: "wagtail"}
    routes = tuple(dataclasses.replace(each, library=names.get(each.id, "")) for each in report.routes)
    mixed = dataclasses.replace(report, routes=routes)
    assert routes_counted(mixed) == f"{len(report.routes)} routes (3 of libraries: wagtail 2, django 1)"
    assert [each.id for each in routes_by_work(mixed, {})] == [
        *(each.id for each in others[2:]),
        first.id,
        *(each.id for each in others[:2]),
    ]


@pytest.mark.parametrize(
    ("lanes", "expected"),
    [
        (["thread"], "Unchanged, 1 route fits the thread lane of wsgi-bridge serve."),
        (["greenlet"] * 2 + ["thread"], "2 routes fit the greenlet lane and 1 the thread lane of"),
        (
            ["stream", *["greenlet"] * 2, *["thread"] * 3],
            "3 routes fit the thread lane, 2 the greenlet lane and 1 the",
        ),
    ],
)
def test_the_lanes_of_today_are_told_and_what_the_plan_is_for(lanes: list[str], expected: str) -> None:
    report = sample_report()
    routes = tuple(dataclasses.replace(report.routes[0], lane=each) for each in lanes)
    told = served_today(dataclasses.replace(report, routes=routes))
    assert expected in told
    assert told.endswith("What follows makes routes asynchronous.")
    assert served_today(dataclasses.replace(report, routes=routes, plan=Plan())) == told.partition(" What")[0]


def test_routes_of_asynchronous_frameworks_are_in_no_lane() -> None:
    report = sample_report()
    routes = tuple(dataclasses.replace(each, framework="fastapi") for each in report.routes)
    assert served_today(dataclasses.replace(report, routes=routes)) == ""


def test_a_finding_that_was_taken_out_is_not_missed() -> None:
    report = dataclasses.replace(sample_report(), findings=())
    assert findings_of(report, report.routes[0]) == []


def test_misses_are_put_together_by_place() -> None:
    missed = [
        Missed("GET /a", "time.sleep", "x.py", 1, 2, 0.5),
        Missed("GET /b", "open", "x.py", 1, 9, 0.7),
        Missed("GET /b", "time.sleep", "x.py", 1, 1, 0.5),
        Missed("GET /b", "time.sleep", "y.py", 1, 1, 0.0),
    ]
    assert misses(missed) == [
        Miss("time.sleep", "x.py", 1, ("GET /a", "GET /b"), 3, 1.0),
        Miss("open", "x.py", 1, ("GET /b",), 9, 0.7),
        Miss("time.sleep", "y.py", 1, ("GET /b",), 1, 0.0),
    ]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("GET /users", ["GET /users"]),
        ("get  /users", ["GET /users"]),
        ("/users", ["GET /users"]),
        ("/users/", ["GET /users"]),
        ("shop.views.user", ["GET /users/<id>"]),
        ("POST /users", []),
        ("/nothing", []),
        ("", []),
    ],
)
def test_a_route_is_found_by_what_people_write(asked: str, expected: list[str]) -> None:
    assert [route.id for route in matching_routes(sample_report(), asked)] == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("GET /user", "GET /users"),
        ("/ordrs", "POST /orders"),
        ("/Users", "GET /users"),
        ("POST /users", "GET /users"),
    ],
)
def test_the_nearest_route_is_named(asked: str, expected: str) -> None:
    assert expected in nearest_routes(sample_report(), asked)


def test_nothing_near_is_nothing() -> None:
    assert nearest_routes(sample_report(), "qqqqqqqqqqqq") == []


def test_a_report_can_be_narrowed_to_a_route() -> None:
    report = sample_report()
    narrow = with_routes(report, matching_routes(report, "/users"))
    assert ([route.id for route in narrow.routes], [each.id for each in narrow.findings]) == (
        ["GET /users"],
        ["F1", "F2"],
    )
    assert narrow.plan is report.plan


def test_what_blocks_is_counted_by_kind_and_what_is_no_call_by_its_rules_name() -> None:
    report = sample_report()
    users = next(each for each in report.routes if each.id == "GET /users")
    obstacle = dataclasses.replace(report.findings[1], category=None, rule="WB630")
    report = dataclasses.replace(report, findings=(report.findings[0], obstacle))
    named = RenderContext(rules={"WB630": RuleText("WB630", "streaming", "It streams.")})
    assert briefly(report, users, named) == "1 database, 1 streaming"
    assert briefly(report, users, RenderContext()) == "1 database, 1 WB630"
