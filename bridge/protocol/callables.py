"""Which interface a callable has, by its signature; nothing is called.

A WSGI application takes two positional arguments (PEP 3333, "The Application/Framework Side"); an ASGI application is
asynchronous and takes three (ASGI specification 3.0, "Applications"). What may be either is let through.
"""

from __future__ import annotations

import inspect
from typing import Any

from bridge.errors import InvalidOption

__all__ = ["is_asgi", "is_factory", "require_asgi", "require_wsgi", "takes"]

WSGI = "a WSGI application: callable(environ, start_response)"
ASGI = "an ASGI application: async def app(scope, receive, send)"


def takes(application: Any, count: int) -> bool:
    """Return whether it can be called with `count` positional arguments; True where nobody can say."""
    if not callable(application):
        return False
    try:
        # A wrapper is asked itself: functools.wraps gives it the signature of what it wraps.
        signature = inspect.signature(application, follow_wrapped=False)
    except (TypeError, ValueError):  # written in C, or with a signature that lies
        return True
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def is_asgi(application: Any) -> bool:
    """Return whether it is an ASGI 3 application for sure: a coroutine function of three parameters."""
    return _is_async(application) and takes(application, 3)


def is_factory(application: Any) -> bool:
    """Return whether it is a function whose first parameter has a default: `create_app(config=None, ...)`.

    It may be callable with environ and start_response, but no application makes them optional.
    """
    if not inspect.isfunction(application):
        return False
    parameters = list(inspect.signature(application, follow_wrapped=False).parameters.values())
    return bool(parameters) and parameters[0].default is not inspect.Parameter.empty


def require_wsgi(option: str, application: Any) -> None:
    """Raise `InvalidOption`, with what to write instead, for what is no WSGI application."""
    if takes(application, 2) and not (
        _is_async(application) or is_factory(application) or _makes_applications(application)
    ):
        return
    raise InvalidOption(option, application, "; ".join(filter(None, (WSGI, _wsgi_hint(application)))))


def require_asgi(option: str, application: Any) -> None:
    """Raise `InvalidOption`, with what to write instead, for what is no ASGI application."""
    if takes(application, 3) and not is_factory(application):
        return
    raise InvalidOption(option, application, "; ".join(filter(None, (ASGI, _asgi_hint(application)))))


def _wsgi_hint(got: Any) -> str:
    if is_asgi(got):
        return "this one is ASGI already and needs no bridge"
    return _hint(got)


def _asgi_hint(got: Any) -> str:
    if callable(got) and not inspect.isfunction(got) and takes(got, 2):
        return "this one may be WSGI: WsgiToAsgi(app) makes it ASGI"
    return _hint(got)


def _hint(got: Any) -> str:
    if isinstance(got, str):
        return "import it, and pass the application itself"
    if inspect.isclass(got):
        return "pass an instance of the class"
    if inspect.isfunction(got) and not inspect.iscoroutinefunction(got):
        return f"if it makes the application, call it: {got.__name__}({'' if takes(got, 0) else '...'})"
    return ""


def _makes_applications(application: Any) -> bool:
    """Return whether it is a class whose instances are applications, such as Flask, and no responses.

    A class may be an application, its instances the iterables that it returns (PEP 3333, "The Application/Framework Side").
    """
    if not inspect.isclass(application):
        return False
    methods = {name for base in application.__mro__ for name in vars(base)}
    return "__call__" in methods and "__iter__" not in methods


def _is_async(application: Any) -> bool:
    call = getattr(type(application), "__call__", None)  # noqa: B004 - its kind is asked for, not whether it is there
    return inspect.iscoroutinefunction(application) or inspect.iscoroutinefunction(call)
