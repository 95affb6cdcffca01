"""A trace as the report reads it: in the report's routes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.analysis.traces import Frame, InvalidTrace, Observed, read_trace


def call(route: str, sink: str = "time.sleep", **changes: Any) -> dict[str, Any]:
    method, _, path = route.partition(" ")
    stack = [{"file": "app.py", "line": 3, "function": "view"}]
    known = {"phase": "request", "route": route, "method": method, "path": path, "sink": sink, "stack": stack}
    return {**known, "count": 2, "seconds": 0.5, "longest": 0.4, "timed": True, "direct": True, **changes}


def written(folder: Path, **changes: Any) -> Path:
    trace = {
        "schema_version": 1,
        "command": ["pytest"],
        "requests": [{"route": "GET /a", "method": "GET", "path": "/a", "count": 3}],
        "calls": [],
        "unwatched": ["sqlite3.Cursor.execute"],
        **changes,
    }
    file = folder / "trace.json"
    file.write_text(json.dumps(trace), "utf-8")
    return file


def test_a_trace_without_calls_observed_nothing(tmp_path: Path) -> None:
    trace = read_trace(written(tmp_path))
    assert list(trace.observed()) == []
    assert trace.routes() == {"GET /a": 3}
    assert trace.command == ("pytest",)
    assert trace.unwatched == {"sqlite3.Cursor.execute"}


def test_a_call_is_observed_with_its_count_time_and_stack(tmp_path: Path) -> None:
    (seen,) = read_trace(written(tmp_path, calls=[call("GET /a")])).observed()
    assert seen == Observed("GET /a", "time.sleep", 2, 0.5, (Frame("app.py", 3, "view"),))


def test_what_no_request_or_no_line_of_the_project_did_is_left_out(tmp_path: Path) -> None:
    calls = [call("GET /a", phase="startup"), call("GET /b", stack=[])]
    trace = read_trace(written(tmp_path, calls=calls))
    assert list(trace.observed()) == []
    assert [each.route for each in trace.observed(libraries=True)] == ["GET /b"]


@pytest.mark.parametrize(
    ("request_", "routes", "expected"),
    [
        ("GET /a", ("GET /a", "POST /a"), "GET /a"),
        ("POST /a", ("GET,POST /a",), "GET,POST /a"),
        ("PUT /a", ("ANY /a", "GET /a"), "ANY /a"),
        ("GET /a", ("ANY /a", "GET /a"), "GET /a"),
        ("DELETE /a", ("GET /a",), "DELETE /a"),
        ("GET /b", ("GET /a",), "GET /b"),
        ("GET /a", (), "GET /a"),
        ("GET /a/(?P<pk>[^/.]+)/$", ("GET /a/(?P<pk>[^/.]+)/",), "GET /a/(?P<pk>[^/.]+)/"),
        ("GET /^a$", ("GET /a", "GET /b"), "GET /a"),
        (r"GET /a\$", ("GET /a",), r"GET /a\$"),
    ],
)
def test_a_request_finds_the_route_that_serves_it(
    tmp_path: Path, request_: str, routes: tuple[str, ...], expected: str
) -> None:
    (seen,) = read_trace(written(tmp_path, calls=[call(request_)])).observed(routes)
    assert seen.route == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "it is no JSON"),
        ("[]", "it is no trace"),
        ('{"routes": []}', "it is no trace"),
        ('{"calls": [], "schema_version": 2}', "its schema_version is 2, expected 1"),
        ('{"calls": [], "schema_version": 1}', "it lacks 'command'"),
    ],
    ids=["text", "list", "other", "version", "cut"],
)
def test_another_file_is_refused_with_the_command_that_writes_one(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "t.json"
    file.write_text(text, "utf-8")
    with pytest.raises(InvalidTrace, match=f"{message}.*; write one with: wsgi-bridge trace -o"):
        read_trace(file)
