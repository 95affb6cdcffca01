"""django-ninja: the operations of a `NinjaAPI` and of its routers, and the patterns that `api.urls` makes of them.

What `NinjaAPI.urls` and `BoundRouter.urls_paths` do, written down: https://django-ninja.dev/guides/routers/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from bridge.analysis.frameworks.django.asking import elements
from bridge.analysis.frameworks.django.data import (
    Class,
    External,
    Instance,
    Made,
    Native,
    NativeObject,
    Place,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.urls import Pattern
from bridge.analysis.frameworks.django.view_methods import OPERATION

__all__ = ["NINJA", "UNSET", "VERBS", "Inner", "Keywords", "Operation", "Router"]

VERBS = ("get", "post", "put", "patch", "delete")
DEEPEST = 10  # routers inside each other
UNSET = object()  # no `auth=`: that of the router around counts; None: nobody is asked
PAGES = (("openapi_url", "/openapi.json", "openapi_json"), ("docs_url", "/docs", "openapi_view"))

Keywords = dict[str, Any]


class Operation(NamedTuple):
    """One function on one path. `methods` in upper case; `auth` is `UNSET`, None, or what is asked.

    Of a class's method `owner` is the class and `name` what it calls it; `guards` are asked besides `auth`.
    """

    path: str
    methods: tuple[str, ...]
    view: Any
    auth: Any
    place: Place
    owner: Class | None = None
    name: str = ""
    guards: tuple[Any, ...] = ()


class Inner(NamedTuple):
    """A router in another one, or in an API. `auth` as in `Operation`."""

    prefix: str
    router: Any
    auth: Any


class Router(NativeObject):
    """A `Router`, or with `is_api` a `NinjaAPI`, with what was registered on it."""

    def __init__(self, *, is_api: bool) -> None:
        self._is_api = is_api
        self.options: Keywords = {}
        self._operations: list[Operation] = []
        self._inner: list[Inner] = []

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return what registers operations and routers, and of an API its `urls`."""
        if name == "__init__":
            return Native(name, self._start)
        if name in VERBS:
            return Native(name, partial(self._operation, (name.upper(),)))
        if name == "api_operation":
            return Native(name, partial(self._operation, None))
        if name == "add_api_operation":
            return Native(name, self._add_operation)
        if name == "add_router":
            return Native(name, self._add_router)
        if name == "urls" and self._is_api:
            return self._patterns(interpreter), "ninja", "api"
        return Native(name, _decorator) if name == "exception_handler" else None

    def add(self, operation: Operation) -> None:
        """Add an operation."""
        self._operations.append(operation)

    def add_inner(self, inner: Inner) -> None:
        """Add a router."""
        self._inner.append(inner)

    def _start(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: Keywords, place: Place
    ) -> None:
        self.options = keywords

    def _operation(
        self,
        methods: tuple[str, ...] | None,
        interpreter: Interpreter,
        arguments: tuple[Any, ...],
        keywords: Keywords,
        place: Place,
    ) -> Native:
        names = ("path",) if methods else ("methods", "path")
        given = {"methods": methods, **keywords, **dict(zip(names, arguments, strict=False))}

        def decorate(interpreter: Interpreter, views: tuple[Any, ...], _: Keywords, __: Place) -> Any:
            self._add_operation(interpreter, (), {**given, "view_func": views[0]}, place)
            return views[0]

        return Native("decorate", decorate)

    def _add_operation(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: Keywords, place: Place
    ) -> None:
        given = {**keywords, **dict(zip(("path", "methods", "view_func"), arguments, strict=False))}
        path, methods = given.get("path"), elements(interpreter, given.get("methods"))
        if not isinstance(path, str) or methods is None:
            interpreter.note(f"the path or methods of the operation at {place}")
            return
        upper = tuple(str(each).upper() for each in methods)
        self._operations.append(
            Operation(path, upper, given.get("view_func"), keywords.get("auth", UNSET), place)
        )

    def _add_router(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: Keywords, place: Place
    ) -> None:
        given = {**keywords, **dict(zip(("prefix", "router"), arguments, strict=False))}
        prefix, router = given.get("prefix"), given.get("router")
        if isinstance(router, str):
            router = interpreter.dotted(router)
        native = router.native if isinstance(router, Instance) else router
        if isinstance(prefix, str) and isinstance(native, Router):
            self._inner.append(Inner(prefix, native, keywords.get("auth", UNSET)))
        else:
            interpreter.note(f"the router added at {place}")

    def _patterns(self, interpreter: Interpreter) -> list[Pattern]:
        """Return the pages about the API, the operations in the order of their registration, the API's root."""
        found: list[Pattern] = []
        for option, default, page in PAGES:
            path = self.options.get(option, default)
            if not isinstance(path, str):
                break  # without a description there is no page that shows it
            found.append(_page(path.lstrip("/"), page))
        for path, each, auth in self.operations("", self.options.get("auth", UNSET), 0):
            guards = (*_guards(interpreter, auth), *each.guards)
            said = {"methods": each.methods, "owner": each.owner, "name": each.name}
            view = Made(OPERATION, (each.view, *guards), said, each.place)
            found.append(Pattern(path, False, view, each.place))
        return [*found, _page("", "default_home")]

    def operations(self, prefix: str, auth: Any, depth: int) -> Iterator[tuple[str, Operation, Any]]:
        """Yield (path, operation, what is asked before it) of a router behind `prefix` and of those inside it."""
        for each in self._operations:
            yield _joined(prefix, each.path), each, auth if each.auth is UNSET else each.auth
        for inner in self._inner if depth < DEEPEST else ():
            own = inner.router.options.get("auth", UNSET)
            asked = next((each for each in (inner.auth, own) if each is not UNSET), auth)
            yield from inner.router.operations(_joined(prefix, inner.prefix), asked, depth + 1)


def _joined(prefix: str, path: str) -> str:
    """Return a path as Django writes it: `{int:pk}` is `<int:pk>`, and two slashes are taken for a mistake."""
    whole = "/".join(each for each in (prefix, path) if each)
    while "//" in whole:
        whole = whole.replace("//", "/")
    return whole.lstrip("/").replace("{", "<").replace("}", ">")


def _page(path: str, view: str) -> Pattern:
    return Pattern(path, False, External(f"ninja.openapi.views.{view}"), Place("", 0))


def _guards(interpreter: Interpreter, auth: Any) -> tuple[Any, ...]:
    """Return what is asked before the operation: `auth` is one or a list of them, and each may be asked."""
    if auth is UNSET or auth is None:
        return ()
    found = elements(interpreter, auth) if isinstance(auth, (list, tuple)) else None
    return tuple(found) if found is not None else (auth,)


def _decorator(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: Keywords, place: Place
) -> Native:
    return Native("decorate", lambda _, given, *__: given[0] if given else None)


def _api() -> Router:
    return Router(is_api=True)


def _router() -> Router:
    return Router(is_api=False)


NINJA: MappingProxyType[str, Callable[[], NativeObject]] = MappingProxyType(
    {
        **dict.fromkeys(("ninja.NinjaAPI", "ninja.main.NinjaAPI"), _api),
        **dict.fromkeys(("ninja.Router", "ninja.router.Router"), _router),
    }
)
