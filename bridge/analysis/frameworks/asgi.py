"""The reader of FastAPI and Starlette: routes that are async already, or that the framework runs in its threads.

An `async def` endpoint runs on the event loop (`Route.is_async`); a plain one is offloaded by the framework.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.building import build_route, entered, joined_path
from bridge.analysis.frameworks.calls import Call, calls_on, elements_of, making, objects
from bridge.analysis.frameworks.classes import external_bases, instance_of, verbs_of
from bridge.analysis.frameworks.roots import functions_of, members_of, place_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.model import Discovery, Middleware, Route
from bridge.analysis.project import Project
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import ANY, State
from bridge.analysis.solving.values import BOUND, CLASS, CONTAINER, FUNCTION, INSTANCE, OBJECT

__all__ = ["AsgiReader"]

APPLICATIONS = ("fastapi.FastAPI", "starlette.applications.Starlette")
ROUTERS = ("fastapi.APIRouter", "starlette.routing.Router")
ROUTE, MOUNTS = "starlette.routing.Route", ("starlette.routing.Mount", "starlette.routing.Host")
DEPENDS = ("fastapi.Depends", "fastapi.Security")
VERBS = ("get", "post", "put", "delete", "patch", "head", "options")
DEEPEST = 8  # routers inside each other

Functions = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Level:
    """What an inner router gets from those around it: a prefix, what runs before, whose routes they are."""

    framework: str
    prefix: str
    before: Functions
    inside: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AsgiReader:
    """Reads the routes of FastAPI and Starlette applications, with routers, mounts and dependencies."""

    name: str = "asgi"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return the routes of every application that is not mounted in another one."""
        del project, options
        unread: list[str] = []
        middleware: list[Middleware] = []
        routes: dict[str, Route] = {}
        frameworks: list[str] = []
        apps = objects(state, APPLICATIONS)
        inner = _mounted(state)
        for app in [each for each in apps if each not in inner]:
            framework = name_of(state, app).partition(".")[0]
            frameworks.append(framework)
            found = list(_middleware(state, app))
            middleware += found
            around = tuple((root.function, "middleware") for each in found for root in each.roots)
            for route in _routes(state, app, Level(framework, "", around), unread):
                routes.setdefault(route.id, route)
        return Discovery(
            tuple(dict.fromkeys(frameworks)), tuple(routes.values()), tuple(middleware), unread=tuple(unread)
        )


def _mounted(state: State) -> frozenset[int]:
    """Return the applications that stand in others."""
    calls = [call for app in objects(state, APPLICATIONS) for call in calls_on(state, app, "mount")]
    made = (making(state, each) for each in objects(state, MOUNTS))
    return frozenset().union(*(call.values(1, "app") for call in (*calls, *made) if call is not None))


def _middleware(state: State, app: int) -> Iterator[Middleware]:
    """Yield the outermost first: what is added last."""
    for call in reversed(list(calls_on(state, app, "add_middleware", "middleware"))):
        values = call.values(0, "middleware_class")
        if call.method == "middleware":
            values = frozenset().union(*(each.values(0) for each in calls_on(state, call.result)))
        for value in sorted(values):
            functions = list(functions_of(state, value))
            if state.values.kinds[value] == CLASS:
                receiver = state.values.make(INSTANCE, value)
                functions = [
                    each for name in ("dispatch", "__call__") for each in members_of(state, receiver, name)
                ]
            if functions:
                symbol, file, line = place_of(
                    state, value if state.values.kinds[value] == CLASS else functions[0]
                )
                roots = entered(state, [(each, "middleware") for each in functions])
                yield Middleware(symbol, file, line, async_capable=True, roots=roots)


def _routes(state: State, router: int, level: Level, unread: list[str]) -> Iterator[Route]:
    if router in level.inside or len(level.inside) > DEEPEST:
        return
    made = making(state, router)
    own = (made.texts(None, "prefix") or [""])[0] if made and name_of(state, router) == ROUTERS[0] else ""
    before = (*level.before, *_dependencies(state, made)) if made else level.before
    inner = Level(level.framework, _joined(level.prefix, own), before, (*level.inside, router))
    if made is not None:
        yield from _listed(state, made.values(None, "routes"), inner, unread)
    for call in calls_on(state, router):
        if call.call.callee != router:
            yield from _of_call(state, call, inner, unread)


def _joined(prefix: str, path: str) -> str:
    return f"{prefix.rstrip('/')}/{path.lstrip('/')}".rstrip("/") if path.strip("/") else prefix


