"""The lanes file: what it says, what is wrong with it, and which lane a request gets."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from bridge import WsgiToAsgi, await_
from bridge.analysis.lanes import LIMITS
from bridge.errors import InvalidLanes, InvalidOption, NotInGreenlet
from bridge.executors.greenlets import GreenletExecutor
from bridge.executors.lanes import LaneTable, lane_table
from bridge.executors.route_patterns import pattern_or_error
from bridge.executors.threads import ThreadExecutor
from tests.asgi_driver import AsgiCall


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("GET /", "/", True),
        ("GET /", "/x", False),
        ("GET /users/<int:id>", "/users/1", True),
        ("GET /users/<int:id>", "/users/1/edit", False),
        ("GET /users/<id>/", "/users/1/", True),
        ("GET /files/<path:rest>", "/files/a/b", True),
        ("GET /users/{id}", "/users/1", True),
        ("GET /users/{id:int}", "/users/1", True),
        ("GET /users/{id:[0-9]+}", "/users/x", False),
        ("ANY /legacy/{path:path}", "/legacy/a/b", True),
        ("GET /notes/*rest", "/notes/a/b", True),
        ("GET /authors/(?P<pk>[0-9]+)/", "/authors/12/", True),
        ("GET /authors/(?P<pk>[0-9]+)/", "/authors/x/", False),
        ("GET /a(?P<x>[)]|\\()/b", "/a)/b", True),
        ("GET /orders.csv", "/ordersxcsv", False),
    ],
)
def test_a_pattern_fits_a_path(pattern: str, path: str, fits: bool) -> None:
    assert pattern_or_error(pattern).matches("GET", path) is fits


@pytest.mark.parametrize(
    ("pattern", "method", "fits"),
    [
        ("GET /x", "HEAD", True),
        ("GET /x", "POST", False),
        ("GET,POST /x", "POST", True),
        ("POST /x", "HEAD", False),
        ("ANY /x", "DELETE", True),
    ],
)
def test_a_pattern_fits_a_method(pattern: str, method: str, fits: bool) -> None:
    assert pattern_or_error(pattern).matches(method, "/x") is fits


@pytest.mark.parametrize("pattern", ["GET /{a}.{b}.{c}", "GET /x<a><b>", "GET /([a-z.]+).([a-z.]+)/x"])
def test_a_long_segment_with_several_parameters_takes_no_time(pattern: str) -> None:
    """Trying out where one parameter ends took minutes, on the event loop, for a path of 8 KB."""
    began = time.process_time()
    assert not pattern_or_error(pattern).matches("GET", f"/x{'.' * 60_000}/")
    assert time.process_time() - began < 1.0


def test_a_long_path_of_short_segments_still_fits() -> None:
    path = "/".join(["", "api", "a" * 500, "b" * 500, "name.json"])
    assert pattern_or_error("GET /api/<x>/<y>/<name>.<format>").matches("GET", path)


def test_repeated_slashes_do_not_lead_to_another_lane() -> None:
    table = lane_table({"routes": {"GET /events": "stream", "GET /files/<path:name>": "stream"}})
    assert [table.lane("GET", path) for path in ("//events", "/files//a", "/files/a\nb", "/other")] == [
        *["stream"] * 3,
        "thread",
    ]


def test_the_more_specific_route_counts_then_the_first() -> None:
    table = lane_table(
        {
            "routes": {
                "ANY /{rest:path}": "stream",
                "GET /users/{id}": "thread",
                "GET /users/me": "greenlet",
                "GET /users/{name}": "stream",
            }
        }
    )
    asked = ["/users/me", "/users/1", "/users/1/x"]
    assert [table.lane("GET", path) for path in asked] == ["greenlet", "thread", "stream"]
    assert (table.lane("POST", "/users/1"), table.lane("GET", "no slash")) == ("stream", "thread")


@pytest.mark.parametrize(
    ("plain", "message"),
    [
        ({"defaults": "thread"}, "'defaults' is unknown; expected default, lanes, routes, version"),
        ({"version": 2}, "version = 2 is unknown"),
        ({"default": "async"}, "default: there is no lane 'async'; expected thread, greenlet, stream"),
        ({"lanes": {"fibre": {}}}, "[lanes.fibre]: there is no lane 'fibre'"),
        ({"lanes": {"greenlet": {"max_threads": 1}}}, "[lanes.greenlet]: max_threads is unknown"),
        ({"lanes": {"thread": 3}}, "expected a table"),
        ({"routes": ["GET /"]}, "expected a table, [routes]"),
        ({"routes": {"GET /": "slow"}}, "route 'GET /': there is no lane 'slow'"),
        ({"routes": {"/": "thread"}}, "a route is METHODS, a space and a path"),
        ({"routes": {"get /": "thread"}}, "'get' is no method"),
        ({"routes": {"GET,ANY /": "thread"}}, "'ANY' is no method"),
        ({"routes": {"GET /([a-z": "thread"}}, "is never closed"),
        ({"routes": {"GET /(?<x)": "thread"}}, "regular expression is not valid"),
    ],
)
def test_what_is_wrong_is_said(plain: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidLanes) as caught:
        lane_table(plain)
    assert message in str(caught.value)


def test_a_limit_that_makes_no_sense_names_its_lane() -> None:
    with pytest.raises(InvalidLanes, match=r"\[lanes.thread\]: max_threads=0 is not possible"):
        WsgiToAsgi(plain, lanes={"lanes": {"thread": {"max_threads": 0}}})


def test_a_file_is_named_in_its_errors(tmp_path: Path) -> None:
    file = tmp_path / "lanes.toml"
    with pytest.raises(InvalidLanes, match=r"lanes\.toml: it can't be read"):
        lane_table(file)
    file.write_text("default =")
    with pytest.raises(InvalidLanes, match=r"lanes\.toml: it is no TOML"):
        lane_table(str(file))
    file.write_text('[routes]\n"GET /x" = "greenlet"\n')
    assert lane_table(file).names == ("thread", "greenlet")


def test_the_written_limits_are_the_executors_own() -> None:
    greenlets, threads = GreenletExecutor(), ThreadExecutor()
    for lane, executor in (("greenlet", greenlets), ("thread", threads), ("stream", threads)):
        assert {name: getattr(executor, name) for name in LIMITS[lane]} == LIMITS[lane]


def plain(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    async def here() -> None:
        pass

    start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        await_(here())
    except NotInGreenlet:
        return [b"thread"]
    return [b"greenlet"]


async def test_each_route_runs_in_its_lane(bridged: Any) -> None:
    table = {"routes": {"GET /in/{x}": "greenlet", "GET /out": "stream"}}
    bridge = bridged(plain, lanes=table)
    assert list(bridge.executors) == ["thread", "greenlet", "stream"]
    answers = [
        (await AsgiCall(bridge, path=path, root_path=root).run()).body
        for path, root in (("/in/1", ""), ("/app/in/1", "/app"), ("/out", ""), ("/else", ""))
    ]
    assert answers == [b"greenlet", b"greenlet", b"thread", b"thread"]
    for executor in bridge.executors.values():
        assert await executor.drain() == []
    assert {lane: each.statistics().finished for lane, each in bridge.executors.items()} == {
        "thread": 1,
        "greenlet": 2,
        "stream": 1,
    }


@pytest.mark.parametrize("options", [{"executor": "greenlet"}, {"max_threads": 3}, {"max_queue": 3}])
def test_options_that_lanes_have_themselves_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidOption):
        WsgiToAsgi(plain, lanes={}, **options)


def test_no_lanes_but_the_default() -> None:
    table = lane_table({})
    assert (table, table.names) == (LaneTable("thread", {}, ()), ("thread",))
