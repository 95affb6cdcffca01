"""REST framework's routers: which patterns they make of the view sets that are registered.

What `rest_framework.routers` and drf-nested-routers do, written down; a project's subclass may change `routes`, the
trailing slash, the root view and the suffixes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bridge.analysis.frameworks.django.data import (
    Bound,
    Class,
    External,
    Instance,
    Made,
    Native,
    NativeObject,
    Place,
    Unknown,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.urls import Pattern, with_suffixes
from bridge.analysis.frameworks.django.view_methods import viewset_actions

__all__ = ["ROUTERS", "Router"]

NOWHERE = Place("", 0)


@dataclass(eq=False, slots=True)
class Template(NativeObject):
    """One of a router's `routes`. `mapping` None: for the view set's own actions; a subclass may add to it."""

    url: str
    mapping: dict[str, str] | None
    detail: bool

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the fields of the named tuple that this stands for."""
        return {"mapping": self.mapping, "url": self.url, "detail": self.detail}.get(name)


LIST = {"get": "list", "post": "create"}
DETAIL = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}


def standard_routes() -> list[Template]:
    """Return the `routes` of SimpleRouter."""
    return [
        Template("^{prefix}{trailing_slash}$", dict(LIST), detail=False),
        Template("^{prefix}/{url_path}{trailing_slash}$", None, detail=False),
        Template("^{prefix}/{lookup}{trailing_slash}$", dict(DETAIL), detail=True),
        Template("^{prefix}/{lookup}/{url_path}{trailing_slash}$", None, detail=True),
    ]


