from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from bridge.errors import InvalidOption
from bridge.protocol.callables import is_asgi, is_factory, require_asgi, require_wsgi, takes


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    return []


async def asgi(scope: Any, receive: Any, send: Any) -> None: ...


def factory() -> Any: ...


def factory_with_options(config: Any = None, folder: str = ".", testing: bool = False) -> Any: ...


def factory_with_a_need(config: Any) -> Any: ...


class Wsgi:
    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        return []


class PerRequest:
    def __init__(self, environ: Any, start_response: Any) -> None: ...


class Framework:
    def __init__(self, name: str, folder: str | None = None) -> None: ...

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        return []


class Asgi:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Awaitable:
    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...


@functools.wraps(factory)
def wrapped(environ: Any, start_response: Any) -> list[bytes]:
    return []


def anything(*arguments: Any) -> Any: ...


@pytest.mark.parametrize("app", [wsgi, Wsgi(), Wsgi().__call__, PerRequest, wrapped, anything, map, dict])
def test_what_may_be_wsgi_is_let_through(app: Callable[..., Any]) -> None:
    require_wsgi("app", app)


@pytest.mark.parametrize("app", [asgi, Asgi(), Awaitable, anything, map])
def test_what_may_be_asgi_is_let_through(app: Callable[..., Any]) -> None:
    require_asgi("app", app)


@pytest.mark.parametrize(
    ("got", "hint"),
    [
        (asgi, "this one is ASGI already and needs no bridge"),
        (Asgi(), "this one is ASGI already and needs no bridge"),
        ("shop:app", "import it, and pass the application itself"),
        (Wsgi, "pass an instance of the class"),
        (Framework, "pass an instance of the class"),
        (factory, "if it makes the application, call it: factory()"),
        (factory_with_options, "if it makes the application, call it: factory_with_options()"),
        (factory_with_a_need, "if it makes the application, call it: factory_with_a_need(...)"),
    ],
    ids=[
        "asgi",
        "asgi object",
        "string",
        "class",
        "framework",
        "factory",
        "factory with options",
        "factory with a need",
    ],
)
def test_what_is_not_wsgi_is_told_what_to_write_instead(got: Any, hint: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        require_wsgi("app", got)
    assert str(caught.value) == (
        f"app={got!r} is not possible: expected a WSGI application: callable(environ, start_response); {hint}"
    )


@pytest.mark.parametrize(
    ("got", "hint"),
    [
        (Wsgi(), "; this one may be WSGI: WsgiToAsgi(app) makes it ASGI"),
        ("shop:app", "; import it, and pass the application itself"),
        (factory, "; if it makes the application, call it: factory()"),
        (None, ""),
    ],
    ids=["wsgi object", "string", "factory", "None"],
)
def test_what_is_not_asgi_is_told_what_to_write_instead(got: Any, hint: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        require_asgi("app", got)
    assert str(caught.value) == (
        f"app={got!r} is not possible: expected an ASGI application: async def app(scope, receive, send){hint}"
    )


def test_takes_is_false_for_what_cannot_be_called() -> None:
    assert not takes("shop:app", 2)


def test_is_asgi_is_a_coroutine_function_of_three_parameters() -> None:
    assert [each for each in (asgi, wsgi, anything, Awaitable) if is_asgi(each)] == [asgi]


def test_is_factory_is_a_function_whose_first_parameter_is_optional() -> None:
    functions = (factory, factory_with_options, wsgi, anything)
    assert [each for each in functions if is_factory(each)] == [factory_with_options]
