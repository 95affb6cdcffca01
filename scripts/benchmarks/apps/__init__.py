"""The applications under load: where each one's WSGI and ASGI form is, and the path that proves it runs."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["APPS", "App", "load"]


@dataclass(frozen=True, slots=True)
class App:
    """One application: `wsgi` and `native` are `module:attribute`, `native` None where ASGI has no equal form."""

    wsgi: str
    native: str | None
    probe: str = "/"  # answered quickly with 200: proves that the server is up


_WSGI = "scripts.benchmarks.apps.plain"
_ASGI = "scripts.benchmarks.apps.native"
_CALLING = "scripts.benchmarks.apps.calling"

APPS = {
    "hello": App(f"{_WSGI}:hello", f"{_ASGI}:hello"),
    "stream": App(f"{_WSGI}:stream", f"{_ASGI}:stream", probe="/?1"),
    "beats": App(f"{_WSGI}:beats", f"{_ASGI}:beats", probe="/?1"),
    "upload": App(f"{_WSGI}:upload", f"{_ASGI}:upload"),
    "file": App(f"{_WSGI}:file", f"{_ASGI}:file", probe="/?small"),
    "wait": App(f"{_WSGI}:wait", f"{_ASGI}:wait"),
    "flask": App("scripts.benchmarks.apps.flask_hello:app", None),
    "django": App("scripts.benchmarks.apps.django_hello:app", None),
    "talking": App("scripts.benchmarks.apps.talking:app", "scripts.benchmarks.apps.talking:native"),
    "call": App(f"{_CALLING}:call", f"{_CALLING}:native_call"),
    "flask-call": App(f"{_CALLING}:flask_app", None),
    "django-call": App("scripts.benchmarks.apps.django_database:app", None),
    **{
        # Behind Migration, which is ASGI.
        name: App("", f"scripts.benchmarks.apps.migrated:{name}", probe="/shop/17/reviews")
        for name in ("rules_10", "rules_500", "rules_1000", "alone", "shadowed")
    },
}


def load(target: str) -> Callable[..., Any]:
    """The object that `module:attribute` names."""
    module, attribute = target.split(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return found
