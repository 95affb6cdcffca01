"""What runs for a route without being called by its view: middleware, signals, loaders, templates."""

from __future__ import annotations

from pathlib import Path

from bridge.analysis.frameworks import READERS
from bridge.analysis.frameworks.base import Options, discover
from bridge.analysis.model import Context
from bridge.analysis.project import read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program
from tests.analysis.frameworks.conftest import Read, roles
from tests.analysis.making import write_modules


def called_by(folder: Path, symbol: str, **texts: str) -> set[str]:
    """Return the functions that `symbol` calls once the readers have been there; files as in `files`."""
    write_modules(folder, texts)
    project = read_project(folder)
    state = solve(Program(project.modules))
    found = discover(state, project, Options(), readers=READERS)
    assert not found.crashed
    symbols = [state.program.qualified(each.scope) for each in state.instances]
    return {
        symbols[target]
        for owner, targets in state.edges.items()
        if symbols[owner] == symbol
        for target in targets
        if target >= 0
    }


def test_wsgi_middleware_stands_around_every_route_the_last_outermost(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        from werkzeug.middleware.proxy_fix import ProxyFix
        class Inner:
            def __init__(self, app): self.app = app
            def __call__(self, environ, start_response): return self.app(environ, start_response)
        app = Flask(__name__, static_folder=None)
        app.wsgi_app = Inner(app.wsgi_app)
        app.wsgi_app = ProxyFix(app.wsgi_app)
        @app.route("/")
        def home(): return ""
        """
    )
    assert [(each.name, each.line, each.async_capable) for each in found.middleware] == [
        ("werkzeug.middleware.proxy_fix.ProxyFix", 9, None),
        ("main.Inner", 4, False),
    ]
    assert roles(found, "GET /") == ["middleware main.Inner.__call__", "handler main.home"]


def test_flasks_own_signals_are_sent_with_every_request(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask, request_finished, request_started
        def begin(sender): pass
        def end(sender, response): pass
        app = Flask(__name__, static_folder=None)
        request_started.connect(begin, app)
        request_finished.connect(end, app)
        @app.route("/")
        def home(): return ""
        """
    )
    assert roles(found, "GET /") == ["signal main.begin", "handler main.home", "signal main.end"]


def test_who_sends_a_signal_calls_who_is_connected(tmp_path: Path) -> None:
    source = """
        from blinker import Namespace
        from flask import Flask
        signals = Namespace()
        ordered, other = signals.signal("ordered"), signals.signal("other")
        app = Flask(__name__)
        @ordered.connect
        def mail(sender, **extra): pass
        @ordered.connect_via(app)
        def log(sender, **extra): pass
        @other.connect
        def never(sender): pass
        @app.route("/")
        def home():
            ordered.send(app, number=1)
            return ""
        """
    assert called_by(tmp_path, "main.home", main=source) == {"main.mail", "main.log"}


def test_reading_the_current_user_calls_the_loader_and_gives_its_class(tmp_path: Path) -> None:
    source = """
        from flask import Flask
        from flask_login import LoginManager, current_user, login_required
        class User:
            def orders(self): pass
        login = LoginManager()
        @login.user_loader
        def load(id): return User()
        app = Flask(__name__)
        @app.route("/")
        def home():
            current_user.orders()
            return ""
        @app.route("/closed")
        @login_required
        def closed(): return ""
        @app.route("/open")
        def open_view(): return ""
        """
    assert called_by(tmp_path, "main.home", main=source) == {"main.load", "main.User.orders"}
    assert called_by(tmp_path, "main.closed") == {"main.load"}
    assert called_by(tmp_path, "main.open_view") == set()


def test_rendering_runs_processors_and_what_the_template_uses(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "base.html").write_text("{{ menu() }} {% block x %}{% endblock %}")
    (tmp_path / "templates" / "page.html").write_text(
        '{% extends "base.html" %}{{ user.name() }}{{ total|money }}{{ version() }}{{ unused_name }} shout()'
    )
    source = """
        from flask import Flask, render_template
        app = Flask(__name__)
        class User:
            def name(self): pass
            def other(self): pass
        @app.template_filter("money")
        def as_money(value): pass
        @app.template_filter("unused")
        def unused(value): pass
        @app.template_global()
        def version(): pass
        @app.template_global()
        def shout(): pass
        def menu(): pass
        @app.context_processor
        def extras(): return {"menu": menu}
        @app.route("/")
        def home():
            return render_template("page.html", user=User(), total=1)
        @app.route("/plain")
        def plain(): return ""
        """
    assert called_by(tmp_path, "main.home", main=source) == {
        "main.User.name",
        "main.as_money",
        "main.extras",
        "main.menu",
        "main.version",
    }
    assert called_by(tmp_path, "main.plain") == set()


def test_error_handlers_are_entry_points_of_their_own(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        app = Flask(__name__, static_folder=None)
        @app.errorhandler(404)
        def missing(error): return ""
        def broken(error): return ""
        app.register_error_handler(500, broken)
        @app.route("/")
        def home(): return ""
        """
    )
    errors = [each.name for each in found.entry_points if each.context is Context.REQUEST]
    assert errors == ["error handler main.missing", "error handler main.broken"]
    assert roles(found, "GET /") == ["handler main.home"]
