from __future__ import annotations

import pytest

from tests.analysis.frameworks.conftest import Agree, Read, handlers, roles


def test_a_project_without_flask_has_no_routes(read: Read) -> None:
    found = read(main="class Flask: pass\napp = Flask()\n")
    assert (found.frameworks, found.routes, found.unread) == ((), (), ())


def test_an_application_without_rules_serves_its_static_files(agree: Agree) -> None:
    (route,) = agree(main="from flask import Flask\napp = Flask(__name__)\n").routes
    assert (route.id, route.handler, route.file, route.line) == (
        "GET /static/<path:filename>",
        "flask.Flask.send_static_file",
        "main.py",
        2,
    )


def test_decorators_name_path_methods_and_handler(agree: Agree) -> None:
    found = agree(
        main="""
        from flask import Flask
        app = Flask(__name__, static_folder=None)

        @app.route("/")
        def home(): return ""

        @app.route("/both", methods=["POST", "GET"])
        def both(): return ""

        @app.post("/only")
        def only(): return ""

        @app.route("/a")
        @app.route("/b/<int:number>")
        def two(number=0): return ""
        """
    )
    assert handlers(found) == {
        "GET /": "main.home",
        "GET,POST /both": "main.both",
        "POST /only": "main.only",
        "GET /a": "main.two",
        "GET /b/<int:number>": "main.two",
    }
    assert found.frameworks == ("flask",)
    assert (found.routes[0].file, found.routes[0].line) == ("main.py", 6)


CASES = {
    "a factory": """
        from flask import Flask
        def create_app():
            app = Flask(__name__)
            add(app)
            return app
        def add(app):
            @app.route("/x")
            def x(): return ""
            """,
    "blueprints with prefixes": """
        from flask import Blueprint, Flask
        a = Blueprint("a", __name__, url_prefix="/a")
        b = Blueprint("b", __name__, url_prefix="/b")
        c = Blueprint("c", __name__)
        @a.route("/")
        def index(): return ""
        @a.route("")
        def bare(): return ""
        @b.get("/x")
        def x(): return ""
        @c.get("/y")
        def y(): return ""
        app = Flask(__name__)
        app.register_blueprint(a)
        app.register_blueprint(b, url_prefix="/other/")
        app.register_blueprint(c)
        """,
    "one blueprint twice": """
        from flask import Blueprint, Flask
        a = Blueprint("a", __name__)
        @a.route("/x")
        def x(): return ""
        app = Flask(__name__)
        app.register_blueprint(a, url_prefix="/one")
        app.register_blueprint(a, url_prefix="/two", name="again")
        """,
    "nested blueprints": """
        from flask import Blueprint, Flask
        outer = Blueprint("outer", __name__, url_prefix="/outer")
        inner = Blueprint("inner", __name__, url_prefix="/inner")
        bare = Blueprint("bare", __name__)
        @inner.route("/x")
        def x(): return ""
        @bare.route("/y")
        def y(): return ""
        outer.register_blueprint(inner)
        outer.register_blueprint(bare)
        app = Flask(__name__)
        app.register_blueprint(outer)
        """,
    "blueprints with static files": """
        from flask import Blueprint, Flask
        a = Blueprint("a", __name__, url_prefix="/a", static_folder="files")
        b = Blueprint("b", __name__, static_folder="files", static_url_path="/b-files")
        app = Flask(__name__, static_url_path="/assets")
        app.register_blueprint(a)
        app.register_blueprint(b)
        """,
    "a loop over pairs": """
        from flask import Flask
        def a(): return ""
        def b(): return ""
        app = Flask(__name__)
        for rule, view in [("/a", a), ("/b", b)]:
            app.add_url_rule(rule, view_func=view)
        """,
    "a loop over a dictionary": """
        from flask import Flask
        def a(): return ""
        def b(): return ""
        app = Flask(__name__)
        TABLE = {"/a": (a, ["GET"]), "/b": (b, ["POST", "PUT"])}
        for rule, (view, methods) in TABLE.items():
            app.add_url_rule(rule, view.__name__, view, methods=methods)
        """,
    "a loop over modules": """
        from flask import Blueprint, Flask
        class Module:
            def __init__(self, bp): self.bp = bp
        one, two = Blueprint("one", __name__), Blueprint("two", __name__)
        @one.route("/1")
        def first(): return ""
        @two.route("/2")
        def second(): return ""
        app = Flask(__name__)
        for blueprint, prefix in ((one, "/one"), (two, "/two")):
            app.register_blueprint(blueprint, url_prefix=prefix)
        """,
    "a helper that adds rules": """
        from flask import Flask
        app = Flask(__name__)
        def add(rule, view, **options):
            app.add_url_rule("/api" + rule, view.__name__, view, **options)
        def a(): return ""
        def b(): return ""
        add("/a", a)
        add("/b", b, methods=["DELETE"])
        """,
    "paths that are put together": """
        from flask import Flask
        API = "/api/v1"
        app = Flask(__name__)
        @app.route(f"{API}/users")
        def users(): return ""
        @app.route(API + "/groups")
        def groups(): return ""
        @app.route("%s/roles" % API)
        def roles(): return ""
        """,
    "subclasses of Flask and Blueprint": """
        from flask import Blueprint, Flask
        class App(Flask):
            def __init__(self, name):
                super().__init__(name)
                self.add_url_rule("/own", view_func=self.own)
            def own(self): return ""
        class Area(Blueprint):
            def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
                super().add_url_rule("/area" + rule, endpoint, view_func, **options)
        a, b = Area("a", __name__, url_prefix="/a"), Area("b", __name__)
        @a.route("/x")
        def x(): return ""
        @b.route("/y")
        def y(): return ""
        app = App(__name__)
        app.register_blueprint(a)
        app.register_blueprint(b)
        """,
    "an extension": """
        from flask import Blueprint, Flask
        class Extension:
            def __init__(self, app=None, prefix="/ext"):
                self.prefix = prefix
                if app is not None: self.init_app(app)
            def init_app(self, app):
                bp = Blueprint("ext", __name__)
                bp.add_url_rule("/status", view_func=self.status)
                app.register_blueprint(bp, url_prefix=self.prefix)
            def status(self): return ""
        extension = Extension()
        def create_app():
            app = Flask(__name__)
            extension.init_app(app)
            return app
        """,
    "a prefix from the configuration": """
        from flask import Blueprint, Flask
        class Config:
            FORUM_PREFIX = "/forum"
        bp = Blueprint("bp", __name__)
        @bp.route("/x")
        def x(): return ""
        app = Flask(__name__)
        app.config.from_object(Config)
        app.register_blueprint(bp, url_prefix=app.config["FORUM_PREFIX"])
        """,
}


