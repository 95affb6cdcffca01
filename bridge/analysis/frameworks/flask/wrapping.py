"""WSGI middleware: `app.wsgi_app = Proxy(app.wsgi_app)`, the last assigned is the outermost."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.building import entered
from bridge.analysis.frameworks.roots import functions_of, place_of
from bridge.analysis.model import Middleware
from bridge.analysis.names import is_test_file
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import BOUND, CLASS, EXTERNAL, FUNCTION, INSTANCE

__all__ = ["wrappings_of"]

ATTRIBUTES = ("wsgi_app", "asgi_app")


def wrappings_of(state: State, apps: list[int]) -> list[Middleware]:
    """Return what is assigned to the `wsgi_app` of the applications, the outermost first."""
    found = [each for site, source in _assignments(state, apps) for each in _middleware(state, site, source)]
    return list(dict.fromkeys(reversed(found)))


def _assignments(state: State, apps: list[int]) -> Iterator[tuple[Site, int]]:
    known = frozenset(apps)
    for number, instance in enumerate(list(state.instances)):
        file = state.program.modules[state.program.module_of[instance.scope]].file
        if is_test_file(file):
            continue
        for index, each in enumerate(state.program.scopes[instance.scope].instructions):
            is_wrapping = each[0] == Opcode.SETATTR and each[2] in ATTRIBUTES
            if is_wrapping and known & state.flow.holds[state.node(number, each[1])]:
                yield Site(number, index, each[4]), state.node(number, each[3])


def _middleware(state: State, site: Site, source: int) -> Iterator[Middleware]:
    for value in sorted(state.flow.holds[source]):
        kind = state.values.kinds[value]
        if kind == EXTERNAL and not str(state.values.parts[value][0]).startswith(("flask.", "<builtin>.")):
            module = state.program.modules[state.program.module_of[state.instances[site.instance].scope]]
            yield Middleware(str(state.values.parts[value][0]), module.file, site.line, None)
        elif kind in {INSTANCE, FUNCTION, BOUND}:
            functions = list(functions_of(state, value))
            named = state.values.parts[value][0] if kind == INSTANCE else value
            if functions and (kind != INSTANCE or state.values.kinds[named] == CLASS):
                roots = entered(state, [(each, "middleware") for each in functions])
                yield Middleware(*place_of(state, named), async_capable=False, roots=roots)
