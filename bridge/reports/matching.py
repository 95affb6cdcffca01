"""Which routes a person means by `GET /users` or `/users`, and which they may have meant."""

from __future__ import annotations

import dataclasses
import difflib

from bridge.analysis.model import Report, RouteReport

__all__ = ["matching_routes", "nearest_routes", "with_routes"]


def matching_routes(report: Report, text: str) -> tuple[RouteReport, ...]:
    """Return the routes of an id, or of a path with any method; methods in either case; none where there is none."""
    wanted = " ".join(text.split())
    methods, _, path = wanted.rpartition(" ")
    for accept in (
        lambda route: route.id == wanted,
        lambda route: route.path == path and _serves(route, methods),
        lambda route: route.path.rstrip("/") == path.rstrip("/") and _serves(route, methods),
        lambda route: route.handler == wanted,
    ):
        found = tuple(filter(accept, report.routes))
        if found:
            return found
    return ()


def _serves(route: RouteReport, methods: str) -> bool:
    asked = {each.strip().upper() for each in methods.split(",") if each.strip()} - {"ANY"}
    return not route.methods or asked <= set(route.methods)


def nearest_routes(report: Report, text: str, *, most: int = 3) -> list[str]:
    """Return ids of routes that look like `text`."""
    ids = {each.id.casefold(): each.id for each in report.routes}
    paths = {each.path.casefold(): each.id for each in report.routes}
    wanted = text.casefold()
    close = difflib.get_close_matches(wanted, ids, most, 0.6)
    close_paths = difflib.get_close_matches(wanted.rpartition(" ")[2], paths, most, 0.6)
    found = [ids[each] for each in close] + [paths[each] for each in close_paths]
    return list(dict.fromkeys(found))[:most]


def with_routes(report: Report, routes: tuple[RouteReport, ...]) -> Report:
    """Return the report with these routes and their findings alone; summary and plan stay those of the project."""
    kept = {id_ for route in routes for id_ in route.findings}
    return dataclasses.replace(
        report, routes=routes, findings=tuple(each for each in report.findings if each.id in kept)
    )
