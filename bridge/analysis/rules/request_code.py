"""What rules by project ask of the code that runs on requests: its instructions, and what they work on."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bridge.analysis.facts import DECORATING, Instruction, Opcode
from bridge.analysis.model import Category, Confidence
from bridge.analysis.rules.base import Inspection, Obstacle
from bridge.analysis.solving.library import public_name
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CLASS, CONSTANT, CONTAINER, DECORATED, EXTERNAL, FUNCTION, INSTANCE

__all__ = [
    "Spot",
    "constants",
    "external_calls",
    "external_decorators",
    "is_module_level",
    "kin",
    "request_code",
]

# Where an instruction keeps its line. SETNAME has none: the function's own line stands for it.
LINES = {
    Opcode.ATTR: 4,
    Opcode.SETATTR: 4,
    Opcode.DELATTR: 3,
    Opcode.ITEM: 4,
    Opcode.SETITEM: 4,
    Opcode.CALL: 7,
}
COLUMN_OF_CALL = 9


@dataclass(frozen=True, slots=True)
class Spot:
    """An instruction that runs on a request."""

    state: State
    instance: int
    instruction: Instruction
    symbol: str
    file: str
    line: int
    column: int
    routes: tuple[str, ...]
    index: int = 0  # of the instruction in its scope
    confidence: Confidence = Confidence.HIGH  # low where nobody can tell whether the code runs

    def held(self, register: int) -> Collection[int]:
        """Return the values that a register may hold."""
        return self.state.flow.holds[self.state.node(self.instance, register)]

    def obstacle(self, sink: str, message: str, category: Category | None = None) -> Obstacle:
        """Return an obstacle that stands here."""
        return Obstacle(
            sink=sink,
            message=message,
            symbol=self.symbol,
            file=self.file,
            line=self.line,
            column=self.column,
            routes=self.routes,
            category=category,
            confidence=self.confidence,
        )


def request_code(inspection: Inspection, *opcodes: int) -> Iterator[Spot]:
    """Yield the instructions with one of `opcodes` of every function that a request may run, in order, contexts apart."""
    missing = [opcode for opcode in opcodes if opcode not in inspection.code]
    if missing:
        _collect(inspection, missing)
    yield from heapq.merge(*(inspection.code[each] for each in opcodes), key=_position)


def _position(spot: Spot) -> tuple[int, int]:
    return spot.instance, spot.index


def _collect(inspection: Inspection, opcodes: Collection[int]) -> None:
    """Remember the spots of `opcodes`: a pass over all instructions is what rules by project cost."""
    state = inspection.state
    program = state.program
    found: dict[int, list[Spot]] = {opcode: [] for opcode in opcodes}
    for number, instance in enumerate(state.instances):
        routes = inspection.routes.get(instance.scope)
        if not routes:
            continue
        scope = program.scopes[instance.scope]
        file = program.modules[program.module_of[instance.scope]].file
        symbol = program.qualified(instance.scope)
        sure = _confidence(inspection, instance.scope)
        for index, each in enumerate(scope.instructions):
            if each[0] in found:
                line = each[LINES[each[0]]] if each[0] in LINES else scope.line
                column = each[COLUMN_OF_CALL] if each[0] == Opcode.CALL else 0
                found[each[0]].append(
                    Spot(state, number, each, symbol, file, line, column, routes, index, sure)
                )
    inspection.code.update(found)


def _confidence(inspection: Inspection, scope: int) -> Confidence:
    return Confidence.LOW if scope in inspection.doubtful else Confidence.HIGH


def external_calls(inspection: Inspection) -> Iterator[tuple[Spot, str]]:
    """Yield every call on a request of something outside the project, with its dotted name."""
    seen: set[tuple[str, int, int, str]] = set()
    for spot in request_code(inspection, Opcode.CALL):
        for value in spot.held(spot.instruction[2]):
            if spot.state.values.kinds[value] == EXTERNAL:
                name = public_name(spot.state.values.parts[value][0])
                key = (spot.file, spot.line, spot.column, name)
                if key not in seen:
                    seen.add(key)
                    yield spot, name


def external_decorators(inspection: Inspection) -> Iterator[tuple[Spot, str]]:
    """Yield every decorator from outside the project around a function that a request may run, with its dotted name.

    The spot is the decorator's line, its symbol and routes are the function's.
    """
    state = inspection.state
    program, values = state.program, state.values
    for number, call in state.calls:
        if not call[8] & DECORATING:
            continue
        names = [
            values.parts[each][0]
            for each in state.flow.holds[state.node(number, call[2])]
            if values.kinds[each] == EXTERNAL
        ]
        for scope in _decorated(state, number, call) if names else ():
            routes = inspection.routes.get(scope)
            if routes:
                file = program.modules[program.module_of[scope]].file
                place = (program.qualified(scope), file, call[7], call[COLUMN_OF_CALL])
                sure = _confidence(inspection, scope)
                spot = Spot(state, number, call, *place, routes, confidence=sure)
                yield from ((spot, public_name(name)) for name in names)


def _decorated(state: State, instance: int, call: Instruction) -> set[int]:
    """Return the scopes of the functions that a decorator is given."""
    given = (value for register in call[3] for value in state.flow.holds[state.node(instance, register)])
    return {scope for value in given for scope in _function_scopes(state, value)}


def _function_scopes(state: State, value: int) -> Iterator[int]:
    """Yield the scope of a function, through whatever external decorators are around it already."""
    kind = state.values.kinds[value]
    if kind == DECORATED:
        yield from _function_scopes(state, state.values.parts[value][0])
    elif kind == FUNCTION:
        yield state.values.parts[value][0]


def kin(state: State, names: Collection[str]) -> frozenset[int]:
    """Return the values that are objects of the external classes `names`, or of the project's classes below them."""
    external = {state.values.external(name) for name in names}
    found = set(external)
    for value, kind in enumerate(state.values.kinds):
        if kind == INSTANCE and external & set(_ancestors(state, state.values.parts[value][0])):
            found.add(value)
    return frozenset(found)


def _ancestors(state: State, owner: int) -> Iterator[int]:
    pending, seen = [owner], {owner}
    while pending:
        value = pending.pop()
        yield value
        record = state.classes.get(value) if state.values.kinds[value] == CLASS else None
        for group in record.bases if record else ():
            fresh = [each for each in group if each not in seen]
            seen.update(fresh)
            pending.extend(fresh)


def constants(spot: Spot, register: int) -> set[object]:
    """Return the str and int constants that a register may hold."""
    values = spot.state.values
    return {values.parts[each][1] for each in spot.held(register) if values.kinds[each] == CONSTANT}


def is_module_level(state: State, value: int) -> bool:
    """Return whether a container is made by a module's own body, so that all requests share it."""
    if state.values.kinds[value] != CONTAINER:
        return False
    allocation = state.values.parts[value][1]
    maker = allocation[0] if isinstance(allocation, tuple) and allocation else None
    if not isinstance(maker, int) or not 0 <= maker < len(state.instances):
        return False
    return state.program.scopes[state.instances[maker].scope].kind == "module"
