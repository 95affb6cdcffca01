from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.cli.errors import CommandError
from bridge.cli.framework import Framework
from bridge.cli.loading import load
from bridge.cli.target_errors import (
    AlreadyAsgi,
    ApplicationFailed,
    AttributeMissing,
    FactoryNeedsArguments,
    ModuleWithoutApplication,
    NotAnApplication,
)
from tests.cli.conftest import Project

pytestmark = pytest.mark.usefixtures("import_system")

WSGI = "def {name}(environ, start_response): return []\n"


def loaded(project: Project, source: str, target: str) -> tuple[Any, str]:
    found = load(target, str(project({"loaded_shop.py": source})))
    return found.application, found.name


def refused(project: Project, source: str, target: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        load(target, str(project({"loaded_shop.py": source})))
    return caught.value


def offered(error: CommandError) -> list[str]:
    return [line.removeprefix("  wsgi-bridge serve ") for line in error.advice if line.startswith("  ")]


# ---------------------------------------------------------------- what is found


def test_load_an_attribute(project: Project) -> None:
    application, name = loaded(project, WSGI.format(name="site"), "loaded_shop:site")
    assert (application.__name__, name) == ("site", "loaded_shop:site")


def test_load_an_attribute_of_an_attribute(project: Project) -> None:
    source = "class site:\n    @staticmethod\n    def wsgi(environ, start_response): return []\n"
    assert loaded(project, source, "loaded_shop:site.wsgi")[1] == "loaded_shop:site.wsgi"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["app", "application"], "loaded_shop:application"),
        (["create_app", "app"], "loaded_shop:app"),
        (["create_app"], "loaded_shop:create_app()"),
    ],
)
def test_load_a_module_takes_the_usual_names_in_their_order(
    project: Project, names: list[str], found: str
) -> None:
    make = "def create_app():\n    return lambda environ, start_response: []\n"
    source = "".join(make if name == "create_app" else WSGI.format(name=name) for name in names)
    assert loaded(project, source, "loaded_shop")[1] == found


def test_load_a_module_takes_a_migration_before_the_application_that_it_moves(project: Project) -> None:
    source = (
        "from bridge import Migration\n"
        f"{WSGI.format(name='application')}"
        "async def modern(scope, receive, send): ...\n"
        "app = Migration(legacy=application, modern=modern, routes={}, store='memory:')\n"
    )
    assert loaded(project, source, "loaded_shop")[1] == "loaded_shop:app"


def test_load_calls_a_factory_with_the_literals_of_the_target(project: Project) -> None:
    source = (
        "def make(name, *, debug=False):\n"
        "    def app(environ, start_response): return [name, debug]\n"
        "    return app\n"
    )
    application, name = loaded(project, source, "loaded_shop:make('x', debug=True)")
    assert application({}, None) == ["x", True]
    assert name == "loaded_shop:make()"


def test_load_a_class_that_is_called_once_per_request(project: Project) -> None:
    source = "class App:\n    def __init__(self, environ, start_response): pass\n    def __iter__(self): return iter([])\n"
    assert loaded(project, source, "loaded_shop:App")[0].__name__ == "App"


def test_load_an_object_that_can_be_called(project: Project) -> None:
    source = "class App:\n    def __call__(self, environ, start_response): return []\napp = App()\n"
    assert type(loaded(project, source, "loaded_shop")[0]).__name__ == "App"


@pytest.mark.parametrize(
    "signature", ["environ, start_response", "*args", "environ, start_response, extra=1"]
)
def test_load_takes_whatever_two_arguments_fit(project: Project, signature: str) -> None:
    assert loaded(project, f"def app({signature}): return []\n", "loaded_shop")[1] == "loaded_shop:app"


def test_load_knows_the_framework_and_the_home(project: Project) -> None:
    folder = project({"src/loaded_flask.py": "from flask import Flask\napp = Flask(__name__)\n"})
    found = load("src/loaded_flask.py", str(folder))
    assert isinstance(found.framework, Framework)
    assert found.framework.name == "Flask"
    assert found.home == str(folder / "src")


def test_load_a_file_with_a_name_that_is_no_identifier(project: Project) -> None:
    folder = project({"my-shop.py": WSGI.format(name="app")})
    assert load("my-shop.py", str(folder)).name == "my-shop:app"


