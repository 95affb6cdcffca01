"""Functions that get the application from somewhere that cannot be followed: plugins, entry points.

`def load(app): app.register_blueprint(...)` in a module that is found by a glob is called by nobody that the
analysis could see. What a function calls `app` and nobody passes is taken for the project's application.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import FIRST_PARAMETER
from bridge.analysis.names import is_test_file
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.state import State

__all__ = ["seed_parameters"]

NAMES = frozenset({"app", "application", "flask_app"})


def seed_parameters(state: State, app: int) -> None:
    """Pass `app` to every parameter of that name that nothing reaches."""
    nodes = list(_empty_parameters(state))
    for node in nodes:
        state.flow.add(node, (app,))
    if nodes:
        settle(state)


def _empty_parameters(state: State) -> Iterator[int]:
    program = state.program
    for number, instance in enumerate(state.instances):
        scope = program.scopes[instance.scope]
        if scope.kind != "function" or not instance.is_called:
            continue
        if is_test_file(program.modules[program.module_of[instance.scope]].file):
            continue
        for register, name in enumerate(scope.parameters.positional, FIRST_PARAMETER):
            node = state.node(number, register)
            if name in NAMES and not state.flow.holds[node]:
                yield node
