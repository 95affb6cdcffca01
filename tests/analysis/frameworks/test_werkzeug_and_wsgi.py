from __future__ import annotations

from tests.analysis.frameworks.conftest import Files, Read, discovered, handlers


def test_rules_lead_to_functions_and_to_methods_by_name(read: Read) -> None:
    found = read(
        main="""
        from werkzeug.routing import Map, Rule, Submount
        def about(request): pass
        class Shortener:
            def __init__(self):
                self.url_map = Map([
                    Rule("/", endpoint="home", methods=["GET", "POST"]),
                    Rule("/about", endpoint=about),
                    Submount("/admin", [Rule("/users", endpoint="users")]),
                ])
            def on_home(self, request): pass
            def on_users(self, request): pass
        """
    )
    assert handlers(found) == {
        "GET,POST /": "main.Shortener.on_home",
        "ANY /about": "main.about",
        "ANY /admin/users": "main.Shortener.on_users",
    }


def test_a_plain_callable_answers_everything(read: Read) -> None:
    found = read(
        wsgi="""
        def application(environ, start_response):
            start_response("200 OK", [])
            return []
        """
    )
    assert handlers(found) == {"ANY /": "wsgi.application"}
    assert found.frameworks == ("wsgi",)


def test_an_object_that_is_called_is_one_too(read: Read) -> None:
    found = read(
        wsgi="""
        class Gate:
            def __init__(self, limit): self.limit = limit
            def __call__(self, environ, start_response): return []
        application = Gate(3)
        """
    )
    assert handlers(found) == {"ANY /": "wsgi.Gate.__call__"}


def test_the_callable_may_be_named(files: Files) -> None:
    folder = files(pkg__main="def answer(environ, respond): return []\n")
    assert handlers(discovered(folder, app="pkg.main:answer")) == {"ANY /": "pkg.main.answer"}
    lost = discovered(folder, app="pkg.main:nothing")
    assert lost.routes == ()
    assert lost.unread == ("pkg.main:nothing: there is no WSGI callable of that name in the project",)


def test_naming_an_application_of_a_framework_adds_nothing(files: Files) -> None:
    folder = files(
        main="from flask import Flask\napp = Flask(__name__, static_folder=None)\ndef create(): return app\n"
    )
    found = discovered(folder, app="main:app")
    assert (found.routes, found.unread, found.frameworks) == ((), (), ("flask",))
    factory = discovered(folder, app="main:create")
    assert factory.routes == ()
    assert factory.unread == ("main:create: there is no WSGI callable of that name in the project",)


def test_a_view_function_called_app_is_none(read: Read) -> None:
    assert read(main="def app(request): return ''\n").routes == ()
