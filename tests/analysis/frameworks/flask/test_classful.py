"""Flask-Classful: what `app.url_map` has of the same program, version 0.16."""

from __future__ import annotations

from tests.analysis.frameworks.conftest import Read, handlers

SOURCE = """
from functools import wraps
from uuid import UUID
from flask import Blueprint, Flask
from flask_classful import FlaskView, method, route

def logged(function):
    @wraps(function)
    def inner(*args, **kwargs): return function(*args, **kwargs)
    return inner

def nameless(function):
    def inner(*args, **kwargs): return function(*args, **kwargs)
    return inner

class QuotesView(FlaskView):
    decorators = [logged]
    excluded_methods = ["left"]
    def before_request(self, name): pass
    def before_index(self): pass
    def after_index(self, response): pass
    def index(self): return ""
    def get(self, id: int): return ""
    def put(self, id: UUID, lang=None): return ""
    def post(self): return ""
    def random_one(self): return ""
    @method("POST")
    @method("PUT")
    def with_args(self, a: str, b: float): return ""
    @route("/of/<day>", methods=["POST", "GET"])
    @route("/on/<day>/")
    @logged
    def daily(self, day): return ""
    @route("/lost")
    @nameless
    def renamed(self, x): return ""
    def left(self): return ""
    def _private(self): pass
    @classmethod
    def shared(cls): pass
    @property
    def size(self): return 1

class SomeHTTPThing(QuotesView):
    route_base = "/some/<thing>"
    route_prefix = "/v1/"
    trailing_slash = False
    method_dashified = True
    default_methods = ["GET", "POST"]
    excluded_methods = ["left", "with_args", "daily", "renamed", "put"]
    def index(self, thing): return ""
    def other_one(self, thing, n): return ""

class HTTPThingView(FlaskView):
    base_args = ["skip"]
    def index(self): return ""
    def get(self, skip, kept): return ""

class Uninspected(FlaskView):
    inspect_args = False
    def one(self, a): return ""

app = Flask(__name__, static_folder=None)
api, more = Blueprint("api", __name__), Blueprint("more", __name__, url_prefix="/more")
HTTPThingView.register(api)
HTTPThingView.register(more, route_base="again", route_prefix="pre", trailing_slash=False)
app.register_blueprint(api, url_prefix="/api")
app.register_blueprint(more)
QuotesView.register(app)
SomeHTTPThing.register(app)
Uninspected.register(app, "/")
"""


def test_methods_of_a_registered_class_are_routes(read: Read) -> None:
    found = read(main=SOURCE)
    assert found.unread == ()
    assert handlers(found) == {
        "GET /quotes/": "main.QuotesView.index",
        "GET /quotes/<int:id>/": "main.QuotesView.get",
        "PUT /quotes/<uuid:id>/": "main.QuotesView.put",
        "POST /quotes/": "main.QuotesView.post",
        "GET /quotes/random_one/": "main.QuotesView.random_one",
        "POST,PUT /quotes/with_args/<string:a>/<float:b>/": "main.QuotesView.with_args",
        "GET,POST /quotes/of/<day>": "main.QuotesView.daily",
        "GET /quotes/on/<day>/": "main.QuotesView.daily",
        "GET /quotes/renamed/<x>/": "main.QuotesView.renamed",
        "GET /v1/some/<thing>": "main.SomeHTTPThing.index",
        "GET /v1/some/<thing>/<int:id>": "main.QuotesView.get",
        "POST /v1/some/<thing>": "main.QuotesView.post",
        "GET,POST /v1/some/<thing>/random-one": "main.QuotesView.random_one",
        "GET,POST /v1/some/<thing>/other-one/<n>": "main.SomeHTTPThing.other_one",
        "GET /api/http-thing/": "main.HTTPThingView.index",
        "GET /api/http-thing/<kept>/": "main.HTTPThingView.get",
        "GET /more/pre/again": "main.HTTPThingView.index",
        "GET /more/pre/again/<kept>": "main.HTTPThingView.get",
        "GET /one/": "main.Uninspected.one",
    }


def test_hooks_and_decorators_of_the_class_run_around_its_methods(read: Read) -> None:
    found = read(main=SOURCE)
    ran = {route.id: [(root.symbol, root.role) for root in route.roots] for route in found.routes}
    assert ran["GET /quotes/"] == [
        ("main.QuotesView.before_request", "hook"),
        ("main.QuotesView.before_index", "hook"),
        ("main.logged.inner", "decorator"),
        ("main.QuotesView.index", "handler"),
        ("main.QuotesView.after_index", "hook"),
    ]
    assert ran["GET /api/http-thing/"] == [("main.HTTPThingView.index", "handler")]


def test_annotations_that_are_texts_name_no_converter(read: Read) -> None:
    found = read(
        main="""
        from __future__ import annotations
        from flask import Flask
        from flask_classful import FlaskView
        class Quotes(FlaskView):
            def get(self, id: int): return ""
        app = Flask(__name__, static_folder=None)
        Quotes.register(app)
        """
    )
    assert handlers(found) == {"GET /quotes/<id>/": "main.Quotes.get"}


def test_what_a_view_is_registered_on_is_said_where_it_is_not_known(read: Read) -> None:
    found = read(
        main="""
        import os
        from flask import Flask
        from flask_classful import FlaskView
        class Quotes(FlaskView):
            def index(self): return ""
        app = Flask(__name__, static_folder=None)
        Quotes.register(os.environ["APP"])
        """
    )
    assert handlers(found) == {}
    assert found.unread == ("what main.Quotes is registered on at main.py:8",)


def test_nothing_is_said_of_look_alikes(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        class AppBuilder:
            def add_view(self, view): pass
        class FlaskView:
            @classmethod
            def register(cls, app): pass
        class Quotes(FlaskView):
            def index(self): return ""
        app = Flask(__name__, static_folder=None)
        AppBuilder().add_view(Quotes())
        Quotes.register(app)
        @app.route("/")
        def home(): return ""
        """
    )
    assert handlers(found) == {"GET /": "main.home"}
    assert found.unread == ()
