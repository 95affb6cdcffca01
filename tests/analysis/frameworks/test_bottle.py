from __future__ import annotations

from bridge.analysis.model import Context
from tests.analysis.frameworks.conftest import Agree, Read, handlers, roles


def test_an_application_and_its_hooks(agree: Agree) -> None:
    found = agree(
        main="""
        from bottle import Bottle
        app = Bottle()
        @app.hook("before_request")
        def begin(): pass
        @app.hook("after_request")
        def end(): pass
        @app.route("/a", method=["GET", "POST"])
        def a(): return ""
        @app.post("/b/<name>")
        def b(name): return ""
        def c(): return ""
        app.route("/c", "PUT", c)
        @app.route(["/d", "/e"], method="ANY")
        def d(): return ""
        @app.error(404)
        def missing(error): return ""
        """
    )
    assert handlers(found) == {
        "GET,POST /a": "main.a",
        "POST /b/<name>": "main.b",
        "PUT /c": "main.c",
        "ANY /d": "main.d",
        "ANY /e": "main.d",
    }
    assert roles(found, "PUT /c") == ["before_request main.begin", "handler main.c", "after_request main.end"]
    errors = [each.name for each in found.entry_points if each.context is Context.REQUEST]
    assert errors == ["error handler 404"]


def test_the_default_application_and_paths_out_of_names(read: Read) -> None:
    found = read(
        main="""
        from bottle import get, route, run
        @route("/a")
        def a(): return ""
        @get()
        def hello__world(name, times=1): return ""
        run()
        """
    )
    assert handlers(found) == {
        "GET /a": "main.a",
        "GET /hello/world/<name>": "main.hello__world",
        "GET /hello/world/<name>/<times>": "main.hello__world",
    }


def test_mounted_and_merged_applications(agree: Agree) -> None:
    found = agree(
        main="""
        from bottle import Bottle
        inner, other, app = Bottle(), Bottle(), Bottle()
        @inner.get("/x")
        def x(): return ""
        @other.get("/y")
        def y(): return ""
        app.mount("/inner", inner)
        app.merge(other)
        """
    )
    assert handlers(found) == {"GET /inner/x": "main.x", "GET /y": "main.y"}
