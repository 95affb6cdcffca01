"""The reader of CherryPy applications: a tree of objects whose exposed methods are pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.building import build_route
from bridge.analysis.frameworks.calls import Call, calls_on, making, objects
from bridge.analysis.frameworks.classes import instance_of
from bridge.analysis.frameworks.roots import members_of
from bridge.analysis.model import Discovery, Route
from bridge.analysis.names import is_test_file
from bridge.analysis.project import Project
from bridge.analysis.solving.resolution import order
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import BOUND, CLASS, DECORATED, FUNCTION, INSTANCE

__all__ = ["CherryPyReader"]

EXPOSE = "cherrypy.expose"
VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH")
DEEPEST = 8  # objects below each other


@dataclass(frozen=True, slots=True)
class CherryPyReader:
    """Reads what `cherrypy.quickstart` and `cherrypy.tree.mount` are given."""

    name: str = "cherrypy"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return a route for each exposed method; with a MethodDispatcher's classes, one for each HTTP method."""
        del project, options
        found: dict[str, Route] = {}
        unread: list[str] = []
        for call in _mounts(state):
            roots = [each for each in call.values(0, "root") if state.values.kinds[each] in {INSTANCE, CLASS}]
            if not roots and call.is_given(0, "root"):
                unread.append(f"the root object of {call.method} at {call.file}:{call.line}")
            for value in sorted(roots):
                prefix = (call.texts(1, "script_name") or [""])[0].rstrip("/")
                for route in _routes(state, call, instance_of(state, value), prefix, ()):
                    found.setdefault(route.id, route)
        return Discovery((self.name,) if found else (), tuple(found.values()), unread=tuple(unread))


def _mounts(state: State) -> Iterator[Call]:
    for owner in list(state.object_calls):
        yield from (call for call in calls_on(state, owner, "mount") if call.name == "cherrypy.tree.mount")
    for made in objects(state, ["cherrypy.quickstart"]):
        call = making(state, made)
        if call is not None:
            yield call


def _routes(state: State, call: Call, value: int, path: str, inside: tuple[int, ...]) -> Iterator[Route]:
    if value in inside or len(inside) > DEEPEST:
        return
    owner = state.class_of(value)
    assert owner is not None  # it is an instance
    exposed = _is_exposed(state, owner)
    for name in _names(state, owner):
        functions = list(members_of(state, value, name))
        if exposed and name in VERBS:
            yield _route(state, call, (name,), path or "/", functions)
        elif any(_exposes(state, each) for each in _attributes(state, owner, name)):
            whole = {"index": f"{path}/", "default": f"{path}/*"}.get(name, f"{path}/{name}")
            yield _route(state, call, (), whole, functions)
    for name, inner in _children(state, value):
        yield from _routes(state, call, inner, f"{path}/{name}", (*inside, value))


def _route(state: State, call: Call, methods: tuple[str, ...], path: str, functions: list[int]) -> Route:
    return build_route(state, "cherrypy", methods, path, view=functions, place=(call.file, call.line))


def _names(state: State, owner: int) -> list[str]:
    """Return what the class and its bases in the project define, in source order."""
    names: dict[str, None] = {}
    for each in order(state, owner):
        if each in state.classes:
            scope = state.instances[state.classes[each].instance].scope
            names.update(dict.fromkeys(state.program.scopes[scope].shared))
    return list(names)


def _attributes(state: State, owner: int, name: str) -> list[int]:
    from bridge.analysis.frameworks.classes import attribute

    return sorted(attribute(state, owner, name))


def _exposes(state: State, value: int) -> bool:
    """Return whether a method is a page: behind `@cherrypy.expose`, or with `exposed = True`."""
    if (value, "exposed") in state.fields and state.flow.holds[state.fields[value, "exposed"]]:
        return True
    if state.values.kinds[value] == DECORATED:
        inner, decorator = state.values.parts[value]
        return decorator.startswith(EXPOSE) or _exposes(state, inner)
    return False


def _is_exposed(state: State, owner: int) -> bool:
    """Return whether HTTP methods are dispatched to the class's methods."""
    scope = state.instances[state.classes[owner].instance].scope
    file = state.program.modules[state.program.module_of[scope]].file
    return not is_test_file(file) and bool(
        _attributes(state, owner, "exposed") or _behind_expose(state, owner)
    )


def _behind_expose(state: State, owner: int) -> bool:
    expose = state.values.external(EXPOSE)
    return any(
        owner in state.flow.holds[arguments.positional[0]]
        for values, arguments in state.handed_out.values()
        if expose in values and arguments.positional
    )


def _children(state: State, value: int) -> Iterator[tuple[str, int]]:
    """Yield (name, instance) of the objects that hang on an object, or on its class."""
    owner = state.class_of(value)
    for (holder, name), node in list(state.fields.items()):
        if holder in {value, owner} and isinstance(name, str):
            yield from ((name, each) for each in sorted(state.flow.holds[node]) if _is_page(state, each))
    for name in _names(state, owner) if owner is not None else ():
        for each in _attributes(state, owner or 0, name):
            if _is_page(state, each):
                yield name, each


def _is_page(state: State, value: int) -> bool:
    return state.values.kinds[value] == INSTANCE and state.values.kinds[value] not in {FUNCTION, BOUND}
