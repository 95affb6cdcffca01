"""What a process does once, whatever it serves: the first request fills a variable, and all others find it there.

    if _languages is None:            @functools.lru_cache
        _languages = load()           def languages(): ...

Not where anything else empties or fills the variable, and not of a function that is given arguments: each gives
another value.
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import DECORATING, Opcode
from bridge.analysis.solving.library import public_name
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import DECORATED, EXTERNAL, FUNCTION

__all__ = ["Once"]

REMEMBERING = frozenset({"functools.lru_cache", "functools.cache"})
NAMES = {Opcode.SETNAME: 1, Opcode.SETATTR: 2, Opcode.DELATTR: 2}  # where an instruction has what it assigns


class Once:
    """Answers about the places of a solved program."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._filling = self._only_filled()
        self._remembered = set(_remembered(state))

    def fills(self, site: Site) -> bool:
        """Return whether a place runs only until a variable is filled that outlives the request."""
        ranges = self._filling.get(self._state.instances[site.instance].scope)
        key = site.key
        return ranges is not None and isinstance(key, int) and any(a <= key < b for a, b in ranges)

    def is_remembered(self, instance: int) -> bool:
        """Return whether what a function gives is kept for all who call it."""
        return self._state.instances[instance].scope in self._remembered

    def _only_filled(self) -> dict[int, list[tuple[int, int]]]:
        program = self._state.program
        kept: dict[int, list[tuple[int, int]]] = {}
        for number, scope in enumerate(program.scopes):
            for first, end, name in scope.filling:
                if not self._is_assigned_elsewhere(number, name):
                    kept.setdefault(number, []).append((first, end))
        return kept

    def _is_assigned_elsewhere(self, own: int, name: str) -> bool:
        """Return whether another function of the module assigns a variable, or this one does so elsewhere."""
        program = self._state.program
        module, last = program.module_of[own], name.rpartition(".")[2]
        for number, scope in enumerate(program.scopes):
            if program.module_of[number] != module:
                continue
            inside = [(first, end) for first, end, each in scope.filling if each == name]
            for index, instruction in enumerate(scope.instructions):
                place = NAMES.get(instruction[0])
                if place is None or instruction[place] != last:
                    continue
                if number != own or not any(first <= index < end for first, end in inside):
                    return True
        return False


def _remembered(state: State) -> Iterator[int]:
    """Yield the scopes of functions without parameters whose result `functools` keeps."""
    for instance, call in state.calls:
        held = state.flow.holds[state.node(instance, call[2])] if call[8] & DECORATING else ()
        kinds, parts = state.values.kinds, state.values.parts
        if any(kinds[each] == EXTERNAL and public_name(parts[each][0]) in REMEMBERING for each in held):
            given = (value for each in call[3] for value in state.flow.holds[state.node(instance, each)])
            functions = {_plain(state, value) for value in given}
            yield from (
                parts[each][0]
                for each in sorted(functions)
                if kinds[each] == FUNCTION and _has_no_parameters(state, parts[each][0])
            )


def _plain(state: State, value: int) -> int:
    while state.values.kinds[value] == DECORATED:
        value = state.values.parts[value][0]
    return value


def _has_no_parameters(state: State, scope: int) -> bool:
    parameters = state.program.scopes[scope].parameters
    return not parameters.names and parameters.variadic is None and parameters.keywords is None