@pytest.mark.parametrize("source", CASES.values(), ids=CASES.keys())
def test_routes_are_those_of_the_url_map(agree: Agree, source: str) -> None:
    found = agree(main=source)
    assert found.unread == ()
    assert all(each.handler for each in found.routes)


def test_views_are_told_by_what_the_user_wrote_and_run_behind_their_decorators(agree: Agree) -> None:
    found = agree(
        main="""
        from functools import wraps
        from flask import Flask
        app = Flask(__name__, static_folder=None)

        def login(view):
            @wraps(view)
            def inner(*args): return view(*args)
            return inner

        def role(name):
            def decorate(view):
                @wraps(view)
                def checked(*args): return view(*args)
                return checked
            return decorate

        @app.route("/a")
        @login
        @role("admin")
        def a(): return ""

        @app.route("/b")
        @role("user")
        def b(): return ""

        def c(): return ""
        app.add_url_rule("/c", "c", login(c))
        """
    )
    assert handlers(found) == {"GET /a": "main.a", "GET /b": "main.b", "GET /c": "main.c"}
    assert roles(found, "GET /a") == ["handler main.login.inner"]


def test_class_based_views_give_a_route_for_each_method(agree: Agree) -> None:
    found = agree(
        main="""
        from flask import Flask
        from flask.views import MethodView, View

        def counted(view):
            def inner(*args, **kwargs): return view(*args, **kwargs)
            return inner

        class Base(MethodView):
            def get(self, id=0): return self.load()
            def load(self): return ""

        class Item(Base):
            decorators = [counted]
            def __init__(self, store=None): self.store = store
            def delete(self, id): return ""
            def load(self): return "item"

        class Page(View):
            methods = ["GET", "POST"]
            def dispatch_request(self): return ""

        app = Flask(__name__, static_folder=None)
        app.add_url_rule("/items/<int:id>", view_func=Item.as_view("item"))
        app.add_url_rule("/items", view_func=Base.as_view("items"), methods=["GET"])
        app.add_url_rule("/page", view_func=Page.as_view("page"))
        app.add_url_rule("/wrapped", view_func=counted(Page.as_view("wrapped")), methods=["POST"], endpoint="w")
        """
    )
    assert handlers(found) == {
        "GET /items/<int:id>": "main.Base.get",
        "DELETE /items/<int:id>": "main.Item.delete",
        "GET /items": "main.Base.get",
        "GET,POST /page": "main.Page.dispatch_request",
        "POST /wrapped": "main.Page.dispatch_request",
    }
    assert roles(found, "DELETE /items/<int:id>") == [
        "decorator main.counted.inner",
        "handler main.Item.__init__",
        "handler main.Item.delete",
    ]


