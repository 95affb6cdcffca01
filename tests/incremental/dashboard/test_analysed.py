"""The analyser's report in the dashboard: which rule each of its routes goes by, and what is shown of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bridge.incremental.configuration import Configuration
from bridge.incremental.dashboard import Dashboard
from bridge.incremental.dashboard.analysed import AnalysedRoute, InvalidReport, ReportFile, rules_of
from bridge.incremental.store.memory import MemoryStore
from tests.asgi_driver import AsgiCall


def route(text: str, verdict: str = "offload") -> dict[str, Any]:
    methods, _, path = text.partition(" ")
    return {
        "id": text,
        "methods": [] if methods == "ANY" else methods.split(","),
        "path": path,
        "verdict": verdict,
        "effort": 3,
        "handler": "shop.views.handler",
        "reasons": ["waits for <the> database", "sleeps"],
    }


def written(path: Path, *routes: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"schema_version": 1, "routes": list(routes)}))
    return path


def analysed(text: str) -> AnalysedRoute:
    plain = route(text)
    return AnalysedRoute(text, tuple(plain["methods"]), plain["path"], "offload", 3, "", ())


@pytest.mark.parametrize(
    ("found", "rule"),
    [
        ("GET /users/<int:id>", "GET /users/<int:id>"),
        ("GET /users/<id>", "GET /users/<int:id>"),
        ("GET /users/{id:int}", "GET /users/<int:id>"),
        ("GET /authors/(?P<pk>[0-9]+)/", "GET /authors/<int:pk>/"),
        ("ANY /admin/(?P<app>auth|shop(?:s)?)/$", "ANY /admin/<path:rest>"),
        ("ANY /files/<path:name>", "GET /files/{name:path}"),
        ("GET /export/<any(csv, xml):form>", "GET /export/<any(csv,xml):form>"),
        ("GET /things/<uuid:id>", "GET /things/<uuid:id>"),
        ("POST /users/<int:id>", "*"),
        ("GET /else", "*"),
    ],
)
def test_a_route_of_the_report_goes_by_the_rule_its_requests_go_by(found: str, rule: str) -> None:
    names = (
        "GET /users/<int:id>",
        "GET /authors/<int:pk>/",
        "ANY /admin/<path:rest>",
        "GET /files/{name:path}",
        "GET /export/<any(csv,xml):form>",
        "GET /things/<uuid:id>",
        "a rule that is gone",
        "GET /users/<int:number>",
        "*",
    )
    assert rules_of((analysed(found),), names) == [(rule,)]


def test_a_route_of_several_methods_may_go_by_several_rules() -> None:
    assert rules_of((analysed("GET,POST /cart"),), ("GET /cart", "*")) == [("GET /cart", "*")]


async def page(app: Dashboard, path: str = "/", query: bytes = b"") -> str:
    call = AsgiCall(app, path=path, query=query)
    call.scope["headers"] = [(b"host", b"localhost")]
    return (await call.run()).body.decode()


async def test_progress_is_counted_by_the_analyser_s_verdict(tmp_path: Path) -> None:
    report = written(
        tmp_path / "report.json",
        route("GET /a", "ready"),
        route("GET /b", "rewrite"),
        route("GET /c", "rewrite"),
        route("GET,POST /d", "ready"),
    )
    rules = {"GET /a": "modern", "GET /b": "shadow", "GET /d": "modern"}
    configuration = Configuration.from_mapping({"routes": rules})
    # In a thread: a server makes it before its loop runs.
    app = await asyncio.to_thread(lambda: Dashboard(MemoryStore(), lambda: configuration, report=report))
    text = await page(app)
    assert "1 of 4 routes have moved" in text, "POST /d is still legacy's"
    assert 'aria-label="1 modern, 1 legacy"' in text, "ready"
    assert 'aria-label="1 shadow, 1 legacy"' in text, "rewrite"
    detail = await page(app, "/route", b"name=GET%20/b")
    assert "waits for &lt;the&gt; database" in detail
    assert "<summary>1 more</summary><ul><li>sleeps</li></ul>" in detail
    assert "shop.views.handler" in detail

    written(report, route("GET /a", "redesign"))
    assert "1 of 1 routes have moved" in await page(app), "a new report is read"
    report.write_text("{")
    assert "1 of 1 routes have moved" in await page(app), "half of one is not"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema_version": 2, "routes": []}', '{"schema_version": 1, "routes": [{}]}']
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(InvalidReport, match=r"report --output-format json --output-file r\.json"):
        ReportFile(tmp_path / "r.json")
    with pytest.raises(InvalidReport):
        ReportFile(tmp_path / "none.json")
