from __future__ import annotations

from tests.analysis.frameworks.conftest import Read, handlers


def test_views_of_extensions_that_are_not_read_are_said(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        from flask_admin import BaseView, expose
        from flask_appbuilder import AppBuilder
        from flask_classful import FlaskView
        class Quotes(FlaskView):
            def index(self): return ""
        class Figures(BaseView):
            @expose("/")
            def index(self): return ""
        app = Flask(__name__, static_folder=None)
        @app.route("/")
        def home(): return ""
        builder = AppBuilder(app)
        builder.add_api(Figures)
        Quotes.register(app)
        """
    )
    assert handlers(found) == {"GET /": "main.home"}
    assert sorted(found.unread) == [
        "the routes that Flask-AppBuilder makes of a view at main.py:15",
        "the routes that Flask-Classful makes of main.Quotes at main.py:6",
    ]


def test_nothing_is_said_of_look_alikes(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        class Admin:
            def add_view(self, view): pass
        class FlaskView: pass
        class Quotes(FlaskView): pass
        app = Flask(__name__, static_folder=None)
        Admin().add_view(Quotes())
        @app.route("/")
        def home(): return ""
        """
    )
    assert handlers(found) == {"GET /": "main.home"}
    assert found.unread == ()
