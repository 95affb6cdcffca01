"""The bridge below a prefix: under Starlette's and FastAPI's mounts SCRIPT_NAME and PATH_INFO are right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fastapi
import flask
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, Router

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall

Bridged = Callable[..., WsgiToAsgi]


def paths(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}".encode("latin-1")]


async def modern(request: Any) -> PlainTextResponse:
    return PlainTextResponse("modern")


def starlette_mount(app: Any, prefix: str) -> Any:
    return Starlette(routes=[Route("/modern", modern), Mount(prefix, app)])


def fastapi_mount(app: Any, prefix: str) -> Any:
    modern_app = fastapi.FastAPI()
    modern_app.add_api_route("/modern", lambda: "modern")
    modern_app.mount(prefix, app)
    return modern_app


def nested_mount(app: Any, prefix: str) -> Any:
    """Mount below a mount, both parts of the prefix."""
    outer, _, inner = prefix.rpartition("/")
    return Starlette(routes=[Mount(outer or "/", Router(routes=[Mount("/" + inner, app)]))])


MOUNTS = {"starlette": starlette_mount, "fastapi": fastapi_mount}


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
@pytest.mark.parametrize(
    ("request_path", "expected"),
    [
        ("/legacy/", b"/legacy|/"),
        ("/legacy/a/b", b"/legacy|/a/b"),
        ("/legacy/legacy/a", b"/legacy|/legacy/a"),
        ("/legacy//a", b"/legacy|//a"),
    ],
)
async def test_a_mount_moves_its_prefix_to_SCRIPT_NAME(
    bridged: Bridged, mount: Any, request_path: str, expected: bytes
) -> None:
    answer = await AsgiCall(mount(bridged(paths), "/legacy"), path=request_path).run()
    assert (answer.status, answer.body) == (200, expected)


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
async def test_a_path_that_only_begins_like_the_prefix_is_not_mounted(bridged: Bridged, mount: Any) -> None:
    assert (await AsgiCall(mount(bridged(paths), "/legacy"), path="/legacyish").run()).status == 404


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
async def test_a_mount_at_the_root_leaves_SCRIPT_NAME_empty(bridged: Bridged, mount: Any) -> None:
    application = mount(bridged(paths), "/")
    assert (await AsgiCall(application, path="/a").run()).body == b"|/a"
    assert b"modern" in (await AsgiCall(application, path="/modern").run()).body


async def test_mounts_below_mounts_add_up(bridged: Bridged) -> None:
    application = nested_mount(bridged(paths), "/v1/legacy")
    assert (await AsgiCall(application, path="/v1/legacy/a").run()).body == b"/v1/legacy|/a"


async def test_the_servers_root_path_comes_before_the_mounts(bridged: Bridged) -> None:
    application = starlette_mount(bridged(paths), "/legacy")
    call = AsgiCall(application, path="/proxy/legacy/a", root_path="/proxy")
    assert (await call.run()).body == b"/proxy/legacy|/a"


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
async def test_bytes_that_are_no_UTF_8_survive_a_mount(bridged: Bridged, mount: Any) -> None:
    application = mount(bridged(paths), "/legacy")
    call = AsgiCall(application, path="/legacy/caf\ufffd", raw_path=b"/legacy/caf%e9")
    assert (await call.run()).body == b"/legacy|/caf\xe9"


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
async def test_a_prefix_outside_ASCII(bridged: Bridged, mount: Any) -> None:
    application = mount(bridged(paths), "/älter")
    assert (await AsgiCall(application, path="/älter/ö").run()).body == "/älter|/ö".encode()


async def test_a_host_route_does_not_change_the_path(bridged: Bridged) -> None:
    application = Starlette(routes=[Host("testserver", bridged(paths))])
    assert (await AsgiCall(application, path="/a").run()).body == b"|/a"


# ---------------------------------------------------------------- what frameworks make of it


def flask_application() -> flask.Flask:
    app = flask.Flask(__name__)

    @app.get("/where/<path:rest>")
    def where(rest: str) -> dict[str, str]:
        return {
            "path": flask.request.path,
            "root": flask.request.script_root,
            "url": flask.request.url,
            "url_for": flask.url_for("where", rest="else where"),
            "external": flask.url_for("where", rest="x", _external=True),
            "static": flask.url_for("static", filename="a.css"),
        }

    @app.get("/away")
    def away() -> Any:
        return flask.redirect(flask.url_for("where", rest="there"))

    @app.get("/folder/")
    def folder() -> str:
        return "folder"

    return app


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
async def test_url_for_of_flask_has_the_prefix(bridged: Bridged, mount: Any) -> None:
    application = mount(bridged(flask_application()), "/legacy")
    answer = await AsgiCall(application, path="/legacy/where/a").run()
    assert flask.json.loads(answer.body) == {
        "path": "/where/a",
        "root": "/legacy",
        "url": "http://testserver/legacy/where/a",
        "url_for": "/legacy/where/else%20where",
        "external": "http://testserver/legacy/where/x",
        "static": "/legacy/static/a.css",
    }


@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
@pytest.mark.parametrize(
    ("request_path", "location"),
    [
        ("/legacy/away", b"/legacy/where/there"),
        ("/legacy/folder", b"http://testserver/legacy/folder/"),  # Werkzeug's own redirect to the slash
    ],
)
async def test_redirects_of_flask_have_the_prefix(
    bridged: Bridged, mount: Any, request_path: str, location: bytes
) -> None:
    answer = await AsgiCall(mount(bridged(flask_application()), "/legacy"), path=request_path).run()
    assert answer.status in {302, 308}
    assert answer.header(b"location") == location


async def test_two_applications_side_by_side_share_an_executor(bridged: Bridged) -> None:
    one = bridged(paths)
    two = WsgiToAsgi(paths, executor=one.executor)
    application = Starlette(routes=[Mount("/one", one), Mount("/two", two)])
    assert (await AsgiCall(application, path="/one/a").run()).body == b"/one|/a"
    assert (await AsgiCall(application, path="/two/a").run()).body == b"/two|/a"
    assert one.executor.statistics().started == 2
