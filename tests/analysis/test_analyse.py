"""The whole way, on projects of a few lines: what is asked for, left out, excused, and what crashes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.analysis import inspecting
from bridge.analysis.analyse import STAGES, analyse, analysed
from bridge.analysis.configuration import Configuration
from bridge.analysis.explaining import known_names, why
from bridge.analysis.facts import Scope
from bridge.analysis.frameworks.base import Options
from bridge.analysis.lanes import LIMITS, lanes_toml
from bridge.analysis.model import Discovery
from bridge.analysis.project import Project
from bridge.analysis.rules import Inspection, Obstacle, rules
from bridge.analysis.solving.state import State
from bridge.executors import base, bounded, threads

SHOP = """\
import time

import requests
from flask import Flask

from rates import ask

app = Flask(__name__, static_folder=None)


@app.get("/slow")
def slow():
    time.sleep(1)
    return ask()


@app.get("/quick")
def quick():
    return "at once"
"""
RATES = "import requests\n\n\ndef ask():\n    return requests.get('http://carrier').text\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "rates.py").write_text(RATES)
    return tmp_path


def found(
    folder: Path, configuration: Configuration | None = None, assume: dict[str, str] | None = None
) -> list[str]:
    report = analyse(folder, configuration, assume=assume)
    return [f"{each.rule} {each.sink} {each.file}" for each in report.findings]


STORE = """\
from flask import Flask

app = Flask(__name__, static_folder=None)


class Store:
    def load(self):
        return "from memory"


def page(store):
    return store.load()


@app.get("/")
def index():
    return page(Store())
"""
TEST_OF_STORE = """\
import time

from store import page


class SlowStore:
    def load(self):
        time.sleep(1)


def test_page_waits():
    page(SlowStore())