def _of_call(state: State, call: Call, level: Level, unread: list[str]) -> Iterator[Route]:
    method = call.method
    if method in {"api_route", "route", *VERBS}:
        views = frozenset().union(*(each.values(0) for each in calls_on(state, call.result)))
        yield from _endpoint(state, call, views, level, unread)
    elif method in {"add_api_route", "add_route"}:
        yield from _endpoint(
            state, call, call.values(1, "endpoint") | call.values(None, "route"), level, unread
        )
    elif method == "include_router":
        prefix = (call.texts(None, "prefix") or [""])[0]
        if not prefix and call.is_given(None, "prefix"):
            unread.append(f"the prefix of include_router at {call.file}:{call.line}")
        before = (*level.before, *_dependencies(state, call))
        inner = Level(level.framework, _joined(level.prefix, prefix), before, level.inside)
        for each in sorted(call.values(0, "router")):
            if state.values.kinds[each] in {OBJECT, INSTANCE}:
                yield from _routes(state, each, inner, unread)
    elif method == "mount":
        yield from _mount(state, call, level, unread)


def _mount(state: State, call: Call, level: Level, unread: list[str]) -> Iterator[Route]:
    prefix = (call.texts(0, "path") or [""])[0]
    inner = Level(level.framework, _joined(level.prefix, prefix), level.before, level.inside)
    yield from _listed(state, call.values(None, "routes"), inner, unread)
    for each in sorted(call.values(1, "app")):
        if state.values.kinds[each] in {OBJECT, INSTANCE}:
            yield from _routes(state, each, inner, unread)


def _listed(state: State, values: frozenset[int], level: Level, unread: list[str]) -> Iterator[Route]:
    """Yield the routes of a list of `Route` and `Mount` objects."""
    for value in sorted(
        values, key=lambda each: state.makings[each].site.line if each in state.makings else 0
    ):
        if state.values.kinds[value] == CONTAINER:
            inner = frozenset(state.flow.holds[state.field(value, ANY)])
            yield from _listed(state, inner, level, unread)
            continue
        made = making(state, value)
        name = name_of(state, value)
        if made is not None and name == ROUTE:
            yield from _endpoint(state, made, made.values(1, "endpoint"), level, unread)
        elif made is not None and name in MOUNTS:
            yield from _mount(state, made, level, unread)


def _endpoint(
    state: State, call: Call, views: frozenset[int], level: Level, unread: list[str]
) -> Iterator[Route]:
    paths = call.texts(0, "path")
    if not paths:
        unread.append(f"the path of {call.method} at {call.file}:{call.line}")
    named = [call.method] if call.method in VERBS else elements_of(state, call.values(None, "methods"))
    classes = [each for each in sorted(views) if state.values.kinds[each] == CLASS]
    for path in paths:
        whole = joined_path(level.prefix, path) if path else level.prefix or "/"
        for owner in classes:
            yield from _class_routes(state, call, owner, whole, level)
        functions = frozenset(views) - set(classes)
        if functions or not classes:
            given = tuple(named) or ("GET",)
            before = (*level.before, *_dependencies(state, call), *_depending(state, functions))
            yield build_route(
                state,
                level.framework,
                given,
                whole,
                view=sorted(functions),
                place=(call.file, call.line),
                before=before,
            )


def _class_routes(state: State, call: Call, owner: int, path: str, level: Level) -> Iterator[Route]:
    """Yield a route for each method of an HTTPEndpoint; an ASGI application of its own answers all."""
    receiver = instance_of(state, owner)
    place = (call.file, call.line)
    if any(name.endswith("HTTPEndpoint") for name in external_bases(state, owner)):
        for method, functions in verbs_of(state, receiver):
            yield build_route(
                state, level.framework, (method,), path, view=functions, place=place, before=level.before
            )
    else:
        called = list(members_of(state, receiver, "__call__"))
        yield build_route(state, level.framework, (), path, view=called, place=place, before=level.before)


def _dependencies(state: State, call: Call) -> Iterator[tuple[int, str]]:
    """Yield what `dependencies=[Depends(f)]` names."""
    for value in sorted(call.values(None, "dependencies")):
        if state.values.kinds[value] == CONTAINER:
            for each in sorted(state.flow.holds[state.field(value, ANY)]):
                yield from _depended(state, each, ())


def _depending(state: State, views: frozenset[int], seen: tuple[int, ...] = ()) -> Iterator[tuple[int, str]]:
    """Yield what the parameters of functions depend on: `user=Depends(current_user)`, innermost first."""
    for value in sorted(views):
        original = written(state, value)
        inner = state.values.parts[original][0] if state.values.kinds[original] == BOUND else original
        if state.values.kinds[inner] != FUNCTION or inner in seen:
            continue
        for _, node in state.defaults.get(inner, ()):
            for each in sorted(state.flow.holds[node]):
                yield from _depended(state, each, (*seen, inner))


def _depended(state: State, value: int, seen: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    if state.values.kinds[value] != OBJECT or name_of(state, value) not in DEPENDS:
        return
    made = making(state, value)
    held = made.values(0, "dependency") if made is not None else frozenset()
    yield from _depending(state, held, seen)
    yield from ((each, "dependency") for one in sorted(held) for each in functions_of(state, one))
