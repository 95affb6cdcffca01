"""Blueprints of a project's own class, and routes that a setting decides about."""

from __future__ import annotations

import pytest

from tests.analysis.frameworks.conftest import Agree, Read, handlers

OWN_CLASS = """
from contextlib import contextmanager
from functools import wraps
from inspect import isclass
from flask import Blueprint

def remembered(function):
    known = {}

    @wraps(function)
    def remember(*arguments, **keywords):
        key = (arguments, frozenset(keywords.items()))
        if key not in known:
            known[key] = function(*arguments, **keywords)
        return known[key]

    return remember

@remembered
def view_of(handler):
    if not isclass(handler):
        return handler

    def view(**arguments):
        return handler().run()

    view.__name__ = handler.__name__
    return view

class Prefixing(Blueprint):
    def __init__(self, *arguments, **keywords):
        self._prefix = ""
        super().__init__(*arguments, **keywords)

    def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
        view_func = view_of(view_func)
        super().add_url_rule(rule, endpoint or view_func.__name__, view_func, **options)
        if self._prefix:
            again = (endpoint or view_func.__name__) + "_again"
            super().add_url_rule(self._prefix + rule, again, view_func, **options)

    @contextmanager
    def prefixed(self, prefix):
        self._prefix = prefix
        try:
            yield
        finally:
            self._prefix = ""
"""

HANDLERS = """
import time

class Handler:
    def run(self):
        return self.answer()

class Slow(Handler):
    def answer(self):
        time.sleep(1)
        return "slow"

class Quick(Handler):
    def answer(self):
        return "quick"
"""


def test_a_blueprint_that_changes_between_its_rules_is_read_statement_by_statement(agree: Agree) -> None:
    found = agree(
        own=OWN_CLASS,
        served=HANDLERS,
        shop="""
        from own import Prefixing
        from served import Quick, Slow

        shop = Prefixing("shop", __name__, url_prefix="/shop")
        shop.add_url_rule("/before", view_func=Quick)
        with shop.prefixed("/<int:user>"):
            shop.add_url_rule("/slow", view_func=Slow, methods=["POST"])

            @shop.route("/plain")
            def plain(user=0): return ""
        for name in ("one", "two"):
            shop.add_url_rule(f"/{name}", name, Quick)
        """,
        main="""
        from flask import Flask
        from shop import shop
        app = Flask(__name__, static_folder=None)
        app.register_blueprint(shop)
        """,
    )
    assert handlers(found) == {
        "GET /shop/before": "served.Quick",
        "POST /shop/slow": "served.Slow",
        "POST /shop/<int:user>/slow": "served.Slow",
        "GET /shop/plain": "shop.plain",
        "GET /shop/<int:user>/plain": "shop.plain",
        "GET /shop/one": "served.Quick",
        "GET /shop/two": "served.Quick",
    }
    assert found.unread == ()


def test_each_route_of_such_a_blueprint_runs_its_own_class(read: Read) -> None:
    found = read(
        own=OWN_CLASS,
        served=HANDLERS,
        main="""
        from flask import Flask
        from own import Prefixing
        from served import Quick, Slow

        app = Flask(__name__, static_folder=None)
        parts = Prefixing("parts", __name__)
        parts.add_url_rule("/slow", view_func=Slow)
        parts.add_url_rule("/quick", view_func=Quick)
        app.register_blueprint(parts)
        """,
    )
    instances = [{root.instance for root in route.roots} for route in found.routes]
    assert len(found.routes) == 2
    assert not instances[0] & instances[1]


