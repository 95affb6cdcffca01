"""Prints an example's routes as JSON, for the test that holds its README to them. Run in a process of its own.

A route is `METHOD path`, with the path as the framework writes it.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any

IMPLIED = {"HEAD", "OPTIONS"}  # answered by the framework


def flask_shop() -> Iterator[str]:
    app = importlib.import_module("wsgi").app
    for rule in app.url_map.iter_rules():
        for method in rule.methods - IMPLIED:
            yield f"{method} {rule.rule}"


def pyramid_notes() -> Iterator[str]:
    from pyramid.interfaces import IRoutesMapper

    registry = importlib.import_module("wsgi").application.application.registry
    routes = {route.name: route.pattern for route in registry.getUtility(IRoutesMapper).get_routes()}
    for view in registry.introspector.get_category("views"):
        found = view["introspectable"]
        if found["route_name"] in routes:
            for method in _methods(found["request_methods"]):
                yield f"{method} {_without_pattern(routes[found['route_name']])}"


def _methods(given: Any) -> list[str]:
    if given is None:
        return ["GET"]
    return [given] if isinstance(given, str) else [method for method in given if method not in IMPLIED]


def _without_pattern(path: str) -> str:
    return "/" + path.lstrip("/").replace(r":\d+", "")


def django_library() -> Iterator[str]:
    importlib.import_module("library_site.wsgi")  # sets Django up
    from django.urls import get_resolver

    for pattern in get_resolver().url_patterns:
        yield from _django_routes(pattern, "/")


def _django_routes(pattern: Any, prefix: str) -> Iterator[str]:
    path = prefix + str(pattern.pattern)
    if hasattr(pattern, "url_patterns"):
        for inner in pattern.url_patterns:
            yield from _django_routes(inner, path)
    else:
        # A regular expression of re_path shows its path without the anchors.
        yield path.replace("^", "").replace("$", "")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(sorted(set(globals()[sys.argv[1]]()))))
