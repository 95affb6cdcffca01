"""The reader of a plain WSGI callable: the one that `--app` names, or a module's `application`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.building import build_route
from bridge.analysis.frameworks.dotted import resolve
from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.model import Discovery, Route
from bridge.analysis.names import is_test_file
from bridge.analysis.project import Project
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import BOUND, CLASS, FUNCTION, INSTANCE

__all__ = ["WsgiReader"]

NAMES = ("application", "app")


@dataclass(frozen=True, slots=True)
class WsgiReader:
    """Reads the callable itself: it answers every method and every path."""

    name: str = "wsgi"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return one route, "ANY /", for each callable `(environ, start_response)` of the project's own."""
        del project
        if options.app:
            values = resolve(state, options.app)
            if any(name_of(state, each) for each in values):
                return Discovery()  # an application of a framework: its own reader has its routes
            routes = [_route(state, each) for each in sorted(values) if _takes_two(state, each)]
            unread = (
                () if routes else (f"{options.app}: there is no WSGI callable of that name in the project",)
            )
            return Discovery((self.name,) if routes else (), tuple(routes), unread=unread)
        found = [_route(state, each) for each in dict.fromkeys(_callables(state))]
        return Discovery((self.name,) if found else (), tuple(found))


def _route(state: State, value: int) -> Route:
    return build_route(state, "wsgi", (), "/", view=_called(state, value), place=("", 0))


def _called(state: State, value: int) -> list[int]:
    return [each for each in functions_of(state, value) if not _is_init(state, each)] or [value]


def _is_init(state: State, value: int) -> bool:
    return _scope_name(state, value) == "__init__"


def _scope_name(state: State, value: int) -> str:
    inner = state.values.parts[value][0] if state.values.kinds[value] == BOUND else value
    return str(state.program.scopes[state.values.parts[inner][0]].name.rpartition(".")[2])


def _callables(state: State) -> Iterator[int]:
    """Yield the values of modules' `application` and `app` that take what WSGI passes."""
    program = state.program
    for number, instance in enumerate(state.instances):
        scope = program.scopes[instance.scope]
        if scope.kind != "module" or is_test_file(program.modules[program.module_of[instance.scope]].file):
            continue
        for name in NAMES:
            if name in scope.shared:
                for value in sorted(state.flow.holds[state.node(number, scope.shared[name])]):
                    if _takes_environ(state, value):
                        yield value


def _takes_two(state: State, value: int) -> bool:
    """Return whether a value can be called with `environ` and `start_response`, whatever it calls them."""
    functions = [each for each in functions_of(state, value) if not _is_init(state, each)]
    own = {FUNCTION: 2, BOUND: 3}
    return any(len(_parameters(state, each)) == own[state.values.kinds[each]] for each in functions)


def _takes_environ(state: State, value: int) -> bool:
    if state.values.kinds[value] not in {FUNCTION, BOUND, INSTANCE, CLASS}:
        return False
    return any(
        _parameters(state, each)[-2:][1:] == ("start_response",) for each in functions_of(state, value)
    )


def _parameters(state: State, value: int) -> tuple[str, ...]:
    inner = state.values.parts[value][0] if state.values.kinds[value] == BOUND else value
    return tuple(state.program.scopes[state.values.parts[inner][0]].parameters.positional)
