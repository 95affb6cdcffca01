from __future__ import annotations

from typing import Any

import a2wsgi
import flask
import pytest
import starlette.applications
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from werkzeug.middleware.proxy_fix import ProxyFix

from bridge import WsgiToAsgi
from bridge.cli.framework import Framework, framework_of, wrapped_wsgi
from bridge.protocol.callables import is_asgi


def plain(environ: Any, start_response: Any) -> list[bytes]:
    return []


async def asgi_function(scope: Any, receive: Any, send: Any) -> None: ...


async def two_arguments(first: Any, second: Any) -> None: ...


class Shop(flask.Flask):
    pass


class Trap:
    """An application whose attribute must not be read."""

    @property
    def app(self) -> Any:
        raise AssertionError("a property was run")

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        return []


FLASK: Any = flask.Flask("shop")  # a2wsgi's types for WSGI are its own
# Pyramid's own router; importing it warns of a module of the standard library's on some Pythons.
PyramidRouter = type("Router", (), {"__module__": "pyramid.router", "__call__": plain})


@pytest.fixture
def django_handler(monkeypatch: pytest.MonkeyPatch) -> WSGIHandler:
    # The handler's own class is what is looked at; loading middleware would need settings.
    return object.__new__(WSGIHandler)


@pytest.mark.parametrize(
    ("application", "name"),
    [
        (flask.Flask("shop"), "Flask"),
        (Shop("shop"), "Flask"),
        (flask.Flask("shop").wsgi_app, "Flask"),
        (ProxyFix(flask.Flask("shop").wsgi_app), "Flask"),
        (ProxyFix(ProxyFix(Shop("shop"))), "Flask"),
        (PyramidRouter(), "Pyramid"),
        (starlette.applications.Starlette(), "Starlette"),
        (a2wsgi.WSGIMiddleware(FLASK), "Flask"),
    ],
    ids=["flask", "subclass", "method", "middleware", "two layers", "pyramid", "starlette", "a2wsgi"],
)
def test_framework_of_an_application(application: Any, name: str) -> None:
    found = framework_of(application)
    assert found is not None
    assert found.name == name
    assert found.version[:1].isdigit()


def test_framework_of_django(django_handler: WSGIHandler) -> None:
    found = framework_of(django_handler)
    assert found is not None
    assert found.name == "Django"


@pytest.mark.parametrize(
    "application", [plain, Trap(), object(), None, 5], ids=["function", "property", "object", "None", "int"]
)
def test_framework_of_anything_else_is_none(application: Any) -> None:
    assert framework_of(application) is None


def test_framework_of_middleware_that_wraps_itself_ends() -> None:
    class Loop:
        def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
            return []

    one, two = Loop(), Loop()
    one.app, two.app = two, one  # type: ignore[attr-defined] # the loop is the test
    assert framework_of(one) is None


def test_framework_is_written_with_its_version_where_there_is_one() -> None:
    assert str(Framework("Flask", "3.1.0")) == "Flask 3.1.0"
    assert str(Framework("Bottle", "")) == "Bottle"


@pytest.mark.parametrize(
    ("application", "answer"),
    [
        (asgi_function, True),
        (starlette.applications.Starlette(), True),
        (object.__new__(ASGIHandler), True),
        (WsgiToAsgi(plain), True),
        (a2wsgi.WSGIMiddleware(plain), True),
        (two_arguments, False),
        (plain, False),
        (flask.Flask("shop"), False),
        (object.__new__(WSGIHandler), False),
        (None, False),
        (dict, False),
    ],
    ids=[
        "function",
        "starlette",
        "django-asgi",
        "bridge",
        "a2wsgi",
        "two arguments",
        "wsgi function",
        "flask",
        "django-wsgi",
        "None",
        "class",
    ],
)
def test_is_asgi(application: Any, answer: bool) -> None:
    assert is_asgi(application) is answer


@pytest.mark.parametrize(
    ("application", "answer"),
    [
        (WsgiToAsgi(plain), True),
        (a2wsgi.WSGIMiddleware(FLASK), True),
        (starlette.applications.Starlette(), False),
        (asgi_function, False),
    ],
    ids=["bridge", "a2wsgi", "starlette", "function"],
)
def test_wrapped_wsgi_tells_a_wrapper_from_an_application(application: Any, answer: bool) -> None:
    assert wrapped_wsgi(application) is answer
