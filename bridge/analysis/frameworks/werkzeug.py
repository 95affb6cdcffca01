"""The reader of applications that use Werkzeug's routing alone: a `Map` of `Rule`s."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.building import build_route, joined_path
from bridge.analysis.frameworks.calls import Call, calls_on, elements_of, making, objects, texts_of
from bridge.analysis.frameworks.roots import members_of
from bridge.analysis.model import Discovery, Route
from bridge.analysis.project import Project
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import ANY, State
from bridge.analysis.solving.values import BOUND, CLASS, CONTAINER, FUNCTION, INSTANCE, OBJECT

__all__ = ["WerkzeugReader"]

MAP, RULE = "werkzeug.routing.Map", "werkzeug.routing.Rule"
GROUPS = {
    "werkzeug.routing.Submount": True,
    "werkzeug.routing.EndpointPrefix": False,
    "werkzeug.routing.Subdomain": False,
}
CALLABLE = frozenset({FUNCTION, BOUND, CLASS, INSTANCE})


@dataclass(frozen=True, slots=True)
class WerkzeugReader:
    """Reads the rules of every `Map`. An endpoint is a function, or the name of one: "x" may be `on_x`."""

    name: str = "werkzeug"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return a route for each rule."""
        del project, options
        maps = objects(state, [MAP])
        unread: list[str] = []
        routes = [
            route
            for each in maps
            for rule, prefix in _rules_of(state, each)
            for route in _routes(state, rule, prefix, unread)
        ]
        return Discovery((self.name,) if routes else (), tuple(routes), unread=tuple(unread))


def _rules_of(state: State, value: int) -> Iterator[tuple[Call, str]]:
    made = making(state, value)
    if made is not None:
        yield from _rules(state, made.values(0, "rules"), "")
    for call in calls_on(state, value, "add"):
        yield from _rules(state, frozenset().union(*call.rest(0)), "")


def _rules(state: State, values: frozenset[int], prefix: str) -> Iterator[tuple[Call, str]]:
    """Yield (the call that makes a rule, the prefix of its submounts) for what a list of rules holds."""
    for value in sorted(values, key=lambda each: _order(state, each)):
        if state.values.kinds[value] == CONTAINER:
            yield from _rules(state, frozenset(state.flow.holds[state.field(value, ANY)]), prefix)
            continue
        made = making(state, value) if state.values.kinds[value] == OBJECT else None
        if made is None:
            continue
        name = name_of(state, value)
        if name == RULE:
            yield made, prefix
        elif name in GROUPS:
            inner = (made.texts(0, "path") or [""])[0] if GROUPS[name] else ""
            yield from _rules(state, made.values(1, "rules"), prefix.rstrip("/") + inner.rstrip("/"))


def _order(state: State, value: int) -> tuple[int, int]:
    made = state.makings.get(value)
    return (made.site.line, value) if made else (0, value)


def _routes(state: State, rule: Call, prefix: str, unread: list[str]) -> Iterator[Route]:
    paths = rule.texts(0, "string")
    if not paths:
        unread.append(f"the path of Rule at {rule.file}:{rule.line}")
    endpoints = rule.values(None, "endpoint")
    views = [each for each in sorted(endpoints) if state.values.kinds[each] in CALLABLE]
    names = texts_of(state, endpoints)
    views = views or [each for name in names for each in _named(state, name)]
    methods = elements_of(state, rule.values(None, "methods"))
    for path in paths:
        yield build_route(
            state,
            "werkzeug",
            methods,
            joined_path(prefix, path),
            view=views,
            place=(rule.file, rule.line),
            name=(names or [""])[0],
        )


def _named(state: State, name: str) -> list[int]:
    """Return the methods `on_<name>` (or `<name>`) of the project's classes that dispatch by endpoint."""
    for method in (f"on_{name}", name):
        found = [
            each
            for owner in list(state.classes)
            if method in state.program.defined_names
            for each in members_of(state, state.values.make(INSTANCE, owner), method)
        ]
        if found:
            return found[:1]
    return []
