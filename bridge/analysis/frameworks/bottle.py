"""The reader of Bottle applications: `Bottle()` objects and the default one behind `bottle.route`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.analysis.facts import FIRST_PARAMETER
from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.building import build_route, entered, joined_path
from bridge.analysis.frameworks.calls import Call, calls_on, elements_of, making, objects
from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.model import Context, Discovery, EntryPoint, Route
from bridge.analysis.project import Project
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import BOUND, FUNCTION

__all__ = ["BottleReader"]

APPLICATION = "bottle.Bottle"
VERBS = ("get", "post", "put", "delete", "patch")
DEFAULT = -1  # the application behind the module's own functions


@dataclass(slots=True)
class Found:
    """What is registered on one application. `mounted` are (prefix, application)."""

    routes: list[tuple[Call, bool]] = field(
        default_factory=list
    )  # with whether the module's own functions did
    mounted: list[tuple[str, int]] = field(default_factory=list)
    before: list[tuple[int, str]] = field(default_factory=list)
    after: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class BottleReader:
    """Reads Bottle's routes, hooks, error handlers and mounts."""

    name: str = "bottle"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return the routes of every Bottle application of the project."""
        del project, options
        unread: list[str] = []
        errors: list[EntryPoint] = []
        apps = {app: _of_object(state, app, errors) for app in objects(state, [APPLICATION])}
        default = _of_module(state, errors)
        if default.routes:
            apps[DEFAULT] = default
        inner = {each for found in apps.values() for _, each in found.mounted}
        routes = [
            route
            for app in apps
            if app not in inner
            for route in _routes(state, apps, app, prefix="", unread=unread, inside=())
        ]
        if not apps:
            return Discovery()
        return Discovery((self.name,), tuple(routes), entry_points=tuple(errors), unread=tuple(unread))


def _of_object(state: State, app: int, errors: list[EntryPoint]) -> Found:
    found = Found()
    for call in calls_on(state, app):
        if call.call.callee == app:
            continue
        if call.method in {"route", *VERBS}:
            found.routes.append((call, False))
        elif call.method in {"mount", "merge"}:
            prefixes = call.texts(0, "prefix") if call.method == "mount" else [""]
            inner = call.values(1 if call.method == "mount" else 0, "app")
            found.mounted += [(prefix, each) for prefix in prefixes for each in inner]
        elif call.method in {"hook", "add_hook"}:
            _add_hook(found, call, _hooked(state, call))
        elif call.method == "error":
            errors.append(_error(state, call))
    return found


def _of_module(state: State, errors: list[EntryPoint]) -> Found:
    found = Found()
    registered = list(objects(state, [f"bottle.{name}" for name in ("route", *VERBS)]))
    for made in registered:
        call = making(state, made)
        if (
            call is not None and call.call.callee not in registered
        ):  # not the decorator that one of them returns
            found.routes.append((call, True))
    for made in objects(state, ["bottle.hook", "bottle.error"]):
        call = making(state, made)
        if call is not None and call.method == "hook":
            _add_hook(found, call, _decorated(state, call))
        elif call is not None:
            errors.append(_error(state, call))
    return found


def _decorated(state: State, call: Call) -> list[int]:
    return sorted({value for each in calls_on(state, call.result) for value in each.values(0)})


def _hooked(state: State, call: Call) -> list[int]:
    return sorted(call.values(1, "func")) if call.method == "add_hook" else _decorated(state, call)


def _add_hook(found: Found, call: Call, functions: list[int]) -> None:
    for name in call.texts(0, "name"):
        hooks = found.before if name == "before_request" else found.after
        hooks += [(each, name) for each in functions]


def _error(state: State, call: Call) -> EntryPoint:
    code = call.number(0, "code")
    name = f"error handler {500 if code is None else code}"
    return EntryPoint(
        Context.REQUEST, name, entered(state, [(each, "errorhandler") for each in _decorated(state, call)])
    )


def _routes(
    state: State, apps: dict[int, Found], app: int, *, prefix: str, unread: list[str], inside: tuple[int, ...]
) -> Iterator[Route]:
    found = apps.get(app)
    if found is None or app in inside:
        return
    for call, _ in found.routes:
        views = sorted(call.values(_callback(call), "callback")) or _decorated(state, call)
        for path in _paths(state, call, views, unread):
            yield build_route(
                state,
                "bottle",
                _methods(call),
                joined_path(prefix, path),
                view=views,
                place=(call.file, call.line),
                before=found.before,
                after=found.after,
            )
    for inner, each in found.mounted:
        whole = joined_path(prefix, inner) if inner else prefix
        yield from _routes(state, apps, each, prefix=whole, unread=unread, inside=(*inside, app))


def _callback(call: Call) -> int | None:
    return 2 if call.method == "route" else None


def _methods(call: Call) -> tuple[str, ...]:
    if call.method in VERBS:
        named = [call.method]
    else:
        named = elements_of(call.state, call.values(1, "method")) or ["GET"]
    return () if "ANY" in named else tuple(named)


def _paths(state: State, call: Call, views: list[int], unread: list[str]) -> list[str]:
    paths = elements_of(state, call.values(0, "path"))
    if paths:
        return paths
    if call.is_given(0, "path") and not call.values(0, "path") & frozenset(views):
        unread.append(f"the path of {call.method} at {call.file}:{call.line}")
        return []
    return [path for view in views[:1] for path in _own_paths(state, view)]


def _own_paths(state: State, view: int) -> list[str]:
    """As `bottle.yieldroutes`: a function's name, then its arguments, once for each number of optional ones."""
    functions = [written(state, each) for each in functions_of(state, view)]
    if not functions or state.values.kinds[functions[0]] not in {FUNCTION, BOUND}:
        return []
    value = (
        functions[0] if state.values.kinds[functions[0]] == FUNCTION else state.values.parts[functions[0]][0]
    )
    scope = state.program.scopes[state.values.parts[value][0]]
    names = scope.parameters.positional
    optional = len([each for each, _ in state.defaults.get(value, ()) if each < FIRST_PARAMETER + len(names)])
    path = "/" + scope.name.rpartition(".")[2].replace("__", "/").lstrip("/")
    required = len(names) - optional
    path += "".join(f"/<{name}>" for name in names[:required])
    return [
        path,
        *(
            path + "".join(f"/<{name}>" for name in names[required:end])
            for end in range(required + 1, len(names) + 1)
        ),
    ]
