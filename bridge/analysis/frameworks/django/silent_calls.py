"""Calls of Django's own that ask nothing for what they are given, in whatever view they stand.

form = RemarkForm(request.POST)                form.is_valid()    no field of it is unique, or a relation
pages = Paginator([book.title for ...], 10)    pages.get_page(1)  a list has its length and its elements
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bridge.analysis.facts import Instruction, Opcode
from bridge.analysis.frameworks.django.data import Class, Raised
from bridge.analysis.frameworks.django.definitions import Definitions
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.validation import asks_of_form
from bridge.analysis.solving.library import public_name
from bridge.analysis.solving.loads import Load
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import CONTAINER, INSTANCE, ORIGIN

__all__ = ["note_silent_calls"]

VALIDATE = "django.forms.ModelForm.is_valid"
PAGINATOR = "django.core.paginator.Paginator"


def note_silent_calls(state: State, interpreter: Interpreter, definitions: Definitions) -> None:
    """Tell the state which validations of forms and which pages ask nothing."""
    forms = _Forms(state, interpreter, definitions)
    tests: dict[str, Callable[[Site], bool]] = {
        VALIDATE: forms.is_silent,
        **{f"{PAGINATOR}.{name}": lambda site: _cuts_a_list(state, site) for name in ("page", "get_page")},
    }
    for site, name in list(_external_calls(state)):
        sink = name.replace("django.forms.models.", "django.forms.")
        if sink in tests and tests[sink](site):
            place = (state.instances[site.instance].owner, site.line, sink)
            state.loads.read(place, site.key, "")
            state.loads.learn(place, site.key, Load.LOADED)


def _external_calls(state: State) -> Iterator[tuple[Site, str]]:
    for targets in state.edges.values():
        for target, lines in targets.items():
            if target < 0:
                name = public_name(state.values.parts[~target][0])
                yield from ((site, name) for site in lines.values() if isinstance(site.key, int))


class _Forms:
    """Answers for each form class once."""

    def __init__(self, state: State, interpreter: Interpreter, definitions: Definitions) -> None:
        self._state, self._interpreter, self._definitions = state, interpreter, definitions
        self._known: dict[int, bool] = {}

    def is_silent(self, site: Site) -> bool:
        """Return whether each form that may be validated at a place asks nothing."""
        values = self._state.values
        receiver = _receiver(self._state, site)
        held = [] if receiver is None else self._state.flow.holds[self._state.node(site.instance, receiver)]
        forms = [each for each in held if values.kinds[each] != ORIGIN]
        return bool(forms) and all(
            values.kinds[each] == INSTANCE and self._asks_nothing(values.parts[each][0]) for each in forms
        )

    def _asks_nothing(self, cls: int) -> bool:
        if cls not in self._known:
            found = self._read(cls)
            self._known[cls] = found is not None and not asks_of_form(self._interpreter, found)
        return self._known[cls]

    def _read(self, cls: int) -> Class | None:
        """Return the class as the interpreter reads it; None where it reads something else under that name."""
        name = self._state.program.qualified(self._state.values.parts[cls][0])
        try:
            found = self._interpreter.dotted(name)
        except Raised:
            return None
        return found if isinstance(found, Class) and self._definitions.class_of(found) == cls else None


def _cuts_a_list(state: State, site: Site) -> bool:
    """Return whether the paginator at a place was given a list, or another of Python's own collections."""
    receiver = _receiver(state, site)
    made = None if receiver is None else _maker(_instructions(state, site), receiver)
    if made is None or made[0] != Opcode.CALL:
        return False
    register = made[3][0] if made[3] else dict(made[4]).get("object_list")
    held = () if register is None else state.flow.holds[state.node(site.instance, register)]
    return bool(held) and all(state.values.kinds[each] == CONTAINER for each in held)


def _receiver(state: State, site: Site) -> int | None:
    """Return the register of `form` in `form.is_valid()`."""
    instructions = _instructions(state, site)
    assert isinstance(site.key, int), "it is a call"
    call = instructions[site.key]
    read = next((each for each in instructions if each[:2] == (Opcode.ATTR, call[2])), None)
    return None if read is None else int(read[2])


def _maker(instructions: Sequence[Instruction], register: int) -> Instruction | None:
    """Return the only instruction that makes a register, through names for the same thing; None if there are several."""
    for _ in range(len(instructions)):
        makers = [each for each in instructions if each[0] in MAKING and each[1] == register]
        if len(makers) != 1:
            return None
        if makers[0][0] != Opcode.COPY:
            return makers[0]
        register = makers[0][2]
    return None


MAKING = frozenset(
    {Opcode.COPY, Opcode.CALL, Opcode.ATTR, Opcode.ITEM, Opcode.NAME, Opcode.FREE, Opcode.UNPACK}
)


def _instructions(state: State, site: Site) -> Sequence[Instruction]:
    return state.program.scopes[state.instances[site.instance].scope].instructions
