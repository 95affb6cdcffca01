"""`wsgi-bridge serve` with a Migration as its target, and the dashboard beside it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge import Migration, WsgiToAsgi
from bridge.cli.errors import OptionConflict, ReportFileWrong
from bridge.cli.loading import load
from bridge.cli.serve import serve, settings_from
from bridge.cli.settings import ServeSettings
from bridge.cli.worker import build
from tests.asgi_driver import AsgiCall, AsgiLifespan
from tests.incremental.applications import legacy, modern

LOCAL = [(b"host", b"localhost")]


def settings(*words: str) -> ServeSettings:
    with serve.make_context("serve", ["shop", *words]) as context:
        options = dict(context.params)
        return settings_from(options.pop("target"), "/srv", options)


def made() -> Migration:
    return Migration(legacy, modern, routes={"GET /x": "modern"}, store="memory:")


async def served(*words: str) -> Any:
    """Return what a worker serves; made in a thread, for a server makes it before its loop runs."""
    return await asyncio.to_thread(lambda: build(made(), settings(*words)))


async def get(app: Any, path: str, **scope: Any) -> Any:
    call = AsgiCall(app, path=path, **scope)
    call.scope["headers"] = LOCAL
    return await call.run()


async def test_a_migration_is_served_as_it_is() -> None:
    worker = await served("--metrics")
    async with AsgiLifespan(worker):
        assert (await get(worker, "/x")).body.startswith(b'["modern"')
        assert (await get(worker, "/y")).body.startswith(b'["legacy"')
        assert b"wsgi_bridge_threads" in (await get(worker, "/metrics")).body


@pytest.mark.parametrize("path", ["/_migration", "/_migration/", "/_migration/route?name=GET%20/x"])
async def test_the_dashboard_stands_at_its_path(path: str) -> None:
    worker = await served("--dashboard")
    path, _, query = path.partition("?")
    async with AsgiLifespan(worker):
        answer = await get(worker, path, query=query.encode())
        assert answer.status == 200
        assert b"/_migration/static/dashboard.css" in answer.body
        assert (await get(worker, "/_migration-other")).body.startswith(b'["legacy"')
        assert (await get(worker, path, client=("10.0.0.7", 1))).status == 403


async def test_below_a_mount_of_the_proxy_its_links_stay_there() -> None:
    worker = await served("--dashboard=/moves", "--root-path", "/shop", "--no-proxy-headers")
    async with AsgiLifespan(worker):
        answer = await get(worker, "/moves/")
    assert b'href="/shop/moves/static/dashboard.css"' in answer.body


async def test_what_is_clicked_on_the_dashboard_is_not_recorded(tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"
    worker = await served("--dashboard", "--record", str(file))
    async with AsgiLifespan(worker):
        assert (await get(worker, "/_migration/")).status == 200
        assert (await get(worker, "/x")).status == 200
    recorded = await asyncio.to_thread(file.read_text, "utf-8")
    assert [json.loads(line)["target"] for line in recorded.splitlines()] == ["/x"]


async def test_a_token_opens_the_dashboard_to_others() -> None:
    worker = await served("--dashboard", "--dashboard-token", "s3cret")
    async with AsgiLifespan(worker):
        welcome = await get(worker, "/_migration/", query=b"token=s3cret", client=("10.0.0.7", 1))
    assert (welcome.status, welcome.header(b"location")) == (303, b"/_migration/")
    assert "s3cret" not in repr(settings("--dashboard", "--dashboard-token", "s3cret"))


@pytest.mark.parametrize("token", [[], ["--dashboard-token", "s3cret"]], ids=["this machine", "token"])
async def test_a_page_of_one_worker_is_known_to_the_others(token: list[str]) -> None:
    environment: dict[str, str] = {}
    settings("--dashboard", *token).store(environment)
    workers = [
        await asyncio.to_thread(lambda: build(made(), ServeSettings.restore(environment))) for _ in range(2)
    ]
    known = [(b"host", b"localhost")]
    if token:
        welcome = await get(workers[0], "/_migration/", query=b"token=s3cret")
        known.append((b"cookie", (welcome.header(b"set-cookie") or b"").split(b";")[0]))
    pages = []
    for worker in workers:
        call = AsgiCall(worker, path="/_migration/route", query=b"name=GET%20/x")
        call.scope["headers"] = known
        pages.append(re.findall(rb'name="form_token" value="(\w+)"', (await call.run()).body))
    assert pages[0] == pages[1] != []
    assert settings("--dashboard").edge.dashboard_secret != settings("--dashboard").edge.dashboard_secret
    assert settings().edge.dashboard_secret is None


async def test_the_dashboard_shows_the_verdicts_of_a_report(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    route = {"id": "GET /x", "methods": ["GET"], "path": "/x", "verdict": "rewrite", "effort": 3}
    routes = [{**route, "handler": "shop.x", "reasons": []}]
    report.write_text(json.dumps({"schema_version": 1, "routes": routes}))
    worker = await served("--dashboard", "--dashboard-report", str(report))
    async with AsgiLifespan(worker):
        assert b'<span class="verdict rewrite">' in (await get(worker, "/_migration/")).body


def test_a_file_that_is_no_report_is_refused(tmp_path: Path) -> None:
    report = tmp_path / "none.json"
    with pytest.raises(ReportFileWrong, match="--dashboard-report"):
        build(made(), settings("--dashboard", "--dashboard-report", str(report)))


def test_options_that_do_not_reach_it_are_refused() -> None:
    with pytest.raises(OptionConflict, match="bridge of its own"):
        build(made(), settings("--threads", "5"))
    with pytest.raises(OptionConflict, match="and the target is a WSGI application"):
        build(legacy, settings("--dashboard"))


def test_a_target_may_be_a_migration(project: Callable[[dict[str, str]], Path], import_system: None) -> None:
    source = (
        "import flask\nfrom bridge import Migration\n"
        "async def modern(scope, receive, send): ...\n"
        "app = Migration(flask.Flask('x'), modern, store='memory:')\n"
    )
    loaded = load("moving_shop", str(project({"moving_shop.py": source})))
    assert isinstance(loaded.application, Migration)
    assert loaded.framework is not None
    assert loaded.framework.name == "Flask"
    assert isinstance(loaded.application.legacy, WsgiToAsgi)
