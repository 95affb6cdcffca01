from __future__ import annotations

from bridge.analysis.components import components
from bridge.analysis.model import Plan, Severity
from bridge.analysis.planning import planned
from tests.analysis.making import finding

#   x --> a --> load      y --> load      z --> b <-> c, c blocks
CALLS = {
    "x": {"a", "quiet"},
    "a": {"load"},
    "y": {"load"},
    "z": {"b"},
    "b": {"c"},
    "c": {"b"},
    "quiet": set[str](),
}
ENTRIES = {"GET /x": ("x",), "GET /y": ("y",), "GET /z": ("z",), "GET /q": ("quiet",)}
LOAD = finding(symbol="load", routes=("GET /x", "GET /y"))
C = finding(
    id="F2", rule="WB101", sink="time.sleep", symbol="c", routes=("GET /z",), effort=3, replacement=None
)


def plan(*findings: object) -> Plan:
    return planned(findings, CALLS, ENTRIES, {"requests.get": "requests"})  # type: ignore[arg-type] # findings


def test_components_put_cycles_together_and_callees_first() -> None:
    assert components({"a": ["b"], "b": ["c", "a"], "c": ["d"], "d": []}) == (("d",), ("c",), ("a", "b"))


def test_components_go_as_deep_as_the_calls() -> None:
    deep = {str(number): [str(number + 1)] for number in range(20_000)}
    assert components(deep)[0] == ("20000",)


def test_nothing_to_do_is_an_empty_plan() -> None:
    assert plan() == Plan()


def test_what_only_informs_is_not_planned() -> None:
    assert plan(finding(symbol="load", severity=Severity.INFO)) == Plan()


def test_waves_go_from_the_leaves_up_and_a_cycle_is_one_unit() -> None:
    waves = plan(LOAD, C).waves
    assert [[unit.symbols for unit in wave.units] for wave in waves] == [
        [("load",), ("b", "c")],
        [("a",), ("y",), ("z",)],
        [("x",)],
    ]


def test_a_unit_frees_the_routes_that_wait_for_nothing_else() -> None:
    freed = {unit.symbols: unit.unblocks for wave in plan(LOAD, C).waves for unit in wave.units}
    assert freed == {
        ("load",): (),
        ("b", "c"): (),
        ("a",): (),
        ("y",): ("GET /y",),
        ("z",): ("GET /z",),
        ("x",): ("GET /x",),
    }


def test_a_unit_says_what_to_do() -> None:
    actions = {unit.symbols: unit.actions for wave in plan(LOAD, C).waves for unit in wave.units}
    assert actions["load",] == ("shop/views.py:3: requests.get -> httpx.AsyncClient.get",)
    assert actions["b", "c"] == (
        "shop/views.py:3: time.sleep: no async replacement is known, hand it to a thread: asyncio.to_thread (WB101)",
    )
    assert actions["a",] == ("make it async def, await load",)


def test_effort_is_that_of_the_findings_and_one_point_for_passing_on() -> None:
    effort = {unit.symbols: unit.effort for wave in plan(LOAD, C).waves for unit in wave.units}
    assert effort == {("load",): 1, ("b", "c"): 3, ("a",): 1, ("y",): 1, ("z",): 1, ("x",): 1}
    assert [wave.effort for wave in plan(LOAD, C).waves] == [4, 3, 1]


def test_packages_come_first_and_what_keeps_its_name_is_no_swap() -> None:
    [swap] = plan(LOAD, C).packages_first
    assert (swap.name, swap.replacement, swap.findings, swap.routes) == (
        "requests",
        "httpx",
        1,
        ("GET /x", "GET /y"),
    )
    assert planned([LOAD], CALLS, ENTRIES, {"requests.get": "HTTPX"}).packages_first == ()


def test_shared_functions_are_those_with_most_routes_per_point() -> None:
    shared = plan(LOAD, C).shared
    assert [(unit.symbols, unit.unblocks) for unit in shared] == [
        (("load",), ("GET /x", "GET /y")),
        (("c",), ("GET /z",)),
    ]


def test_a_route_is_free_when_the_last_of_its_functions_is_changed() -> None:
    both = (LOAD, finding(id="F3", symbol="quiet", routes=("GET /x",), effort=7))
    assert [(unit.symbols, unit.unblocks) for unit in plan(*both).shared] == [
        (("load",), ("GET /y",)),
        (("quiet",), ("GET /x",)),
    ]


def test_the_critical_path_is_the_longest_chain() -> None:
    assert plan(LOAD, C).critical_path == ("load", "a", "x")
