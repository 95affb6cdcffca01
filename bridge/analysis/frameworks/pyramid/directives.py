"""Directives: methods that a project adds to its configurators, `config.add_directive("add_x", function)`."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.calls import calls_on
from bridge.analysis.frameworks.dotted import package_of, resolve
from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import BOUND, FUNCTION

__all__ = ["connect_directives"]


def connect_directives(state: State, configs: Iterable[int]) -> None:
    """Let `config.add_x` be the function that was added under that name, wherever it is read."""
    configs = list(configs)
    directives: dict[str, set[int]] = {}
    for config in configs:
        for call in calls_on(state, config, "add_directive"):
            values = set(call.values(1, "directive"))
            for text in call.texts(1, "directive"):
                values |= resolve(state, text, package_of(state, call.call.site))
            for name in call.texts(0, "name"):
                directives.setdefault(name, set()).update(
                    each
                    for value in values
                    for each in functions_of(state, value)
                    if state.values.kinds[each] == FUNCTION
                )
    if directives:
        _connect(state, configs, directives)


def _connect(state: State, configs: list[int], directives: dict[str, set[int]]) -> None:
    for number, instance in enumerate(list(state.instances)):
        for each in state.program.scopes[instance.scope].instructions:
            if each[0] == Opcode.ATTR and each[3] in directives:
                held = state.flow.holds[state.node(number, each[2])]
                bound = [
                    state.values.make(BOUND, function, config)
                    for config in configs
                    if config in held
                    for function in directives[each[3]]
                ]
                state.flow.add(state.node(number, each[1]), bound)
