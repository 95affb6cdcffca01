from __future__ import annotations

import dataclasses
from typing import Any

from bridge.analysis.traces import Trace
from bridge.reports.context import Missed, RouteWitness
from bridge.reports.witnessing import witnessing
from tests.reports.samples import FINDINGS, sample_report

REQUESTS = {("GET", "/users"): 2, ("GET", "/users/<id>"): 5, ("GET", "/export"): 1, ("GET", "/new"): 1}


def call(
    route: str, sink: str, *stack: tuple[str, int, str], count: int = 1, seconds: float = 0.0
) -> dict[str, Any]:
    method, path = route.split(" ")
    return {
        "phase": "request",
        "method": method,
        "path": path,
        "sink": sink,
        "count": count,
        "seconds": seconds,
        "stack": [{"file": file, "line": line, "function": function} for file, line, function in stack],
        "timed": True,
        "direct": True,
    }


def trace(*calls: dict[str, Any], unwatched: frozenset[str] = frozenset()) -> Trace:
    return Trace(("pytest",), REQUESTS, unwatched, calls)


CONNECT = (("shop/views.py", 10, "user"), ("shop/db.py", 7, "connect"))


def counts(*calls: dict[str, Any], **options: frozenset[str]) -> dict[str, int | None]:
    return {
        each.id: each.witnessed
        for each in witnessing(sample_report(), trace(*calls, **options)).report.findings
    }


def test_a_finding_is_witnessed_by_calls_on_its_routes() -> None:
    found = counts(
        call("GET /users", "psycopg2.connect", *CONNECT, count=20),
        call("GET /users/<id>", "psycopg2.connect", *CONNECT, count=5),
    )
    assert found["F1"] == 25


def test_what_was_not_seen_on_a_route_with_requests_is_none_and_without_requests_unknown() -> None:
    found = counts()
    assert found["F5"] == 0  # GET /export had a request
    assert found["F3"] is None  # POST /orders had none


def test_what_the_trace_could_not_watch_is_unknown() -> None:
    assert counts(unwatched=frozenset({"open"}))["F5"] is None


def two_connects() -> Any:
    other = dataclasses.replace(
        FINDINGS[0], id="F9", file="shop/other.py", line=3, symbol="shop.other.connect"
    )
    return dataclasses.replace(sample_report(), findings=(FINDINGS[0], other))


def test_of_two_findings_that_of_the_line_or_function_counts() -> None:
    here = call("GET /users", "psycopg2.connect", ("shop/other.py", 3, "x"), count=4)
    function = call("GET /users", "psycopg2.connect", ("shop/db.py", 99, "connect"), count=7)
    found = {
        each.id: each.witnessed for each in witnessing(two_connects(), trace(here, function)).report.findings
    }
    assert found == {"F1": 7, "F9": 4}


def test_a_call_at_another_place_counts_for_all_that_have_its_name() -> None:
    elsewhere = call("GET /users", "psycopg2.connect", ("shop/third.py", 1, "f"), count=2)
    result = witnessing(two_connects(), trace(elsewhere))
    assert [each.witnessed for each in result.report.findings] == [2, 2]
    assert result.missed == ()


def test_a_call_on_the_findings_line_may_have_another_name_of_its_package() -> None:
    lazy = call(
        "GET /users",
        "psycopg2.Connection.cursor",
        ("shop/views.py", 16, "users"),
        ("shop/db.py", 7, "connect"),
    )
    other = call("GET /users", "redis.Redis.get", ("shop/db.py", 7, "connect"))
    above = call("GET /users", "psycopg2.other", ("shop/db.py", 7, "connect"), ("shop/deeper.py", 1, "f"))
    result = witnessing(sample_report(), trace(lazy, other, above))
    assert {each.id: each.witnessed for each in result.report.findings}["F1"] == 1
    assert {each.sink for each in result.missed} == {"redis.Redis.get", "psycopg2.other"}


def test_what_a_library_calls_for_the_findings_line_is_the_findings() -> None:
    inner = call("GET /users", "socket.socket.connect", *CONNECT)
    assert counts(inner)["F1"] == 0  # the project's own call of something else
    assert counts({**inner, "direct": False})["F1"] == 1


def test_a_builtin_has_one_name() -> None:
    assert counts(call("GET /export", "builtins.open", ("shop/views.py", 33, "export"), count=3))["F5"] == 3


def test_what_no_finding_speaks_of_is_missed_the_slowest_first() -> None:
    result = witnessing(
        sample_report(),
        trace(
            call("GET /new", "time.sleep", ("shop/new.py", 4, "f"), count=2, seconds=0.5),
            call("GET /users", "redis.Redis.get", ("shop/a.py", 1, "g"), seconds=1.0),
            call("GET /users", "redis.Redis.get", ("shop/b.py", 2, "h"), count=3, seconds=2.0),
        ),
    )
    assert result.missed == (
        Missed("GET /users", "redis.Redis.get", "shop/b.py", 2, 4, 3.0),
        Missed("GET /new", "time.sleep", "shop/new.py", 4, 2, 0.5),
    )
    assert all(not each.witnessed for each in result.report.findings)


def test_routes_have_their_requests_and_calls() -> None:
    result = witnessing(
        sample_report(), trace(call("GET /users", "psycopg2.connect", *CONNECT, count=3, seconds=0.25))
    )
    assert result.routes["GET /users"] == RouteWitness(2, 3, 0.25)
    assert result.routes["GET /export"] == RouteWitness(1, 0, 0.0)
    assert "GET /health" not in result.routes
    assert str(result.routes["GET /users"]) == "3 in 0.250 s"


def test_the_report_is_otherwise_as_it_was() -> None:
    before = sample_report()
    after = witnessing(before, trace()).report
    blank = tuple(dataclasses.replace(each, witnessed=None) for each in after.findings)
    assert dataclasses.replace(after, findings=blank) == before


def test_an_accepted_call_that_a_trace_saw_was_not_missed() -> None:
    sample = sample_report()
    report = dataclasses.replace(sample, findings=(), accepted=(dataclasses.replace(FINDINGS[0], id="A1"),))
    seen = witnessing(report, trace(call("GET /users", "psycopg2.connect", *CONNECT)))
    assert seen.missed == ()
    assert seen.report.findings == ()