"""


def test_what_a_test_passes_reaches_no_route(tmp_path: Path) -> None:
    (tmp_path / "store.py").write_text(STORE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_store.py").write_text(TEST_OF_STORE)
    made = analysed(tmp_path)
    assert not made.report.findings
    assert {scope.kind for scope in _scopes_run(made.survey.state, "tests/test_store.py")} == set()


def test_tests_are_followed_where_there_is_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "test_store.py").write_text(STORE)
    assert {scope.name for scope in _scopes_run(analysed(tmp_path).survey.state, "test_store.py")} > {"page"}


def _scopes_run(state: State, file: str) -> list[Scope]:
    program = state.program
    numbers = {each.scope for each in state.instances}
    return [program.scopes[each] for each in numbers if program.modules[program.module_of[each]].file == file]


def test_the_report_is_whole(shop: Path) -> None:
    stages: list[str] = []
    report = analyse(shop, progress=stages.append)
    assert tuple(stages) == STAGES
    assert (report.project.files, report.project.frameworks, report.crashed) == (2, ("flask",), ())
    assert [(each.id, each.verdict.value, each.lane, each.effort) for each in report.routes] == [
        ("GET /slow", "rewrite", "greenlet", 2),
        ("GET /quick", "ready", "thread", 0),
    ]
    assert [(each.rule, each.file, each.line) for each in report.findings] == [
        ("WB201", "rates.py", 5),
        ("WB101", "shop.py", 13),
    ]
    assert report.summary.findings == 2
    assert sum(report.summary.verdicts.values()) == report.summary.routes == 2
    assert {each.name for each in report.dependencies} == {"Flask", "requests"}
    assert [unit.symbols for unit in report.plan.shared] == [("rates.ask",), ("shop.slow",)]


def test_the_chain_leads_from_the_handler_to_the_call(shop: Path) -> None:
    chain = analyse(shop).findings[0].chain
    assert [(step.symbol, step.file, step.line) for step in chain] == [
        ("shop.slow", "shop.py", 14),
        ("rates.ask", "rates.py", 5),
    ]


def test_what_is_excluded_is_not_read(shop: Path) -> None:
    assert found(shop, Configuration(exclude=("rates.py",))) == ["WB101 time.sleep shop.py"]
    (shop / "old").mkdir()
    (shop / "old" / "broken.py").write_text("print 'x'\n")
    assert "WB901 old/broken.py old/broken.py" in found(shop)
    assert not any("broken" in each for each in found(shop, Configuration(exclude=("old",))))


def test_of_several_paths_nothing_else_is_kept(shop: Path) -> None:
    for name in ("web", "jobs", "old"):
        (shop / name).mkdir()
        (shop / name / "slow.py").write_text("import time\n\n\nasync def f():\n    time.sleep(1)\n")
    several = Configuration(paths=("web", "jobs"), folder=shop)
    assert found(shop, several) == ["WB751 time.sleep jobs/slow.py", "WB751 time.sleep web/slow.py"]


def test_own_sinks_are_found_and_own_offloaders_cut(shop: Path) -> None:
    (shop / "rates.py").write_text(
        "import ourlib\n\n\ndef ask():\n    return ourlib.fetch() + elsewhere(work)\n\n\ndef elsewhere(f):\n    return f()\n\n\ndef work():\n    return ourlib.fetch()\n"
    )
    own = Configuration(sinks=("ourlib.fetch",))
    assert found(shop, own).count("WB299 ourlib.fetch rates.py") == 2
    cut = replace(own, offloaders=("rates.elsewhere",))
    assert found(shop, cut).count("WB299 ourlib.fetch rates.py") == 1


def test_an_assumption_judges_every_route_anew(shop: Path) -> None:
    assert found(shop, assume={"requests": "httpx"}) == ["WB101 time.sleep shop.py"]


class Crashing:
    """A reader that fails."""

    name = "crashing"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        raise ZeroDivisionError("on purpose")


def test_a_crash_in_a_reader_is_named_and_the_rest_goes_on(shop: Path) -> None:
    from bridge.analysis.frameworks import READERS

    report = analyse(shop, readers=(Crashing(), *READERS))
    assert len(report.findings) == 2
    [crash] = report.crashed
    assert crash.startswith("the reader of crashing: ZeroDivisionError: on purpose")


def test_a_crash_in_a_rule_is_named_and_the_rest_goes_on(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
        yield Obstacle(sink="x", message="x")
        raise ZeroDivisionError("on purpose")

    broken = {**rules(), "WB510": replace(rules()["WB510"], obstacles=obstacles)}
    monkeypatch.setattr(inspecting, "rules", lambda: broken)
    report = analyse(shop)
    assert len(report.findings) == 2
    [crash] = report.crashed
    assert crash.startswith("the rule WB510: ZeroDivisionError: on purpose (obstacles, line ")


def test_the_same_route_in_two_applications_is_one_row_of_the_lanes(shop: Path) -> None:
    text = SHOP.replace("app", "other").replace("shop", "second")
    (shop / "second.py").write_text(text)
    lines = [line for line in lanes_toml(analyse(shop)).splitlines() if "GET /slow" in line]
    assert len(lines) == 1


def test_lanes_are_toml_with_a_reason_behind_each_route(shop: Path) -> None:
    import tomli

    text = lanes_toml(analyse(shop))
    assert tomli.loads(text) == {
        "version": 1,
        "default": "thread",
        "lanes": {lane: dict(LIMITS[lane]) for lane in ("thread", "greenlet")},
        "routes": {"GET /slow": "greenlet", "GET /quick": "thread"},
    }
    assert '"GET /slow" = "greenlet"  # waits cooperatively: requests.get, time.sleep' in text


def test_the_limits_of_the_lanes_are_the_executors_defaults() -> None:
    shared = {"max_queue": bounded.DEFAULT_MAX_QUEUE, "queue_timeout": bounded.DEFAULT_QUEUE_TIMEOUT}
    pool = {"max_threads": threads.DEFAULT_MAX_THREADS, **shared}
    greenlets = {"max_greenlets": base.DEFAULT_MAX_GREENLETS, **shared}
    assert {"thread": pool, "stream": pool, "greenlet": greenlets} == LIMITS


def test_why_tells_the_chains_of_a_route_and_of_a_function(shop: Path) -> None:
    analysis = analysed(shop)
    route = why(analysis, "GET /slow", None)
    assert route is not None
    assert route.is_route
    assert [each.sink for each in route.witnesses] == ["time.sleep", "requests.get"]
    function = why(analysis, "rates.ask", "requests")
    assert function is not None
    assert [len(each.chain) for each in function.witnesses] == [1]
    nothing = why(analysis, "shop.quick", None)
    assert nothing is not None
    assert nothing.witnesses == ()
    assert why(analysis, "shop.gone", None) is None
    assert {"GET /slow", "shop.slow", "rates.ask"} <= set(known_names(analysis))


def test_a_framework_is_not_swapped_for_what_replaces_one_of_its_calls(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "from django.core.mail import send_mail\nimport requests\nfrom flask import Flask\napp = Flask(__name__)\n"
        "@app.get('/x')\ndef x():\n    send_mail('a', 'b', 'c', [])\n    return requests.get('http://a').text\n"
    )
    plan = analyse(tmp_path).plan
    assert [each.name for each in plan.packages_first] == ["requests"]