@pytest.mark.parametrize("name", ["time", "json", "bridge"])
def test_load_a_file_that_is_named_like_another_module_is_that_file(project: Project, name: str) -> None:
    folder = project({f"{name}.py": WSGI.format(name="app")})
    application = load(f"{name}.py", str(folder)).application
    assert Path(application.__code__.co_filename) == folder / f"{name}.py"


def test_load_sees_a_relative_import_in_a_package(project: Project) -> None:
    folder = project(
        {
            "loaded_web/__init__.py": "",
            "loaded_web/site.py": "from .core import app\n",
            "loaded_web/core.py": WSGI.format(name="app"),
        }
    )
    assert load("loaded_web/site.py", str(folder)).name == "loaded_web.site:app"


# ---------------------------------------------------------------- what is not


def test_load_attribute_missing_offers_the_nearest(project: Project) -> None:
    error = refused(project, WSGI.format(name="application"), "loaded_shop:aplication")
    assert isinstance(error, AttributeMissing)
    assert error.summary == "loaded_shop has no 'aplication'."
    assert error.facts == (("imported", str(project({}) / "loaded_shop.py")),)
    assert offered(error) == ["loaded_shop:application"]


def test_load_attribute_missing_of_an_attribute_offers_its_own(project: Project) -> None:
    error = refused(project, "class site:\n    wsgi_app = 1\n", "loaded_shop:site.wsgi_ap")
    assert isinstance(error, AttributeMissing)
    assert error.summary == "loaded_shop:site has no 'wsgi_ap'."
    assert offered(error) == ["loaded_shop:site.wsgi_app"]


def test_load_attribute_missing_offers_the_usual_name_that_is_there(project: Project) -> None:
    error = refused(project, WSGI.format(name="application"), "loaded_shop:site")
    assert offered(error) == ["loaded_shop:application"]


def test_load_attribute_missing_offers_what_looks_like_an_application(project: Project) -> None:
    error = refused(project, "from flask import Flask\nsite = Flask(__name__)\n", "loaded_shop:zzzzz")
    assert offered(error) == ["loaded_shop:site"]


def test_load_module_without_application_says_what_was_tried_and_offers_what_looks_like_one(
    project: Project,
) -> None:
    error = refused(project, "from flask import Flask\nsite = Flask(__name__)\n", "loaded_shop")
    assert isinstance(error, ModuleWithoutApplication)
    assert error.facts[1] == ("tried", "application, app, create_app()")
    assert offered(error) == ["loaded_shop:site"]


def test_load_module_without_application_and_without_an_offer_asks_for_the_name(project: Project) -> None:
    assert refused(project, "x = 1\n", "loaded_shop").advice == (
        "Name it: wsgi-bridge serve loaded_shop:attribute",
    )


def test_load_package_without_application_offers_its_wsgi_module(project: Project) -> None:
    folder = project({"loaded_site/__init__.py": "", "loaded_site/wsgi.py": WSGI.format(name="application")})
    with pytest.raises(ModuleWithoutApplication) as caught:
        load("loaded_site", str(folder))
    assert offered(caught.value) == ["loaded_site.wsgi"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("None", "None"),
        ("5", "an object of type int"),
        ("'text'", "an object of type str"),
        ("__import__('json')", "a module"),
        ("object", "the class object"),
        ("__import__('flask').Blueprint('x', 'x')", "an object of type flask.blueprints.Blueprint"),
    ],
)
def test_load_what_cannot_be_called_is_not_an_application(project: Project, value: str, found: str) -> None:
    error = refused(project, f"app = {value}\n", "loaded_shop:app")
    assert isinstance(error, NotAnApplication)
    assert error.summary == (
        f"loaded_shop:app is {found}, not a WSGI application: "
        "that is called with two arguments, environ and start_response (PEP 3333)."
    )


def test_load_a_factory_that_was_not_called_offers_the_call(project: Project) -> None:
    error = refused(project, "def make(debug=False):\n    return None\n", "loaded_shop:make")
    assert isinstance(error, NotAnApplication)
    assert error.found == "a function of (debug=False)"
    assert offered(error) == ["'loaded_shop:make()'"]


