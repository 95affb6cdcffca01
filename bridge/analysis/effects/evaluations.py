"""Query sets that one function asks twice: a variable that was iterated keeps its rows.

So does a variable of a template's context: `{% if books %}{% for book in books %}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bridge.analysis.facts import Instruction, Opcode
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import GENERIC

__all__ = ["FETCHING", "LISTED", "Evaluated", "Origin", "asked", "evaluated_in", "is_asked_again"]

QUERY_SET = "django.db.models.QuerySet"
FETCHING = frozenset(f"{QUERY_SET}.{name}" for name in ("__iter__", "__len__", "__bool__"))
COUNTING = frozenset(
    f"{QUERY_SET}.{name}" for name in ("count", "exists")
)  # ask nothing where the rows are there

# The role of a witness for the rows of a list view: not told where its template is seen to fetch them.
LISTED = "listed"

READING = frozenset({Opcode.ITEM, Opcode.CALL})
LOOKED_UP = "__lookup__"  # what frameworks/django/templates/lowering.py calls for each variable

# Where an instruction that asks a query set has its register.
SOURCES = {Opcode.ITERATE: 2, Opcode.TEST: 1, Opcode.OPERATE: 3}

# A register; or the object and the key that it is read from, which gives the same thing each time: a text, else the
# register of the key.
Origin = int | tuple[int, int | str]
# (instance, what has the query set) -> the first instruction that fetches its rows
Evaluated = Mapping[tuple[int, Origin], int]


def evaluated_in(state: State, sinks: Iterable[tuple[str, Iterable[Site]]]) -> Evaluated:
    """Return which query sets of a function have their rows fetched, and where first."""
    found: dict[tuple[int, Origin], int] = {}
    for sink, sites in sinks:
        for site in sites if sink in FETCHING else ():
            origin = asked(state, site)
            if origin is not None:
                assert isinstance(site.key, int)
                place = site.instance, origin
                found[place] = min(site.key, found.get(place, site.key))
    return found


def is_asked_again(state: State, site: Site, sink: str, evaluated: Evaluated) -> bool:
    """Return whether a query set is asked for rows that it has: an earlier instruction has fetched them."""
    origin = asked(state, site) if sink in FETCHING or sink in COUNTING else None
    if origin is None:
        return False
    assert isinstance(site.key, int)
    return evaluated.get((site.instance, origin), site.key) < site.key


def asked(state: State, site: Site) -> Origin | None:
    """Return what has the query set: of `for x in books`, `if books`, `len(books)`, `zip(books, ...)`, `books.count()`."""
    if not isinstance(site.key, int):
        return None
    instructions = state.program.scopes[state.instances[site.instance].scope].instructions
    instruction = instructions[site.key]
    if instruction[0] == Opcode.CALL:
        given = instruction[3]
        if not given:
            return _receiver(instructions, instruction)
        if len(given) > 1:
            given = [each for each in given if _holds_query_set(state, site, each)]
        return _origin(instructions, int(given[0])) if len(given) == 1 else None
    position = SOURCES.get(instruction[0])
    return None if position is None else _origin(instructions, int(instruction[position]))


def _origin(instructions: Sequence[Instruction], register: int) -> Origin:
    """Return what a register was read from, if that was an item by a constant key; else the register."""
    made = next((each for each in instructions if each[0] in READING and each[1] == register), None)
    if made is None:
        return register
    if made[0] == Opcode.ITEM:
        texts = (each[2] for each in instructions if each[:2] == (Opcode.CONSTANT, made[3]))
        key = next(texts, None)
        return made[2], key if isinstance(key, str) else made[3]
    # A template's variable, which is called if it can be: `books`, not `author.books`, which is another one each time.
    looks_up = any(each == (Opcode.NAME, made[2], LOOKED_UP) for each in instructions)
    return _origin(instructions, made[3][0]) if looks_up and len(made[3]) == 1 else register


def _receiver(instructions: Sequence[Instruction], call: Instruction) -> Origin | None:
    """Return what `books.count()` calls a method of."""
    read = next((each for each in instructions if each[:2] == (Opcode.ATTR, call[2])), None)
    return None if read is None else _origin(instructions, int(read[2]))


def _holds_query_set(state: State, site: Site, register: int) -> bool:
    values, held = state.values, state.flow.holds[state.node(site.instance, register)]
    return any(values.kinds[each] == GENERIC and values.parts[each][0] == QUERY_SET for each in held)