class Router(NativeObject):
    """A router with what was registered on it."""

    def __init__(self, *, suffixes: bool) -> None:
        self._has_root = self._has_suffixes = suffixes
        self.slash = "/"
        self._regex = True
        self.parent: tuple[Any, str, str] | None = None  # router, its prefix, the lookup's name
        self.routes = standard_routes()
        self.registry: list[tuple[str, Any, Any, Place]] = []

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the router's methods, its `registry` and its `urls`."""
        if name == "__init__":
            return Native(name, self._start)
        if name == "register":
            return Native(name, self._register)
        if name == "urls":
            return self._urls(interpreter, receiver)
        if name == "get_urls":
            return Native(name, lambda interpreter, *_: self.get_urls(interpreter, receiver))
        if name == "registry":
            return [(prefix, viewset, basename) for prefix, viewset, basename, _ in self.registry]
        return self._attribute(name)

    def _attribute(self, name: str) -> Any:
        known = {
            "trailing_slash": self.slash,
            "include_root_view": self._has_root,
            "include_format_suffixes": self._has_suffixes,
            "routes": self.routes,
        }
        return known.get(name)

    def _start(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> None:
        if arguments and isinstance(arguments[0], (Router, Instance)):
            self._start_nested(interpreter, arguments, keywords)
            return
        slash = keywords.get("trailing_slash", arguments[0] if arguments else True)
        self.slash = "" if slash is False else slash if isinstance(slash, str) else "/"
        self._regex = keywords.get("use_regex_path", True) is not False

    def _start_nested(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> None:
        parent, prefix = arguments[0], str(arguments[1])
        lookup = keywords.get("lookup", arguments[2] if len(arguments) > 2 else "nested_0")
        self.parent = (parent, prefix, str(lookup))
        inner = router_of(parent)
        if inner is not None:
            self.slash = inner.slash

    def _register(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> Any:
        names = ("prefix", "viewset", "basename")
        given = {**dict(zip(names, arguments, strict=False)), **keywords}
        prefix, viewset = given.get("prefix"), given.get("viewset")
        if isinstance(viewset, str):
            viewset = interpreter.dotted(viewset)
        if not isinstance(prefix, str):
            interpreter.note(f"the prefix of the view set registered at {place}")
            return None
        self.registry.append((prefix, viewset, given.get("basename", given.get("base_name")), place))
        return Registration(self, prefix)

    def _urls(self, interpreter: Interpreter, receiver: Any) -> Any:
        if isinstance(receiver, Instance):
            method, owner = interpreter.find(receiver.cls, "get_urls")
            if owner is not None:
                return interpreter.call(Bound(method, receiver), (), {}, NOWHERE)
        return self.get_urls(interpreter, receiver)

    def get_urls(self, interpreter: Interpreter, receiver: Any) -> list[Any]:
        """Return the patterns of everything registered."""
        made = [
            pattern
            for prefix, viewset, _, place in self.registry
            for pattern in self._patterns(interpreter, receiver, prefix, viewset, place)
        ]
        if _option(interpreter, receiver, "include_root_view", self._has_root):
            made.append(Pattern("", False, self._root_view(interpreter, receiver), NOWHERE))
        suffixes = _option(interpreter, receiver, "include_format_suffixes", self._has_suffixes)
        return with_suffixes(interpreter, made) if suffixes else made

    def _root_view(self, interpreter: Interpreter, receiver: Any) -> Any:
        view = _option(interpreter, receiver, "APIRootView", External("rest_framework.routers.APIRootView"))
        return Made(External("<as_view>"), (view,), {}, NOWHERE)

    def _patterns(
        self, interpreter: Interpreter, receiver: Any, prefix: str, viewset: Any, place: Place
    ) -> Iterator[Pattern]:
        slash = _option(interpreter, receiver, "trailing_slash", self.slash)
        before = self.parent_regex(interpreter) if self.parent else ""
        lookup = self.lookup(interpreter, viewset)
        actions = viewset_actions(interpreter, viewset)
        for template in _templates(interpreter, receiver, self.routes):
            for mapping, url_path in _mappings(template, actions):
                url = template.url.replace("{url_path}", url_path)
                route = _filled(url, prefix=before + prefix, lookup=lookup, trailing_slash=slash)
                route = f"^{route[2:]}" if not before + prefix and route.startswith("^/") else route
                route = route if self._regex else route.removeprefix("^").removesuffix("$")
                if not self._regex and not before + prefix:
                    route = route.removeprefix("/")
                view = Made(External("<as_view>"), (viewset, mapping), {}, place)
                yield Pattern(route, self._regex, view, place)

    def lookup(self, interpreter: Interpreter, viewset: Any, prefix: str = "") -> str:
        """Return the part of a path that says which object is meant."""
        field = _class_value(interpreter, viewset, "lookup_field") or "pk"
        name = _class_value(interpreter, viewset, "lookup_url_kwarg") or field
        value = _class_value(interpreter, viewset, "lookup_value_regex")
        if not self._regex:
            value = _class_value(interpreter, viewset, "lookup_value_converter") or value
            return f"<{value or 'str'}:{prefix}{name}>"
        return f"(?P<{prefix}{name}>{value or '[^/.]+'})"

    def parent_regex(self, interpreter: Interpreter) -> str:
        """Return the path in front of a nested router's own: its parent's prefix and lookup."""
        assert self.parent is not None
        parent, prefix, lookup = self.parent
        router = router_of(parent)
        if router is None:
            return f"{prefix}/[^/.]+/"
        viewset = next((each for name, each, *_ in router.registry if name == prefix), None)
        outer = router.parent_regex(interpreter) if router.parent else ""
        return f"{outer}{prefix}/{router.lookup(interpreter, viewset, f'{lookup}_')}/"


class Registration(NativeObject):
    """What drf-extensions' `register` gives: a router for what stands below."""

    def __init__(self, router: Router, prefix: str) -> None:
        self._router, self._prefix = router, prefix

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return `register`."""
        return self._router.member(interpreter, self._router, name)


def router_of(value: Any) -> Router | None:
    """Return the router behind a value: itself, or that of an instance of a project's subclass."""
    native = value.native if isinstance(value, Instance) else value
    return native if isinstance(native, Router) else None


def _option(interpreter: Interpreter, receiver: Any, name: str, default: Any) -> Any:
    """Return what a subclass or the instance says, else `default`."""
    if isinstance(receiver, Instance):
        if name in receiver.attributes:
            return receiver.attributes[name]
        value, owner = interpreter.find(receiver.cls, name)
        if owner is not None and not isinstance(value, Unknown):
            return value
    return default


def _class_value(interpreter: Interpreter, viewset: Any, name: str) -> str:
    cls = interpreter.follow(viewset)
    if not isinstance(cls, Class):
        return ""
    for each in interpreter.order(cls, follow=True):
        if isinstance(each, Class) and name in each.attributes:
            value = interpreter.settled(each.attributes, name)
            return value if isinstance(value, str) else ""
    return ""


def _templates(interpreter: Interpreter, receiver: Any, routes: list[Template]) -> Iterator[Template]:
    own = _option(interpreter, receiver, "routes", routes)
    for each in own if isinstance(own, (list, tuple)) else routes:
        if isinstance(each, Template):
            yield each
        elif isinstance(each, Made) and isinstance(each.function, External):
            yield from _template_of(each)


def _template_of(made: Made) -> Iterator[Template]:
    dynamic = isinstance(made.function, External) and "Dynamic" in made.function.name
    names = (
        ("url", "name", "detail", "initkwargs")
        if dynamic
        else ("url", "mapping", "name", "detail", "initkwargs")
    )
    given = {**dict(zip(names, made.arguments, strict=False)), **made.keywords}
    if isinstance(given.get("url"), str):
        mapping = given.get("mapping")
        yield Template(
            given["url"],
            None if dynamic else mapping if isinstance(mapping, dict) else {},
            given.get("detail") is True,
        )


def _mappings(template: Template, actions: Any) -> Iterator[tuple[dict[str, str], str]]:
    """Yield (HTTP method -> action, url_path) for each pattern that a template makes."""
    if template.mapping is not None:
        bound = {method: action for method, action in template.mapping.items() if action in actions.names}
        if bound:
            yield bound, ""
        return
    for extra in actions.extra:
        if extra.detail is template.detail:
            yield dict(extra.mapping), extra.url_path


def _filled(url: str, **values: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found.group(1), found.group(0)), url)


def _default() -> Router:
    return Router(suffixes=True)


def _simple() -> Router:
    return Router(suffixes=False)


ROUTERS: MappingProxyType[str, Callable[[], NativeObject]] = MappingProxyType(
    {
        "rest_framework.routers.DefaultRouter": _default,
        "rest_framework.routers.SimpleRouter": _simple,
        "rest_framework.routers.BaseRouter": _simple,
        "rest_framework_nested.routers.DefaultRouter": _default,
        "rest_framework_nested.routers.SimpleRouter": _simple,
        "rest_framework_nested.routers.NestedDefaultRouter": _default,
        "rest_framework_nested.routers.NestedSimpleRouter": _simple,
        "rest_framework_bulk.routes.BulkRouter": _default,
    }
)