def test_a_route_behind_a_setting_says_so(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        app = Flask(__name__, static_folder=None)

        @app.route("/always")
        def always(): return ""

        if app.config.get("SIGN_UP"):  # off by default
            @app.route("/sign-up")
            def sign_up(): return ""
        elif app.debug:
            app.add_url_rule("/debug", view_func=always)
        else:
            try:
                app.add_url_rule("/neither", view_func=always)
            except ValueError:
                pass

        for number in range(2):
            if number:
                app.add_url_rule("/counted", view_func=always)
        """,
    )
    assert {route.path: route.condition for route in found.routes} == {
        "/always": "",
        "/sign-up": 'app.config.get("SIGN_UP")',
        "/debug": "app.debug",
        "/neither": "not (app.debug)",
        "/counted": "",
    }


def test_a_blueprint_that_a_setting_registers_has_its_condition(read: Read) -> None:
    found = read(
        main="""
        from flask import Blueprint, Flask
        inner, outer, both = (Blueprint("inner", __name__), Blueprint("outer", __name__), Blueprint("both", __name__))
        @inner.route("/inner")
        def view(): return ""
        @both.route("/both")
        def again(): return ""
        outer.register_blueprint(inner)
        app = Flask(__name__, static_folder=None)
        if app.config["ADMIN"]:
            app.register_blueprint(outer, url_prefix="/admin")
            app.register_blueprint(both)
        app.register_blueprint(both)
        """,
    )
    assert {route.path: route.condition for route in found.routes} == {
        "/admin/inner": 'app.config["ADMIN"]',
        "/both": "",
    }


LOOKED_FOR = """
from importlib import import_module
from os import walk
from flask import Flask, Blueprint
class Config:
    def __getattr__(self, name): return load()[name]
config = Config()
def discover():
    plain, old = set(), set()
    for root, _, files in walk("."):
        for file in files:
            module = import_module(file)
            for name in dir(module):
                obj = getattr(module, name)
                if name.startswith("_") or not isinstance(obj, Blueprint):
                    continue
                if obj.name == "nowhere":
                    continue
                %s
    return plain, old
def create_app():
    app = Flask(__name__, static_folder=None)
    blueprints, compatible = discover()
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    %s
    for plugin, blueprint in app.plugins():
        app.register_blueprint(blueprint)
    return app
"""

SORTED = """if %s:
                    old.add(obj)
                else:
                    plain.add(obj)"""
UNDER = """if config.OLD_URLS:
        for blueprint in compatible:
            app.register_blueprint(blueprint)"""
PASSED = """for blueprint in compatible:
        if not config.OLD_URLS and blueprint.name.startswith("old"):
            continue
        app.register_blueprint(blueprint)"""


@pytest.mark.parametrize(
    "registered", [pytest.param(UNDER, id="under"), pytest.param(PASSED, id="passed over")]
)
@pytest.mark.parametrize(
    "test",
    [
        "obj.name.startswith('old_')",
        "not obj.name.startswith(('new', 'other'))",
        "obj.name in ('old_api', 'older')",
        "obj.name == 'old_api'",
        "'old' in obj.name and not obj.name.endswith('_new')",
        "obj.name != 'new' and obj.name not in ['x']",
    ],
)
def test_blueprints_that_are_looked_for_are_sorted_by_their_names(
    read: Read, test: str, registered: str
) -> None:
    found = read(
        main="from pkg.factory import create_app\napp = create_app()",
        pkg____init__="",
        pkg__factory=LOOKED_FOR % (SORTED % test, registered),
        pkg__views="""
        from flask import Blueprint
        new = Blueprint("new", __name__)
        old = Blueprint("old_api", __name__)
        nowhere = Blueprint("nowhere", __name__)
        @new.route("/new")
        @old.route("/old")
        @nowhere.route("/nowhere")
        def view(): return ""
        """,
    )
    conditions = {route.path: route.condition for route in found.routes}
    assert conditions == {"/new": "", "/old": "config.OLD_URLS"}


def test_an_application_that_says_it_has_no_static_folder_serves_no_files(agree: Agree) -> None:
    agree(
        main="""
        from flask import Flask
        class App(Flask):
            @property
            def has_static_folder(self): return False
        app = App(__name__, static_folder="static", static_url_path="/")
        """,
    )


def test_what_the_configuration_gives_where_nobody_sets_it_is_followed(agree: Agree) -> None:
    agree(
        main="""
        from flask import Blueprint, Flask
        health = Blueprint("health", __name__)
        @health.route("/health")
        def healthy(): return ""
        class Starter:
            def __init__(self, target): self.application = target
            def start(self): self.application.register_blueprint(health)
        def create_app():
            app = Flask(__name__, static_folder=None)
            starter = app.config.get("STARTER", Starter)(app)
            starter.start()
            return app
        """
    )
