"""From what the interpreter read to the values of the solved state: the same functions and classes, found by place."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.frameworks.django.data import Class, Function
from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CLASS, FUNCTION

__all__ = ["Definitions"]


class Definitions:
    """The project's functions and classes by file and qualified name; lambdas by file and line."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._found: dict[tuple[str, str], list[int]] = {}
        for value, kind in enumerate(state.values.kinds):
            if kind in {FUNCTION, CLASS}:
                self._found.setdefault(self._key(state.values.parts[value][0]), []).append(value)

    def _key(self, scope: int) -> tuple[str, str]:
        program = self._state.program
        facts = program.scopes[scope]
        name = f"<lambda>:{facts.line}" if facts.kind == "lambda" else facts.name
        return program.modules[program.module_of[scope]].file, name

    def class_of(self, cls: Class) -> int | None:
        """Return the CLASS value of a class of the project, None if the state has none."""
        return next((each for each in self._at(cls.place.file, cls.qualified) if self._is(each, CLASS)), None)

    def functions(self, function: Function) -> list[int]:
        """Return the FUNCTION values of a function, one for each context around it."""
        name = function.qualified
        if name.endswith("<lambda>"):
            name = f"<lambda>:{function.place.line}"
        return [each for each in self._at(function.place.file, name) if self._is(each, FUNCTION)]

    def exported(self, function: Function) -> list[int]:
        """Return what a module-level name holds, decorators applied: the functions that a call of it enters."""
        state = self._state
        plain = self.functions(function)
        if not plain or "." in function.qualified:
            return plain
        parent = state.values.parts[plain[0]][1]
        scope = state.program.scopes[state.instances[parent].scope]
        register = scope.shared.get(function.qualified)
        if register is None:
            return plain
        held = sorted(state.flow.holds[state.node(parent, register)])
        found = [each for value in held for each in functions_of(state, value)]
        return list(dict.fromkeys(found)) or plain

    def closures(self, function: Function, around: int) -> Iterator[int]:
        """Yield the FUNCTION values of a decorator's inner function whose surroundings hold the value `around`."""
        state = self._state
        for each in self.functions(function):
            parent = state.instances[state.values.parts[each][1]]
            registers = state.program.scopes[parent.scope].registers
            nodes = range(parent.base, parent.base + registers)
            if any(around in state.flow.holds[node] for node in nodes):
                yield each

    def _at(self, file: str, name: str) -> list[int]:
        return self._found.get((file, name), [])

    def _is(self, value: int, kind: int) -> bool:
        return self._state.values.kinds[value] == kind
