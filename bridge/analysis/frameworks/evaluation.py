"""What an expression may be in one round of a loop.

    for rule, view in [("/a", a), ("/b", b)]:
        app.add_url_rule(rule, view_func=view)

The state knows that `rule` is "/a" or "/b" and `view` is `a` or `b`. Which belong together is found out here, by going
back from the arguments to the loop that they depend on, and forth again for each of its elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from weakref import WeakKeyDictionary

from bridge.analysis.facts import Instruction, Opcode
from bridge.analysis.solving.members import load_from
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.state import ANY, UNKNOWN_KEY, Site, State
from bridge.analysis.solving.values import (
    CLASS,
    CONSTANT,
    CONTAINER,
    INSTANCE,
    MEMBER,
    METHOD,
    OBJECT,
)

__all__ = ["Round", "rounds"]

MOST_ROUNDS = (
    500  # elements of one loop; a longer list of routes is generated, and its rounds are not told apart
)
MOST_TEXTS = 32  # as texts.MOST

Held = frozenset[int]
Row = tuple[Held, ...]  # an element that stands for key and value


@dataclass(frozen=True, slots=True)
class Makers:
    """Which instructions of a scope make which register, and where its calls stand."""

    of: dict[int, list[Instruction]]
    places: dict[int, int]  # the register of a call's result -> its index


_KNOWN: WeakKeyDictionary[Program, dict[int, Makers]] = (
    WeakKeyDictionary()
)  # scope -> makers, while a program lives


def _makers_of(program: Program, scope: int) -> Makers:
    known = _KNOWN.setdefault(program, {})
    if scope not in known:
        found = Makers({}, {})
        for index, each in enumerate(program.scopes[scope].instructions):
            if each[0] in SOURCES or each[0] in {Opcode.ITERATE, Opcode.CALL}:
                found.of.setdefault(each[1], []).append(each)
            if each[0] == Opcode.CALL:
                found.places[each[1]] = index
        known[scope] = found
    return known[scope]


@dataclass(frozen=True, slots=True)
class Frame:
    """One scope in one context."""

    state: State
    instance: int

    @property
    def makers(self) -> dict[int, list[Instruction]]:
        """The instructions that make a register."""
        return _makers_of(self.state.program, self.state.instances[self.instance].scope).of

    @property
    def places(self) -> dict[int, int]:
        """The register of a call's result -> its index."""
        return _makers_of(self.state.program, self.state.instances[self.instance].scope).places

    def held(self, register: int) -> Held:
        """Return everything that the register may hold."""
        return frozenset(self.state.flow.holds[self.state.node(self.instance, register)])


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a loop, or the only one. `bound` are the registers that the loop binds."""

    frame: Frame | None = None
    bound: Mapping[int, Held | Row] = field(default_factory=dict)

    def values(self, state: State, node: int) -> Held:
        """Return what the register behind `node` may hold in this round."""
        if self.frame is None:
            return frozenset(state.flow.holds[node])
        base = state.instances[self.frame.instance].base
        scope = state.program.scopes[state.instances[self.frame.instance].scope]
        if not (base <= node < base + scope.registers and self.bound):
            return frozenset(state.flow.holds[node])
        return self._register(node - base, ())

    def _register(self, register: int, seen: tuple[int, ...]) -> Held:
        assert self.frame is not None
        known = self.bound.get(register)
        if known is not None:
            return known if isinstance(known, frozenset) else frozenset().union(*known)
        makers = self.frame.makers.get(register)
        if not makers or register in seen or not _depends(self.frame, register, self.bound, ()):
            return self.frame.held(register)
        return frozenset().union(*(self._made(each, (*seen, register)) for each in makers))

    def _made(self, maker: Instruction, seen: tuple[int, ...]) -> Held:
        assert self.frame is not None
        opcode, state = maker[0], self.frame.state
        if opcode == Opcode.COPY:
            return self._register(maker[2], seen)
        if opcode == Opcode.UNPACK and maker[4] is None:
            return self._unpacked(maker, seen)
        if opcode == Opcode.ITEM:
            keys = self._register(maker[3], seen)
            return frozenset().union(*(_item(state, each, keys) for each in self._register(maker[2], seen)))
        if opcode == Opcode.ATTR:
            return frozenset().union(
                *(_attribute(state, each, maker[3]) for each in self._register(maker[2], seen))
            )
        if opcode == Opcode.FORMAT:
            return self._joined(maker[2], seen)
        if opcode == Opcode.OPERATE and maker[2] == "__add__" and maker[4] is not None:
            return self._joined((maker[3], maker[4]), seen)
        if opcode == Opcode.CALL:
            return self._called(maker, seen)
        return self.frame.held(maker[1])

    def _unpacked(self, maker: Instruction, seen: tuple[int, ...]) -> Held:
        assert self.frame is not None
        _, _, source, index, _ = maker
        row = self.bound.get(source)
        if isinstance(row, tuple):
            return row[index] if index < len(row) else frozenset()
        state = self.frame.state
        key = frozenset([state.values.constant(index)])
        return frozenset().union(*(_item(state, each, key) for each in self._register(source, seen)))

    def _joined(self, parts: tuple[str | int, ...], seen: tuple[int, ...]) -> Held:
        assert self.frame is not None
        values = self.frame.state.values
        choices = [
            [part]
            if isinstance(part, str)
            else [
                str(values.parts[each][1])
                for each in sorted(self._register(part, seen))
                if values.kinds[each] == CONSTANT
            ]
            for part in parts
        ]
        made = {"".join(texts) for texts in islice(product(*choices), MOST_TEXTS)}
        return frozenset(values.constant(text) for text in made)

    def _called(self, maker: Instruction, seen: tuple[int, ...]) -> Held:
        """Return what a call made of the functions of this round gives: `view.as_view(...)`, `View()`."""
        assert self.frame is not None
        state, everything = self.frame.state, self.frame.held(maker[1])
        called = self._register(maker[2], seen)
        place = self.frame.places[maker[1]]
        made: set[int] = set()
        for each in called:
            kind = state.values.kinds[each]
            if kind == MEMBER:
                made.add(state.values.make(OBJECT, name_of(state, each), self.frame.instance, place, each))
            elif kind == CLASS:
                made.update(
                    (
                        state.values.make(INSTANCE, each),
                        state.values.make(INSTANCE, each, (self.frame.instance, place)),
                    )
                )
        return frozenset(made) & everything or everything


def rounds(state: State, site: Site, nodes: list[int]) -> Iterator[Round]:
    """Yield the rounds of the loop that the arguments `nodes` of the call at `site` depend on, or a single one."""
    base = state.instances[site.instance].base
    size = state.program.scopes[state.instances[site.instance].scope].registers
    registers = [node - base for node in nodes if base <= node < base + size]
    frame = Frame(state, site.instance)
    loops = sorted({each for register in registers for each in _loops(frame, register, ())})
    found = [list(_elements(frame, loop)) for loop in loops]
    if not any(len(elements) > 1 for elements in found):
        yield Round()
        return
    for combination in islice(product(*found), MOST_ROUNDS):
        yield Round(frame, dict(zip(loops, combination, strict=True)))


def _loops(frame: Frame, register: int, seen: tuple[int, ...]) -> Iterator[int]:
    """Yield the loop variables that `register` depends on."""
    if register in seen:
        return
    for maker in frame.makers.get(register, ()):
        if maker[0] == Opcode.ITERATE:
            yield register
        for source in _sources(maker):
            yield from _loops(frame, source, (*seen, register))


def _depends(frame: Frame, register: int, bound: Mapping[int, object], seen: tuple[int, ...]) -> bool:
    if register in bound:
        return True
    return register not in seen and any(
        _depends(frame, source, bound, (*seen, register))
        for maker in frame.makers.get(register, ())
        for source in _sources(maker)
    )


def _elements(frame: Frame, loop: int) -> Iterator[Held | Row]:
    """Yield what the loop variable holds in each round; pairs for the items of a dictionary."""
    state = frame.state
    for value in sorted(frame.held(loop), key=lambda each: (state.values.kinds[each], each)):
        row = _items_of(state, value)
        if row is None:
            yield frozenset([value])
        else:
            yield from row


def _items_of(state: State, value: int) -> list[Row] | None:
    """Return (key, values) for each key of the dictionary whose `items()` gave the row `value`, else None."""
    if state.values.kinds[value] != CONTAINER or state.values.parts[value][1][-1] != "row":
        return None
    instance, key, _ = state.values.parts[value][1]
    if not isinstance(key, int):
        return None
    instruction = state.program.scopes[state.instances[instance].scope].instructions[key]
    rows: list[Row] = []
    for method in sorted(state.flow.holds[state.node(instance, instruction[2])]):
        if state.values.kinds[method] == METHOD and state.values.parts[method][1] == "items":
            rows += _pairs(state, state.values.parts[method][0])
    return rows or None


def _pairs(state: State, container: int) -> Iterator[Row]:
    for key in state.keys_of(container):
        yield frozenset([key]), frozenset(state.flow.holds[state.field(container, key)])


def _item(state: State, value: int, keys: Held) -> Held:
    if state.values.kinds[value] != CONTAINER:
        return frozenset([value])
    exact = [each for each in keys if state.values.kinds[each] == CONSTANT]
    fields = [*exact, UNKNOWN_KEY] if exact else [ANY]
    return frozenset().union(*(state.flow.holds[state.field(value, each)] for each in fields))


def _attribute(state: State, value: int, name: str) -> Held:
    read = state.flow.node()
    load_from(state, Site(0, ("read", value, name), 0), value, name, read)
    state.flow.solve()
    return frozenset(state.flow.holds[read])


def _sources(maker: Instruction) -> tuple[int, ...]:
    opcode = maker[0]
    if opcode == Opcode.CALL:
        return (maker[2], *maker[3], *(register for _, register in maker[4]))
    if opcode == Opcode.FORMAT:
        return tuple(part for part in maker[2] if isinstance(part, int))
    if opcode == Opcode.DICT:
        return tuple(value for _, value in maker[2])
    if opcode == Opcode.SEQUENCE:
        return tuple(maker[3])
    return tuple(maker[each] for each in SOURCES.get(opcode, ()) if maker[each] is not None)


# Where an instruction has the registers that its result depends on.
SOURCES = {
    Opcode.COPY: (2,),
    Opcode.UNPACK: (2,),
    Opcode.ITEM: (2, 3),
    Opcode.ATTR: (2,),
    Opcode.OPERATE: (3, 4),
    Opcode.FORMAT: (),
}
