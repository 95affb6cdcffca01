from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bridge import WsgiToAsgi
from bridge.cli.logs import ACCESS_LOGGERS, LOGGERS
from bridge.cli.proxy import BehindProxy
from bridge.cli.settings import VARIABLE, Edge, Limits, Listen, ServeSettings
from bridge.cli.worker import STARTUP_FAILURE, build, create
from bridge.observe.metrics import MetricsPage
from tests.asgi_driver import AsgiCall, AsgiLifespan
from tests.cli.conftest import Project

DIRECT = Edge(proxy_headers=False)


def shop(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["SCRIPT_NAME"].encode(), environ["PATH_INFO"].encode()]


def settings(**changes: Any) -> ServeSettings:
    return ServeSettings(**{"target": "shop", "folder": "/", "edge": DIRECT, **changes})


@pytest.fixture
def quiet_loggers() -> Iterator[None]:
    known = [logging.getLogger(name) for name in (*LOGGERS, *ACCESS_LOGGERS)]
    before = [(logger.level, logger.propagate, list(logger.handlers)) for logger in known]
    yield
    for logger, (level, propagate, handlers) in zip(known, before, strict=True):
        logger.setLevel(level)
        logger.propagate, logger.handlers = propagate, handlers


# ---------------------------------------------------------------- build


def test_build_gives_the_bridge_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("bridge.WsgiToAsgi", lambda app, **options: given.update(options, app=app))
    limits = Limits(
        max_threads=1,
        max_queue=2,
        queue_timeout=3.0,
        shutdown_timeout=4.0,
        client_timeout=7.0,
        body_window=5,
        high_water=6,
        spool_chunked=False,
        keep_underscore_headers=True,
        websockets=True,
    )
    build(shop, settings(limits=limits))
    assert given == {
        "app": shop,
        "max_threads": 1,
        "max_queue": 2,
        "queue_timeout": 3.0,
        "shutdown_timeout": 4.0,
        "multiprocess": False,
        "client_timeout": 7.0,
        "body_window": 5,
        "high_water": 6,
        "spool_chunked": False,
        "keep_underscore_headers": True,
        "websockets": True,
    }


@pytest.mark.parametrize(("workers", "multiprocess"), [(1, b"False"), (2, b"True")])
async def test_wsgi_multiprocess_is_true_where_there_are_several_workers(
    workers: int, multiprocess: bytes
) -> None:
    def telling(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(environ["wsgi.multiprocess"]).encode()]

    served = build(telling, settings(workers=workers))
    async with AsgiLifespan(served):
        assert (await AsgiCall(served).run()).body == multiprocess


def test_build_adds_nothing_that_was_not_asked_for() -> None:
    served = build(shop, settings())
    assert isinstance(served, WsgiToAsgi)
    assert served.app is shop


def test_build_puts_the_proxy_s_word_before_the_metrics() -> None:
    served = build(shop, settings(edge=Edge(metrics="/m", root_path="/shop"), listen=Listen(uds="/x")))
    assert isinstance(served, BehindProxy)
    assert served.local is True
    assert isinstance(served.app, MetricsPage)
    assert isinstance(served.app.app, WsgiToAsgi)
    assert served.app.path == "/m"


def test_build_without_proxy_headers_but_with_a_root_path_trusts_nobody() -> None:
    served = build(shop, settings(edge=Edge(proxy_headers=False, root_path="/shop")))
    assert isinstance(served, BehindProxy)
    assert (served.trusted, served.root_path) == (None, "/shop")


@pytest.mark.parametrize("path", ["/basket", "/shop/basket"], ids=["cut off", "left in"])
async def test_build_mounts_under_the_root_path_whether_or_not_the_proxy_cuts_it_off(path: str) -> None:
    served = build(shop, settings(edge=Edge(root_path="/shop")))
    async with AsgiLifespan(served):
        answer = await AsgiCall(served, path=path).run()
    assert answer.body == b"/shop/basket"


async def test_build_shows_the_metrics_of_the_bridge_at_their_path_only() -> None:
    served = build(shop, settings(edge=Edge(metrics="/m")))
    async with AsgiLifespan(served):
        assert (await AsgiCall(served, path="/metrics").run()).body == b"/metrics"
        metrics = (await AsgiCall(served, path="/m").run()).body.decode()
    assert 'wsgi_bridge_requests_finished_total{lane="bridge"' in metrics


# ---------------------------------------------------------------- create


@pytest.mark.usefixtures("import_system", "quiet_loggers")
def test_create_serves_what_the_environment_says(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(project({"worker_shop.py": "def app(environ, start_response): return []\n"}))
    environment: dict[str, str] = {}
    settings(target="worker_shop", folder=folder).store(environment)
    monkeypatch.setenv(VARIABLE, environment[VARIABLE])
    served = create()
    assert isinstance(served, WsgiToAsgi)
    assert served.app.__module__ == "worker_shop"


@pytest.mark.usefixtures("import_system", "quiet_loggers")
def test_create_tells_what_is_wrong_and_ends_the_process(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment: dict[str, str] = {}
    settings(target="worker_broken", folder=str(project({"worker_broken.py": "1 / 0\n"}))).store(environment)
    monkeypatch.setenv(VARIABLE, environment[VARIABLE])
    with pytest.raises(SystemExit) as end:
        create()
    assert end.value.code == STARTUP_FAILURE == 3
    assert capsys.readouterr().err.startswith("Error: importing worker_broken raised ZeroDivisionError")
