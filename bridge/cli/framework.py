"""What kind of application is this: its framework, its version, and whether it is ASGI.

Decided by the module that the object's class comes from: no framework is imported for it.
"""

from __future__ import annotations

import importlib.metadata
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bridge.protocol.callables import is_asgi

__all__ = ["Framework", "framework_of", "wrapped_wsgi"]

# Top-level module -> (name, distribution).
FRAMEWORKS = MappingProxyType(
    {
        "apistar": ("API Star", "apistar"),
        "blacksheep": ("BlackSheep", "blacksheep"),
        "bottle": ("Bottle", "bottle"),
        "channels": ("Channels", "channels"),
        "cherrypy": ("CherryPy", "cherrypy"),
        "connexion": ("Connexion", "connexion"),
        "django": ("Django", "django"),
        "falcon": ("Falcon", "falcon"),
        "fastapi": ("FastAPI", "fastapi"),
        "flask": ("Flask", "flask"),
        "hug": ("hug", "hug"),
        "litestar": ("Litestar", "litestar"),
        "morepath": ("Morepath", "morepath"),
        "pyramid": ("Pyramid", "pyramid"),
        "quart": ("Quart", "quart"),
        "sanic": ("Sanic", "sanic"),
        "starlette": ("Starlette", "starlette"),
        "tg": ("TurboGears", "turbogears2"),
        "web": ("web.py", "web.py"),
        "webob": ("WebOb", "webob"),
        "werkzeug": ("Werkzeug", "werkzeug"),
    }
)
# Where WSGI middleware commonly keeps what it wraps (Werkzeug, WhiteNoise, Paste, a bound method).
INNER = (
    "app",
    "application",
    "wsgi_app",
    "wsgi_application",
    "wrapped",
    "_app",
    "wrap_app",
    "__self__",
    "__wrapped__",
)
DEPTH = 8  # layers of middleware to look through; deeper ones exist, but not in anything seen so far


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework's name and installed version; `version` is empty where there is no metadata."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


def framework_of(application: Any) -> Framework | None:
    """Return the framework of `application`, looking through middleware; None for a plain callable."""
    for layer in _layers(application):
        for base in type(layer).__mro__:
            top = base.__module__.partition(".")[0]
            # Werkzeug's middleware is found around other frameworks: what is inside says more.
            if top in FRAMEWORKS and top != "werkzeug":
                name, distribution = FRAMEWORKS[top]
                return Framework(name, _version(distribution))
    return None


def _layers(application: Any) -> Iterator[Any]:
    layer: Any = application
    for _ in range(DEPTH):
        yield layer
        inner = next((value for name in INNER if callable(value := _stored(layer, name))), None)
        if inner is None or inner is layer:
            return
        layer = inner


def _stored(layer: Any, name: str) -> Any:
    """Read an attribute without running properties: an application may do anything in one."""
    found = inspect.getattr_static(layer, name, None)
    return getattr(layer, name) if name == "__self__" and inspect.ismethod(layer) else found


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:  # vendored, as single-file Bottle often is
        return ""


def wrapped_wsgi(application: Any) -> bool:
    """Return whether an ASGI `application` is a wrapper around a WSGI one, such as a2wsgi's or our own."""
    inner = list(_layers(application))[1:]
    return any(not is_asgi(layer) and _takes(layer, 2) for layer in inner[:1])


def _takes(callable_: Any, count: int) -> bool:
    try:
        inspect.signature(callable_).bind(*range(count))
    except (TypeError, ValueError):  # does not fit; or written in C and has no signature
        return False
    return True
