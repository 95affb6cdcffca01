"""Prints the routes of an application that is imported, as JSON: runtime_routes.py MODULE:EXPRESSION.

Runs with the application's own Python (3.7 or later), so it imports nothing of ours. EXPRESSION is evaluated in the
module: `app`, `create_app()`. Each row has a method ("ANY"), a path, and the module that the view was written in.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any


def flask_routes(app: Any) -> Iterator[tuple[str, str, str]]:
    """Return the rows of `app.url_map`."""
    for rule in app.url_map.iter_rules():
        if getattr(rule, "websocket", False):
            continue
        view = app.view_functions.get(rule.endpoint)
        module = module_of(getattr(view, "view_class", view))
        methods = rule.methods or {"ANY"}
        for method in methods - {"HEAD", "OPTIONS"} or methods:
            yield method, rule.rule, module


def pyramid_routes(app: Any) -> Iterator[tuple[str, str, str]]:
    """Return the rows of the views that Pyramid introspected, at their routes' patterns."""
    introspector = app.registry.introspector
    patterns = {
        each["introspectable"]["name"]: each["introspectable"]
        for each in introspector.get_category("routes") or ()
    }
    for each in introspector.get_category("views") or ():
        view = each["introspectable"]
        route = patterns.get(view["route_name"])
        if (route is None and view["route_name"]) or (route and route["static"]) or is_error(view["context"]):
            continue  # nothing stands there, or no request gets there
        name = view["name"]
        path = route["pattern"] if route else "*traverse" + (f"/{name}" if name else "")
        methods = view["request_methods"] or (route and route["request_methods"]) or ("ANY",)
        methods = (methods,) if isinstance(methods, str) else methods
        for method in set(methods) - {"HEAD", "OPTIONS"} or methods:
            yield method, "/" + path.lstrip("/"), module_of(view["callable"])


def is_error(context: Any) -> bool:
    """Return whether a view's context is an exception: then no path leads to it."""
    if isinstance(context, type):
        return issubclass(context, BaseException)
    return getattr(context, "__name__", "") == "IExceptionResponse"


def bottle_routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Return the rows of a Bottle application, mounted ones included."""
    for route in app.routes:
        target = route.config.get("mountpoint.target")
        if target is not None:
            inner = route.config["mountpoint.prefix"].rstrip("/")
            yield from bottle_routes(target, prefix + inner)
            continue
        yield route.method, prefix + route.rule, module_of(route.get_undecorated_callback())


def falcon_routes(app: Any) -> Iterator[tuple[str, str, str]]:
    """Return the rows of a Falcon application's router, and its sinks."""
    for pattern, sink, *_ in getattr(app, "_sinks", ()):
        yield "ANY", pattern.pattern, module_of(sink)
    waiting = list(app._router._roots)  # noqa: SLF001 - Falcon has no public way to list them
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        if node.resource is not None:
            for method, responder in (node.method_map or {}).items():
                if not module_of(responder).startswith("falcon.") and not method.startswith("WEB"):
                    yield method, node.uri_template, module_of(node.resource)


def starlette_routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Return the rows of a Starlette or FastAPI application, mounted ones included."""
    for route in flat(app.routes):
        path = prefix + getattr(route, "path", "")
        methods = getattr(route, "methods", None)
        if methods:
            for method in set(methods) - {"HEAD", "OPTIONS"} or methods:
                yield method, path, module_of(route.endpoint)
        elif hasattr(getattr(route, "app", None), "routes"):
            yield from starlette_routes(route.app, path)


def flat(routes: Any) -> Iterator[Any]:
    """Yield routes, those of FastAPI's included routers (which are lazy from 0.13x on) as the application has them."""
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from flat(route.effective_candidates())
        else:
            yield route


def module_of(view: Any) -> str:
    """Return the module in which a view was written, "" if it is not known."""
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    view = getattr(view, "func", view)
    named = getattr(view, "__module__", None) or type(view).__module__
    return str(named or "")


def routes_of(app: Any) -> Iterator[tuple[str, str, str]]:
    """Return the rows of an application of any of these frameworks."""
    if hasattr(app, "url_map") and hasattr(app, "view_functions"):
        return flask_routes(app)
    if hasattr(app, "registry") and hasattr(app.registry, "introspector"):
        return pyramid_routes(app)
    if hasattr(app, "_router"):
        return falcon_routes(app)
    if hasattr(app, "routes") and type(app).__module__.partition(".")[0] == "bottle":
        return bottle_routes(app)
    return starlette_routes(app)


def main() -> None:
    """Import the target, print its rows."""
    module, _, expression = sys.argv[1].partition(":")
    sys.path.insert(0, "")
    namespace = vars(importlib.import_module(module))
    app = eval(expression or "app", namespace)  # noqa: S307 - the user's own expression, in the user's own process
    print("\n" + json.dumps(sorted(set(routes_of(app)))))


if __name__ == "__main__":
    main()
