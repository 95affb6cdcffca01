"""What rules by project ask of the code that runs on requests: its instructions, and what they work on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bridge.analysis.facts import DECORATING, Instruction, Opcode
from bridge.analysis.model import Category, Confidence
from bridge.analysis.rules.base import Inspection, Obstacle
from bridge.analysis.solving.library import public_name
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CLASS, CONSTANT, CONTAINER, DECORATED, EXTERNAL, FUNCTION, INSTANCE

__all__ = [
    "SUBJECTS",
    "Spot",
    "code_on",
    "constants",
    "external_calls",
    "external_decorators",
    "is_module_level",
    "kin",
    "once",
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

# Where an instruction names the register of what it works on.
SUBJECTS: Mapping[int, int] = {
    Opcode.ATTR: 2,
    Opcode.SETATTR: 1,
    Opcode.DELATTR: 1,
    Opcode.ITEM: 2,
    Opcode.SETITEM: 1,
    Opcode.CALL: 2,
}


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


def request_code(inspection: Inspection, opcode: int) -> Iterator[Spot]:
    """Yield the instructions with this opcode of every function that a request may run, in order, contexts apart."""
    yield from _spots(inspection, {opcode: None}, frozenset())


def code_on(
    inspection: Inspection, objects: Collection[int], *opcodes: int, operands: Mapping[int, int] = SUBJECTS
) -> Iterator[Spot]:
    """Yield those with one of `opcodes` that may work on one of `objects`, values.

    `operands`: opcode -> which operand is looked at; else that of the object whose attribute or item it is, or what is called.
    """
    if objects:
        yield from _spots(inspection, {each: operands[each] for each in opcodes}, frozenset(objects))


def _spots(
    inspection: Inspection, registers: Mapping[int, int | None], objects: frozenset[int]
) -> Iterator[Spot]:
    state = inspection.state
    program, holds = state.program, state.flow.holds
    known: dict[int, list[tuple[int, Instruction, int | None]]] = {}
    for number, instance in enumerate(state.instances):
        scope, base = instance.scope, instance.base
        wanted = known.get(scope)
        if wanted is None:
            is_run = scope in inspection.routes
            wanted = known[scope] = [
                (index, each, registers[each[0]])
                for index, each in enumerate(program.scopes[scope].instructions if is_run else ())
                if each[0] in registers
            ]
        for index, each, operand in wanted:
            if operand is None or not objects.isdisjoint(holds[base + each[operand]]):
                yield _spot(inspection, number, index, each)


def _spot(inspection: Inspection, number: int, index: int, instruction: Instruction) -> Spot:
    state = inspection.state
    program = state.program
    scope = state.instances[number].scope
    opcode = instruction[0]
    return Spot(
        state,
        number,
        instruction,
        program.qualified(scope),
        program.modules[program.module_of[scope]].file,
        instruction[LINES[opcode]] if opcode in LINES else program.scopes[scope].line,
        instruction[COLUMN_OF_CALL] if opcode == Opcode.CALL else 0,
        inspection.routes[scope],
        index,
        _confidence(inspection, scope),
    )


def _confidence(inspection: Inspection, scope: int) -> Confidence:
    return Confidence.LOW if scope in inspection.doubtful else Confidence.HIGH


def external_calls(inspection: Inspection, is_meant: Callable[[str], bool]) -> Iterator[tuple[Spot, str]]:
    """Yield every call on a request of something outside the project whose dotted name `is_meant`, contexts apart, with that name."""
    values = inspection.state.values
    names = {
        value: name
        for value, kind in enumerate(values.kinds)
        if kind == EXTERNAL and is_meant(name := public_name(values.parts[value][0]))
    }
    for spot in code_on(inspection, names, Opcode.CALL):
        for value in spot.held(spot.instruction[SUBJECTS[Opcode.CALL]]):
            if value in names:
                yield spot, names[value]


def once(calls: Iterable[tuple[Spot, str]]) -> Iterator[tuple[Spot, str]]:
    """Yield the first of the calls of each name at each place."""
    seen: set[tuple[str, int, int, str]] = set()
    for spot, name in calls:
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
    values = state.values
    external = {
        value
        for value, kind in enumerate(values.kinds)
        if kind == EXTERNAL and values.parts[value][0] in names
    }
    found = set(external)
    for value, kind in enumerate(values.kinds if external else ()):
        if kind == INSTANCE and external & set(_ancestors(state, values.parts[value][0])):
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
