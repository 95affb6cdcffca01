from __future__ import annotations

from bridge.analysis.model import Context
from tests.analysis.frameworks.conftest import Agree, Read, handlers, roles


def test_a_project_without_pyramid_has_no_routes(read: Read) -> None:
    found = read(main="class Configurator: pass\nconfig = Configurator()\nconfig.add_route('a', '/a')\n")
    assert (found.frameworks, found.routes) == ((), ())


def test_routes_and_views_meet_by_name(agree: Agree) -> None:
    found = agree(
        main="""
        from pyramid.config import Configurator
        def home(request): pass
        def make(request): pass
        def unused(request): pass
        class Page:
            def __init__(self, request): self.request = request
            def show(self): pass
        def create_app():
            config = Configurator()
            config.add_route("home", "/")
            config.add_route("page", "pages/{id}", request_method="GET")
            config.add_view(home, route_name="home", renderer="json")
            config.add_view("main.make", route_name="home", request_method=("POST", "PUT"), renderer="json")
            config.add_view(Page, attr="show", route_name="page", renderer="json")
            return config.make_wsgi_app()
        """
    )
    assert handlers(found) == {
        "ANY /": "main.home",
        "POST,PUT /": "main.make",
        "GET /pages/{id}": "main.Page.show",
    }
    assert roles(found, "GET /pages/{id}") == ["handler main.Page.__init__", "handler main.Page.show"]


def test_includes_are_followed_with_their_prefixes(agree: Agree) -> None:
    found = agree(
        main="""
        from pyramid.config import Configurator
        import plain
        def create_app():
            config = Configurator()
            config.include("v1", route_prefix="/v1")
            config.include(plain)
            config.include("plain.outer", route_prefix="outer")
            return config.make_wsgi_app()
        """,
        v1="""
        def includeme(config):
            config.add_route("one", "/one")
            config.add_view(one, route_name="one", renderer="json")
        def one(request): pass
        """,
        plain="""
        def includeme(config):
            config.add_route("two", "/two")
            config.add_view(two, route_name="two", renderer="json")
        def outer(config):
            config.include(inner, route_prefix="inner")
        def inner(config):
            config.add_route("three", "three")
            config.add_view(two, route_name="three", renderer="json")
        def two(request): pass
        """,
    )
    assert handlers(found) == {
        "ANY /v1/one": "v1.one",
        "ANY /two": "plain.two",
        "ANY /outer/inner/three": "plain.two",
    }


def test_scanned_decorators_stand_on_functions_classes_and_methods(agree: Agree) -> None:
    found = agree(
        main="""
        from pyramid.config import Configurator
        def create_app():
            config = Configurator()
            for name in ("a", "b", "c", "d"):
                config.add_route(name, "/" + name)
            config.scan("shown")
            return config.make_wsgi_app()
        """,
        shown="""
        from pyramid.view import view_config, view_defaults
        def checked(view):
            def inner(context, request): return view(context, request)
            return inner
        @view_config(route_name="a", request_method="GET", renderer="json")
        @view_config(route_name="b", renderer="json")
        def both(request): pass
        @view_config(route_name="c", renderer="json", decorator=checked)
        class C:
            def __init__(self, request): pass
            def __call__(self): pass
        @view_defaults(route_name="d", renderer="json")
        class D:
            def __init__(self, request): pass
            @view_config(request_method="GET")
            def get(self): pass
            @view_config(request_method="DELETE")
            def delete(self): pass
        """,
        hidden="""
        from pyramid.view import view_config
        @view_config(route_name="a", request_method="POST", renderer="json")
        def never(request): pass
        """,
    )
    assert handlers(found) == {
        "GET /a": "shown.both",
        "ANY /b": "shown.both",
        "ANY /c": "shown.C.__call__",
        "GET /d": "shown.D.get",
        "DELETE /d": "shown.D.delete",
    }
    assert roles(found, "ANY /c") == [
        "decorator shown.checked",
        "handler shown.C.__init__",
        "handler shown.C.__call__",
    ]


def test_a_decorator_may_be_made_by_a_function_of_the_project(agree: Agree) -> None:
    found = agree(
        main="""
        from pyramid.config import Configurator
        def create_app():
            config = Configurator()
            config.add_route("a", "/a")
            config.add_route("b", "/b")
            config.scan("shown")
            return config.make_wsgi_app()
        """,
        making="""
        from pyramid.view import view_config
        def json_view(**settings):
            settings.setdefault("renderer", "json")
            return view_config(**settings)
        """,
        shown="""
        from making import json_view
        @json_view(route_name="a")
        def a(request): pass
        @json_view(route_name="b", request_method="POST")
        def b(request): pass
        """,
    )
    assert handlers(found) == {"ANY /a": "shown.a", "POST /b": "shown.b"}


