"""The applications of a project by the names that `--app` takes: "package.module:application"."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.frameworks.dotted import resolve
from bridge.analysis.names import is_test_file
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import INSTANCE, OBJECT

__all__ = ["applications", "is_named"]

NAMES = frozenset({"app", "application"})
CLASSES = frozenset({"App", "API", "Bottle", "FastAPI", "Flask", "Quart", "Starlette"})  # last parts


def applications(state: State) -> tuple[str, ...]:
    """Return the variables of modules that are called as applications are, or hold one; tests are left out."""
    return tuple(dict.fromkeys(_applications(state)))


def _applications(state: State) -> Iterator[str]:
    program = state.program
    seen: set[frozenset[int]] = set()  # one that is imported elsewhere is told once
    for number, instance in enumerate(state.instances):
        scope = program.scopes[instance.scope]
        module = program.modules[program.module_of[instance.scope]]
        if scope.kind != "module" or is_test_file(module.file):
            continue
        for name, register in scope.shared.items():
            held = frozenset(state.flow.holds[state.node(number, register)])
            if held not in seen and (name in NAMES or any(_is_application(state, each) for each in held)):
                seen |= {held} if held else set()
                yield f"{module.name}:{name}"


def _is_application(state: State, value: int) -> bool:
    is_object = state.values.kinds[value] in {OBJECT, INSTANCE}
    return is_object and name_of(state, value).rpartition(".")[2] in CLASSES


def is_named(state: State, text: str) -> bool:
    """Return whether the project has a variable, function or class that `text` may mean, whatever it holds."""
    module, _, name = text.partition("(")[0].replace(":", ".").rpartition(".")
    number = state.program.number(module)
    if number is not None and name in state.program.scopes[state.program.first_scope[number]].shared:
        return True
    return bool(resolve(state, text))
