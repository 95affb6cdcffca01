"""The reader of Falcon applications, WSGI and ASGI: resources with `on_get`, sinks, middleware."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.building import build_route, entered
from bridge.analysis.frameworks.calls import Call, calls_on, making, objects, texts_of
from bridge.analysis.frameworks.classes import VERBS, instance_of, verbs_of
from bridge.analysis.frameworks.roots import functions_of, members_of, place_of
from bridge.analysis.model import Discovery, Middleware, Route
from bridge.analysis.project import Project
from bridge.analysis.solving.engine import run_waiting
from bridge.analysis.solving.linking import module_member
from bridge.analysis.solving.state import ANY, State
from bridge.analysis.solving.values import CLASS, CONTAINER, INSTANCE, MODULE

__all__ = ["FalconReader"]

APPLICATIONS = ("falcon.App", "falcon.asgi.App")
BEFORE = ("process_request", "process_resource", "process_request_async", "process_resource_async")
AFTER = ("process_response", "process_response_async")

Functions = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class FalconReader:
    """Reads Falcon's routes: one for each responder of a resource."""

    name: str = "falcon"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return the routes of every Falcon application of the project."""
        del project, options
        apps = objects(state, APPLICATIONS)
        unread: list[str] = []
        routes: list[Route] = []
        middleware: list[Middleware] = []
        for app in apps:
            components = list(_components(state, app))
            before = [
                (each, "middleware")
                for one in components
                for name in BEFORE
                for each in members_of(state, one, name)
            ]
            after = [
                (each, "middleware")
                for one in reversed(components)
                for name in AFTER
                for each in members_of(state, one, name)
            ]
            middleware += [_middleware(state, each) for each in components]
            routes += _routes(state, app, before, after, unread)
        return Discovery((self.name,) if apps else (), tuple(routes), tuple(middleware), unread=tuple(unread))


def _components(state: State, app: int) -> Iterator[int]:
    """Yield the middleware objects of an application, in order."""
    made = making(state, app)
    given = [made.values(1, "middleware")] if made is not None else []
    given += [call.values(0, "middleware") for call in calls_on(state, app, "add_middleware")]
    for held in given:
        for value in sorted(held):
            inner = (
                state.flow.holds[state.field(value, ANY)]
                if state.values.kinds[value] == CONTAINER
                else {value}
            )
            yield from (each for each in sorted(inner) if state.values.kinds[each] == INSTANCE)


def _middleware(state: State, component: int) -> Middleware:
    symbol, file, line = place_of(state, state.values.parts[component][0])
    names = (*BEFORE, *AFTER)
    functions = [(each, "middleware") for name in names for each in members_of(state, component, name)]
    capable = any(
        True for name in names if name.endswith("_async") for _ in members_of(state, component, name)
    )
    return Middleware(symbol, file, line, capable, entered(state, functions))


def _routes(
    state: State, app: int, before: Functions, after: Functions, unread: list[str]
) -> Iterator[Route]:
    for call in calls_on(state, app, "add_route", "add_sink", "add_static_route"):
        sink = call.method == "add_sink"
        paths = (
            call.texts(1, "prefix") or (["/"] if sink else [])
            if sink
            else call.texts(0, "uri_template") or call.texts(0, "prefix")
        )
        if not paths:
            unread.append(f"the path of {call.method} at {call.file}:{call.line}")
        for path in paths:
            for methods, view, name in _responders(state, call, unread):
                yield build_route(
                    state,
                    "falcon",
                    methods,
                    path,
                    view=view,
                    place=(call.file, call.line),
                    name=name,
                    before=before,
                    after=after,
                )


def _responders(
    state: State, call: Call, unread: list[str]
) -> Iterator[tuple[tuple[str, ...], list[int], str]]:
    """Yield (methods, function values, name where the project has none)."""
    if call.method == "add_static_route":
        yield ("GET",), [], "falcon.routing.StaticRoute"
        return
    if call.method == "add_sink":
        yield (), sorted(call.values(0, "sink")), ""
        return
    suffix = "".join(f"_{text}" for text in texts_of(state, call.values(None, "suffix"))[:1])
    resources = [
        each
        for each in sorted(call.values(1, "resource"))
        if state.values.kinds[each] in {INSTANCE, CLASS, MODULE}
    ]
    if not resources:
        unread.append(f"the resource of add_route at {call.file}:{call.line}")
    for resource in resources:
        verbs = list(_verbs(state, resource, suffix))
        shown = [each for each in verbs if each[0] not in {"HEAD", "OPTIONS"}] or verbs
        for method, functions in shown:
            yield (method,), functions, ""


def _verbs(state: State, resource: int, suffix: str) -> Iterator[tuple[str, list[int]]]:
    """Yield (HTTP method, function values) of a resource: an object, or a module with functions `on_get`, ..."""
    if state.values.kinds[resource] != MODULE:
        yield from verbs_of(state, instance_of(state, resource), "on_", suffix)
        return
    for verb in VERBS:
        node = state.flow.node()
        module_member(state, state.values.parts[resource][0], f"on_{verb}{suffix}", node)
        run_waiting(state)
        found = [each for value in sorted(state.flow.holds[node]) for each in functions_of(state, value)]
        if found:
            yield verb.upper(), found
