from __future__ import annotations

from tests.analysis.frameworks.conftest import Agree, Read, handlers, roles


def test_resources_give_a_route_for_each_responder(agree: Agree) -> None:
    found = agree(
        main="""
        import falcon
        class Base:
            def on_get(self, request, response): pass
        class Thing(Base):
            def on_delete(self, request, response): pass
            def on_get_list(self, request, response): pass
        class Timer:
            def process_request(self, request, response): pass
            def process_response(self, request, response, resource, succeeded): pass
        app = falcon.App(middleware=[Timer()])
        app.add_route("/things/{id}", Thing())
        app.add_route("/things", Thing(), suffix="list")
        """
    )
    assert handlers(found) == {
        "GET /things/{id}": "main.Base.on_get",
        "DELETE /things/{id}": "main.Thing.on_delete",
        "GET /things": "main.Thing.on_get_list",
    }
    assert roles(found, "GET /things") == [
        "middleware main.Timer.process_request",
        "handler main.Thing.on_get_list",
        "middleware main.Timer.process_response",
    ]
    assert [each.name for each in found.middleware] == ["main.Timer"]


def test_a_module_may_be_a_resource(agree: Agree) -> None:
    found = agree(
        main="""
        import falcon
        import things
        app = falcon.App()
        app.add_route("/things", things)
        """,
        things="def on_get(request, response): pass\ndef on_put(request, response): pass\n",
    )
    assert handlers(found) == {"GET /things": "things.on_get", "PUT /things": "things.on_put"}


def test_sinks_static_files_and_async_responders(read: Read) -> None:
    found = read(
        main="""
        import falcon.asgi
        class Thing:
            async def on_get(self, request, response): pass
        def sink(request, response): pass
        app = falcon.asgi.App()
        app.add_route("/thing", Thing())
        app.add_sink(sink, "/rest")
        app.add_static_route("/static", "/srv")
        """
    )
    assert {each.id: (each.handler, each.is_async) for each in found.routes} == {
        "GET /thing": ("main.Thing.on_get", True),
        "ANY /rest": ("main.sink", False),
        "GET /static": ("falcon.routing.StaticRoute", False),
    }
