"""`app.config["NAME"]`: what the project's configuration classes and modules say of NAME.

Which class is loaded is decided at run time; a name that several define may be any of theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bridge.analysis.facts import Instruction, Opcode
from bridge.analysis.names import is_test_file
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CONSTANT

__all__ = ["connect_configuration", "setting"]

CONFIGURATIONS = ("flask.Flask.config", "flask.current_app.config", "flask.globals.current_app.config")

Reading = tuple[
    int, int, int, int | None
]  # nodes: the mapping, the key, the result, what it is without the key


def connect_configuration(state: State) -> None:
    """Let what is read from an application's configuration hold what the project puts there."""
    known = {value for name in CONFIGURATIONS for value in [state.values.external(name)]}
    readings = [each for each in _readings(state) if known & state.flow.holds[each[0]]]
    if not readings:
        return
    defined = _definitions(state, {name for each in readings for name in _names(state, each[1])})
    for _, key, target, default in readings:
        if default is not None:
            state.flow.edge(default, target)
        for name in _names(state, key):
            for node in defined[name]:
                state.flow.edge(node, target)
    settle(state)


def setting(state: State, name: str) -> frozenset[int] | None:
    """Return what the project sets `name` to, in a class, a module or `app.config[name] = ...`; None if it doesn't."""
    nodes = [*_definitions(state, {name})[name], *_assigned(state, name)]
    return frozenset().union(*(state.flow.holds[node] for node in nodes)) if nodes else None


def _assigned(state: State, name: str) -> Iterator[int]:
    """Yield the nodes of what is put into an application's configuration under `name`."""
    known = {state.values.external(each) for each in CONFIGURATIONS}
    key = state.values.constant(name)
    for number, instance in enumerate(state.instances):
        for each in state.program.scopes[instance.scope].instructions:
            if each[0] != Opcode.SETITEM or key not in state.flow.holds[state.node(number, each[2])]:
                continue
            if known & state.flow.holds[state.node(number, each[1])]:
                yield state.node(number, each[3])


def _names(state: State, node: int) -> list[str]:
    constants = (
        state.values.parts[each][1] for each in state.flow.holds[node] if state.values.kinds[each] == CONSTANT
    )
    return [each for each in constants if isinstance(each, str) and each.isupper()]


def _readings(state: State) -> Iterator[Reading]:
    """Yield the places where something is read by key, wherever that is."""
    found: dict[int, list[Reading]] = {}
    for number, instance in enumerate(state.instances):
        if instance.scope not in found:
            instructions = state.program.scopes[instance.scope].instructions
            found[instance.scope] = list(_registers(instructions))
        for source, key, target, default in found[instance.scope]:
            plain = [state.node(number, each) for each in (source, key, target)]
            yield plain[0], plain[1], plain[2], None if default is None else state.node(number, default)


def _registers(instructions: Iterable[Instruction]) -> Iterator[Reading]:
    """Yield the registers of what is read by key: `x[key]`, `x.get(key)`, `x.get(key, default)`."""
    methods: dict[int, int] = {}  # the register of `x.get` -> that of x
    for each in instructions:
        if each[0] == Opcode.ITEM:
            yield each[2], each[3], each[1], None
        elif each[0] == Opcode.ATTR and each[3] == "get":
            methods[each[1]] = each[2]
        elif each[0] == Opcode.CALL and each[2] in methods and each[3]:
            yield methods[each[2]], each[3][0], each[1], each[3][1] if len(each[3]) > 1 else None


def _definitions(state: State, names: set[str]) -> dict[str, list[int]]:
    """Return name -> the nodes of the variables that classes and modules call so."""
    defined: dict[str, list[int]] = defaultdict(list)
    program = state.program
    for number, instance in enumerate(state.instances):
        scope = program.scopes[instance.scope]
        if scope.kind in {"class", "module"} and not is_test_file(
            program.modules[program.module_of[instance.scope]].file
        ):
            for name in names & scope.shared.keys():
                defined[name].append(state.node(number, scope.shared[name]))
    return defined