def test_tweens_subscribers_and_policies_stand_around_views(read: Read) -> None:
    found = read(
        main="""
        from pyramid.config import Configurator
        from pyramid.events import NewRequest, NewResponse, subscriber
        def inner_tween(handler, registry):
            def inner(request): return handler(request)
            return inner
        def outer_tween(handler, registry):
            def outer(request): return handler(request)
            return outer
        @subscriber(NewRequest)
        def begin(event): pass
        def end(event): pass
        class Policy:
            def permits(self, request, context, permission): pass
        def open_view(request): pass
        def closed_view(request): pass
        def create_app():
            config = Configurator()
            config.add_tween("main.inner_tween")
            config.add_tween("main.outer_tween")
            config.add_subscriber(end, NewResponse)
            config.set_security_policy(Policy())
            config.add_route("open", "/open")
            config.add_route("closed", "/closed")
            config.add_view(open_view, route_name="open")
            config.add_view(closed_view, route_name="closed", permission="read")
            config.scan()
            return config.make_wsgi_app()
        """
    )
    around = ["middleware main.outer_tween.outer", "middleware main.inner_tween.inner", "signal main.begin"]
    assert roles(found, "ANY /open") == [*around, "handler main.open_view", "signal main.end"]
    assert roles(found, "ANY /closed") == [
        *around,
        "security main.Policy.permits",
        "handler main.closed_view",
        "signal main.end",
    ]
    assert [(each.name, each.async_capable) for each in found.middleware] == [
        ("main.outer_tween", False),
        ("main.inner_tween", False),
    ]


def test_error_views_are_entry_points_and_no_routes(read: Read) -> None:
    found = read(
        main="""
        from pyramid.config import Configurator
        from pyramid.view import notfound_view_config
        @notfound_view_config()
        def missing(request): pass
        class Refused(ValueError): pass
        def refused(error, request): pass
        config = Configurator()
        config.scan()
        config.add_view(refused, context=Refused)
        """
    )
    assert found.routes == ()
    errors = [each.name for each in found.entry_points if each.context is Context.REQUEST]
    assert errors == ["error view main.refused", "error view main.missing"]


def test_what_traversal_asks_runs_before_the_views_that_it_finds(agree: Agree) -> None:
    found = agree(
        main="""
        from pyramid.config import Configurator
        class Shelf:
            def __getitem__(self, name): raise KeyError(name)
        class Lost:
            def __getitem__(self, name): raise KeyError(name)
        def make_root(request): return Shelf()
        def shown(context, request): pass
        def about(request): pass
        def create_app():
            config = Configurator()
            config.set_root_factory(make_root)
            config.add_route("about", "/about")
            config.add_view(shown, context=Shelf, name="shown", request_method="GET")
            config.add_view(about, route_name="about")
            return config.make_wsgi_app()
        """
    )
    ran = {each.id: {root.symbol for root in each.roots} for each in found.routes}
    assert ran == {
        "GET /*traverse/shown": {"main.make_root", "main.Shelf.__getitem__", "main.shown"},
        "ANY /about": {"main.about"},
    }


def test_static_files_and_unknown_patterns(read: Read) -> None:
    found = read(
        main="""
        import os
        from pyramid.config import Configurator
        config = Configurator()
        config.add_static_view("static", "main:static")
        config.add_static_view("https://cdn.example/", "main:other")
        config.add_route("lost", os.environ["PATTERN"])
        config.add_view(lambda request: None, route_name="nowhere")
        """
    )
    assert handlers(found) == {"ANY /static/*subpath": "pyramid.static.static_view"}
    assert found.unread == (
        "the pattern of add_route at main.py:7",
        "the route 'nowhere' of the view at main.py:8",
    )


def test_static_routes_are_for_urls_alone_and_error_views_of_a_route_are_no_routes(agree: Agree) -> None:
    found = agree(
        main="""
        from pyramid.config import Configurator
        from pyramid.exceptions import BadCSRFToken
        from pyramid.view import exception_view_config, view_config, view_defaults
        class Refused(Exception): pass
        @view_defaults(route_name="form")
        class Form:
            def __init__(self, context, request): pass
            @view_config(request_method="POST")
            def post(self): return {}
            @exception_view_config(context=Refused)
            @view_config(context=BadCSRFToken)
            def refused(self): return {}
        @view_config(context=BadCSRFToken)
        def forged(error, request): return {}
        @view_config(route_name="elsewhere")
        @view_config(route_name="old")
        def never(request): return {}
        def create_app():
            config = Configurator()
            config.add_route("form", "/form")
            config.add_route("old", "/old", static=True)
            config.add_route("new", "/new", static=False)
            config.add_route("elsewhere", "https://example.org/{id}")
            config.add_view(lambda request: {}, route_name="new")
            config.scan()
            return config.make_wsgi_app()
        """
    )
    assert [route.id for route in found.routes] == ["ANY /new", "POST /form"]
    assert found.unread == ()


def test_a_view_whose_route_is_not_known_is_no_view_of_traversal(read: Read) -> None:
    found = read(
        main="""
        import os
        from pyramid.config import Configurator
        def preflight(request): return None
        def allow(config, route_name):
            config.add_view(preflight, route_name=route_name, request_method="OPTIONS")
        def found(config, route_name=None):
            config.add_view(preflight, "found", route_name=route_name)
        config = Configurator()
        config.add_route("a", "/a")
        allow(config, "a")
        allow(config, os.environ["ROUTE"])
        found(config)
        config.add_view(preflight, route_name=os.environ["ROUTE"])
        """
    )
    assert {route.id for route in found.routes} == {"OPTIONS /a", "ANY /*traverse/found"}
    assert found.unread == ("the route_name of the view at main.py:14",)