def test_hooks_of_application_and_blueprint_stand_around_the_handler(agree: Agree) -> None:
    found = agree(
        main="""
        from flask import Blueprint, Flask
        app = Flask(__name__, static_folder=None)
        bp = Blueprint("bp", __name__)

        @app.before_request
        def first(): pass
        @bp.before_request
        def second(): pass
        @bp.before_app_request
        def third(): pass
        @app.after_request
        def last(response): return response
        @bp.after_request
        def early(response): return response
        @app.teardown_request
        def end(error): pass

        @app.route("/a")
        def a(): return ""
        @bp.route("/b")
        def b(): return ""
        app.register_blueprint(bp)
        """
    )
    assert roles(found, "GET /a") == [
        "before_request main.first",
        "before_request main.third",
        "handler main.a",
        "after_request main.last",
        "teardown_request main.end",
    ]
    assert roles(found, "GET /b") == [
        "before_request main.first",
        "before_request main.third",
        "before_request main.second",
        "handler main.b",
        "after_request main.early",
        "after_request main.last",
        "teardown_request main.end",
    ]


def test_a_plugin_that_nobody_calls_gets_the_application(read: Read) -> None:
    found = read(
        main="from flask import Flask\napp = Flask(__name__, static_folder=None)\n",
        plugins__one="def load(app):\n    app.add_url_rule('/one', view_func=view)\ndef view(): pass\n",
    )
    assert handlers(found) == {"GET /one": "plugins.one.view"}


def test_what_tests_register_is_no_part_of_the_application(read: Read) -> None:
    found = read(
        main="from flask import Flask\napp = Flask(__name__, static_folder=None)\n",
        tests__test_app="""
        from flask import Flask
        from main import app
        other = Flask(__name__)
        @other.route("/other")
        def other(): pass
        @app.route("/test")
        def view(): pass
        """,
    )
    assert handlers(found) == {}


def test_a_factory_that_only_tests_call_makes_the_application(read: Read) -> None:
    found = read(
        shop="""
        from flask import Flask
        def create_app(config=None):
            app = Flask(__name__, static_folder=None)
            @app.route("/")
            def home(): return ""
            return app
        """,
        tests__conftest="from shop import create_app\napp = create_app({})\n",
        tests__test_shop="from shop import create_app\ndef test_x(): create_app()\n",
    )
    assert handlers(found) == {"GET /": "shop.create_app.home"}


def test_what_cannot_be_followed_is_told_with_its_place(read: Read) -> None:
    found = read(
        main="""
        import os
        from flask import Blueprint, Flask
        app = Flask(__name__, static_folder=None)
        lost = Blueprint("lost", __name__)
        @lost.route("/lost")
        def lost_view(): pass
        @app.route(os.environ["RULE"])
        def somewhere(): pass
        app.add_url_rule("/unknown", view_func={}["view"])
        """
    )
    assert found.unread == (
        "the blueprint made at main.py:5: no register_blueprint that could be followed names it",
        "the path of route at main.py:8",
        "the view of '/unknown' at main.py:10",
    )
    assert [each.id for each in found.routes] == ["GET /unknown"]


def test_async_views_are_told_apart(agree: Agree) -> None:
    found = agree(
        main="""
        from flask import Flask
        app = Flask(__name__, static_folder=None)
        @app.route("/a")
        async def a(): return ""
        @app.route("/b")
        def b(): return ""
        """
    )
    assert {each.id: each.is_async for each in found.routes} == {"GET /a": True, "GET /b": False}