def test_load_a_factory_whose_arguments_are_all_optional_is_not_taken_for_an_application(
    project: Project,
) -> None:
    source = "def make(config=None, folder='.', testing=False):\n    return None\n"
    assert offered(refused(project, source, "loaded_shop:make")) == ["'loaded_shop:make()'"]


def test_load_a_factory_that_returns_nothing_is_told_to(project: Project) -> None:
    error = refused(project, "def make():\n    pass\n", "loaded_shop:make()")
    assert error.summary.startswith("loaded_shop:make() is None, not a WSGI application")
    assert error.advice == ("The factory has to return the application: write `return app` at its end.",)


def test_load_a_factory_that_needs_arguments_shows_its_signature_and_a_call(project: Project) -> None:
    error = refused(project, "def create_app(config, *, name, debug=False): ...\n", "loaded_shop")
    assert isinstance(error, FactoryNeedsArguments)
    assert error.summary == (
        "the factory loaded_shop:create_app cannot be called like this: missing a required argument: 'config'."
    )
    assert error.facts == (("signature", "create_app(config, *, name, debug=False)"),)
    assert error.advice[1] == """  wsgi-bridge serve 'loaded_shop:create_app(config="...", name="...")'"""


def test_load_a_factory_with_an_argument_too_many_says_so(project: Project) -> None:
    error = refused(project, "def make(): ...\n", "loaded_shop:make(1)")
    assert isinstance(error, FactoryNeedsArguments)
    assert "too many positional arguments" in error.summary


def test_load_a_call_of_what_cannot_be_called(project: Project) -> None:
    assert isinstance(refused(project, "app = 5\n", "loaded_shop:app()"), NotAnApplication)


def test_load_a_factory_that_raises_shows_its_line(project: Project) -> None:
    error = refused(project, "def make():\n    return {}['no']\n", "loaded_shop:make()")
    assert isinstance(error, ApplicationFailed)
    assert error.summary == "calling loaded_shop:make() raised KeyError: 'no'"
    assert error.facts == (("in", f"{project({}) / 'loaded_shop.py'}, line 2\n  return {{}}['no']"),)


@pytest.mark.parametrize(
    ("source", "target", "found", "uvicorn"),
    [
        (
            "async def app(scope, receive, send): ...",
            "loaded_shop:app",
            "a coroutine function of (scope, receive, send)",
            "loaded_shop:app",
        ),
        (
            "from starlette.applications import Starlette\napp = Starlette()",
            "loaded_shop",
            "a Starlette application",
            "loaded_shop:app",
        ),
        (
            "from fastapi import FastAPI\nclass Api(FastAPI): pass\napp = Api()",
            "loaded_shop",
            "a FastAPI application",
            "loaded_shop:app",
        ),
        (
            "from starlette.applications import Starlette\ndef create_app(): return Starlette()",
            "loaded_shop",
            "a Starlette application",
            "--factory loaded_shop:create_app",
        ),
    ],
    ids=["function", "starlette", "fastapi-subclass", "factory"],
)
def test_load_what_is_asgi_already_names_the_command_that_serves_it(
    project: Project, source: str, target: str, found: str, uvicorn: str
) -> None:
    error = refused(project, source, target)
    assert isinstance(error, AlreadyAsgi)
    assert error.summary.endswith(f" is {found}: it is ASGI already and needs no bridge.")
    assert error.advice == ("Serve it directly:", f"  uvicorn {uvicorn}")


@pytest.mark.parametrize(
    "wrapper", ["a2wsgi.WSGIMiddleware", "asgiref.wsgi.WsgiToAsgi", "bridge.WsgiToAsgi"], ids=str
)
def test_load_a_wrapper_around_wsgi_asks_for_what_it_wraps(project: Project, wrapper: str) -> None:
    module, _, name = wrapper.rpartition(".")
    source = f"from {module} import {name}\nfrom flask import Flask\napp = {name}(Flask('x'))\n"
    error = refused(project, source, "loaded_shop")
    assert isinstance(error, AlreadyAsgi)
    assert error.advice[-1] == ("To have the bridge in its place, name the WSGI application that it wraps.")
