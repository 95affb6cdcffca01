"""WSGI callables that stand around a framework's application: middleware, and no routes of their own.

`application = BusyGate(main({}))` is read as a plain WSGI callable that answers everything. Where the project also has a
framework's routes, an object of the project's own class (not a function) is taken for what wraps them: it runs on
every request, and holds its thread from the first byte to the last.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.analysis.model import Discovery, Middleware, Root, Route

__all__ = ["with_wrappers"]

PLAIN = "wsgi"
CALL = ".__call__"


def with_wrappers(discovery: Discovery) -> Discovery:
    """Return the discovery with such callables as middleware of kind "wsgi" around every other route."""
    wrappers = [
        route for route in discovery.routes if route.framework == PLAIN and route.handler.endswith(CALL)
    ]
    inside = tuple(route for route in discovery.routes if route not in wrappers)
    if not wrappers or all(route.framework == PLAIN for route in inside):
        return discovery
    around = tuple(_middleware(route) for route in wrappers)
    roots = tuple(root for each in around for root in each.roots)
    left = {route.framework for route in inside}
    return replace(
        discovery,
        frameworks=tuple(name for name in discovery.frameworks if name != PLAIN or name in left),
        routes=tuple(replace(route, roots=(*roots, *route.roots)) for route in inside),
        middleware=(*around, *discovery.middleware),
    )


def _middleware(route: Route) -> Middleware:
    roots = tuple(replace(root, role="middleware") for root in route.roots)
    place: Root | Route = next(iter(roots), route)
    name = route.handler.removesuffix(CALL)
    return Middleware(name, place.file, place.line, async_capable=False, roots=roots, kind=PLAIN)
