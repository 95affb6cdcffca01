"""Query sets that come from outside: of a loop, which asks once and not once a round, and of a function, whose caller may
have asked.

    for period in periods:
        gaps(books, period)  # `if not books` in there asks in the first round: the query set keeps its rows
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bridge.analysis.effects.evaluations import Evaluated, Origin
from bridge.analysis.facts import FIRST_PARAMETER, Instruction, Opcode, Scope
from bridge.analysis.solving.state import Site, State

__all__ = ["given", "is_asked_before", "is_kept", "parameter_of"]

# Where the instructions that write no register have something else at the place of one.
WITHOUT_TARGET = frozenset(
    {
        *(Opcode.SETNAME, Opcode.SETFREE, Opcode.SETATTR, Opcode.DELATTR, Opcode.SETITEM, Opcode.YIELD),
        *(Opcode.RETURN, Opcode.STAR, Opcode.RAISE, Opcode.TEST),
    }
)
EMPTY = frozenset({Opcode.CONSTANT, Opcode.LITERAL})  # what makes a value that holds no query set
LEAVING = frozenset({Opcode.RETURN, Opcode.RAISE})


def is_kept(scope: Scope, index: int, origin: Origin) -> bool:
    """Return whether what an instruction in a loop asks was there before the loop, the same in each round."""
    first, last = _loop(scope, index)
    if isinstance(origin, int):
        return _is_from_outside(scope.instructions, origin, first, last, frozenset())
    container, key = origin
    return (
        isinstance(key, str)
        and _is_from_outside(scope.instructions, container, first, last, frozenset())
        and not any(each[:2] == (Opcode.SETITEM, container) for each in scope.instructions[first:last])
    )


def parameter_of(scope: Scope, origin: Origin) -> int | None:
    """Return the register of the parameter that a query set is, or is an item of; None if it is made in the function."""
    register = origin if isinstance(origin, int) else origin[0]
    is_parameter = FIRST_PARAMETER <= register < FIRST_PARAMETER + len(scope.parameters.names)
    if not is_parameter or (not isinstance(origin, int) and not isinstance(origin[1], str)):
        return None
    return register if next(_makers(scope.instructions, register), None) is None else None


def given(state: State, site: Site, scope: Scope, origin: Origin) -> Origin | None:
    """Return what a call at `site` gives for the parameter of `scope` that `origin` is (of); None: not known."""
    register = parameter_of(scope, origin)
    instructions = state.program.scopes[state.instances[site.instance].scope].instructions
    if register is None or not isinstance(site.key, int) or instructions[site.key][0] != Opcode.CALL:
        return None
    _, _, _, plain, keywords, star, double_star, *_ = instructions[site.key]
    if star is not None or double_star is not None:
        return None
    if not isinstance(origin, int):
        containers = [
            each for each in (*plain, *dict(keywords).values()) if _is_container(instructions, each)
        ]
        return _item(instructions, containers[0], origin[1], site.key) if len(containers) == 1 else None
    name = scope.parameters.names[register - FIRST_PARAMETER]
    if name in dict(keywords):
        return int(dict(keywords)[name])
    is_method = scope.parent >= 0 and scope.parameters.positional[:1] in (("self",), ("cls",))
    place = register - FIRST_PARAMETER - is_method
    return int(plain[place]) if 0 <= place < len(plain) else None


def is_asked_before(state: State, site: Site, origin: Origin, evaluated: Evaluated) -> bool:
    """Return whether the function that calls at `site` has asked what it gives, whichever branch has given it."""
    assert isinstance(site.key, int)
    index = site.key
    scope = state.program.scopes[state.instances[site.instance].scope]
    sources: list[Origin] = [origin]
    if isinstance(origin, int):
        copied = _sources(scope.instructions, origin, frozenset())
        sources = [each for each in copied if each != scope.none]
    return bool(sources) and all(evaluated.get((site.instance, each), index) < index for each in sources)


def _loop(scope: Scope, index: int) -> tuple[int, int]:
    """Return the whole loop around an instruction; what leaves the function parts it in `scope.loops`."""
    first, last = next(
        ((first, last) for first, last in scope.loops if first <= index < last), (index, index + 1)
    )
    for start, end in reversed(scope.loops):
        if end <= first and any(each[0] in LEAVING for each in scope.instructions[end : first + 1]):
            first = start
    return first, last


def _is_from_outside(
    instructions: Sequence[Instruction], register: int, first: int, last: int, seen: frozenset[int]
) -> bool:
    """Return whether a register is only written before a loop, or in it from such registers."""
    return register not in seen and all(
        index < first
        or (
            index < last
            and instructions[index][0] == Opcode.COPY
            and _is_from_outside(instructions, instructions[index][2], first, last, seen | {register})
        )
        for index in _makers(instructions, register)
    )


def _makers(instructions: Sequence[Instruction], register: int) -> Iterator[int]:
    for index, each in enumerate(instructions):
        if each[0] not in WITHOUT_TARGET and each[1] == register:
            yield index


def _sources(instructions: Sequence[Instruction], register: int, seen: frozenset[int]) -> Iterator[int]:
    """Yield the registers that one was copied from, itself if it is no copy; not what is made without a query set."""
    makers = [instructions[index] for index in _makers(instructions, register)]
    if not makers or any(each[0] != Opcode.COPY for each in makers):
        if not makers or any(each[0] not in EMPTY for each in makers):
            yield register
        return
    for each in makers:
        if each[2] not in seen:
            yield from _sources(instructions, each[2], seen | {register})


def _is_container(instructions: Sequence[Instruction], register: int) -> bool:
    makers = [instructions[index] for index in _makers(instructions, register)]
    return any(each[0] == Opcode.DICT for each in makers)


def _item(instructions: Sequence[Instruction], container: int, key: object, until: int) -> Origin | None:
    """Return what a dictionary has under a key when the instruction `until` runs."""
    constants: Mapping[int, object] = {
        each[1]: each[2] for each in instructions if each[0] == Opcode.CONSTANT
    }
    for each in reversed(instructions[:until]):
        if each[:2] == (Opcode.SETITEM, container) and constants.get(each[2]) == key:
            return int(each[3])
        if each[:2] == (Opcode.DICT, container):
            for name, value in each[2]:
                if constants.get(name) == key:
                    return int(value)
            return (int(each[3][0]), str(key)) if len(each[3]) == 1 else None
    return None
