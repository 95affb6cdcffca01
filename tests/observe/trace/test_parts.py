"""Parts of several processes become one trace."""

from __future__ import annotations

import json
from pathlib import Path

from bridge.observe.trace.parts import merge, read_parts

VIEW = [["app.py", 3, "view"]]


def part(
    *calls: list[object], requests: tuple[list[object], ...] = (), unwatched: tuple[str, ...] = ()
) -> dict[str, object]:
    return {"calls": list(calls), "requests": list(requests), "unwatched": list(unwatched)}


def test_nothing_is_a_trace_too() -> None:
    assert merge([]) == {"requests": [], "calls": [], "unwatched": []}


def test_equal_calls_are_summed_and_the_most_expensive_comes_first() -> None:
    first = part(
        ["request", "GET", "/a", "time.sleep", VIEW, 2, 0.5, 0.4, True, True],
        ["request", "GET", "/b", "time.sleep", VIEW, 1, 2.0, 2.0, True, True],
        requests=(["GET", "/a", 2],),
        unwatched=("b",),
    )
    second = part(
        ["request", "GET", "/a", "time.sleep", VIEW, 1, 0.6, 0.6, True, True],
        requests=(["GET", "/a", 1], ["GET", "/b", 1]),
        unwatched=("a", "b"),
    )
    found = merge([first, second])
    assert [(call["route"], call["count"], call["seconds"], call["longest"]) for call in found["calls"]] == [
        ("GET /b", 1, 2.0, 2.0),
        ("GET /a", 3, 1.1, 0.6),
    ]
    assert [(each["route"], each["count"]) for each in found["requests"]] == [("GET /a", 3), ("GET /b", 1)]
    assert found["unwatched"] == ["a", "b"]


def test_calls_differ_by_where_they_stand() -> None:
    other = [["app.py", 4, "view"]]
    found = merge(
        [
            part(["request", "GET", "/a", "time.sleep", VIEW, 1, 0.1, 0.1, True, True]),
            part(["request", "GET", "/a", "time.sleep", other, 1, 0.1, 0.1, True, True]),
        ]
    )
    assert [call["stack"][0]["line"] for call in found["calls"]] == [3, 4]


def test_a_part_that_was_cut_off_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "1-a.json").write_text(json.dumps(part()), "utf-8")
    (tmp_path / "2-b.json").write_text('{"calls": [[', "utf-8")
    (tmp_path / "3-c.json.new").write_text("{}", "utf-8")
    assert read_parts(tmp_path) == [part()]
