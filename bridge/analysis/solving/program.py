"""The files of a project by module name, and their scopes under one numbering."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.analysis.facts import Instruction, ModuleFacts, Opcode, Parameters, Scope
from bridge.analysis.solving.tracked import REGISTERING

__all__ = ["SMALL", "Module", "Program"]

SMALL = 80  # instructions; what makes a path of another is no longer than a few lines


@dataclass(frozen=True, slots=True)
class Module:
    """One module. A package without __init__.py has no facts and no file."""

    name: str
    file: str  # relative to the project's root, "" for a package without __init__.py
    is_package: bool
    facts: ModuleFacts | None


class Program:
    """All modules and scopes; a scope's number counts through all files."""

    def __init__(self, modules: Iterable[Module], *, package: str = "") -> None:
        self._package = package  # what the root calls itself in absolute imports, if it is a package
        self.modules: list[Module] = []
        self.numbers: dict[str, int] = {}
        self.scopes: list[Scope] = []
        self.module_of: list[int] = []  # scope -> module
        self.first_scope: list[int] = []  # module -> its own scope
        self.stored_names: set[str] = set()  # attributes that are assigned anywhere
        self.defined_names: set[str] = set()  # whatever a class body binds anywhere
        self.composing: set[int] = set()  # small functions that may make one path of another
        self.registering: set[int] = set()  # functions that hand routes on: kept apart by call site
        self.stars: list[list[tuple[int, str]]] = []  # module -> its star imports
        self._looked_up: dict[str, int | None] = {}  # what `number` has answered
        self._qualified: dict[int, str] = {}  # what `qualified` has answered: readers keep it by the million
        for module in modules:
            self.add(module)
        self._add_parents()
        self._roots = self._import_roots()

    def add(self, module: Module) -> int:
        """Add a module and return its number; also while values are followed (a template that is rendered)."""
        number = len(self.modules)
        self.numbers[module.name] = number
        self._looked_up.clear()
        self.modules.append(module)
        self.first_scope.append(len(self.scopes))
        self.stars.append([])
        for scope in module.facts.scopes if module.facts else ():
            self.scopes.append(scope)
            self.module_of.append(number)
            if scope.kind == "class":
                self.defined_names.update(scope.shared)
                self.stored_names.update(scope.annotated)
            self._note(number, scope)
        return number

    def _note(self, number: int, scope: Scope) -> None:
        has_parameters = scope.kind in {"function", "lambda"} and scope.parameters != Parameters()
        if has_parameters and len(scope.instructions) <= SMALL and _composes(scope):
            self.composing.add(len(self.scopes) - 1)
        for instruction in scope.instructions:
            if instruction[0] == Opcode.SETATTR:
                self.stored_names.add(instruction[2])
            elif has_parameters and _registers(instruction):
                self.registering.add(len(self.scopes) - 1)
            elif instruction[0] == Opcode.STAR:
                self.stars[number].append((instruction[1], instruction[2]))

    def _add_parents(self) -> None:
        """Add the packages that no __init__.py stands for."""
        for name in list(self.numbers):
            parts = name.split(".")
            for length in range(1, len(parts)):
                outer = ".".join(parts[:length])
                if outer not in self.numbers:
                    self.add(Module(name=outer, file="", is_package=True, facts=None))

    def number(self, name: str) -> int | None:
        """Return the module that an absolute import calls `name`, None if it is not the project's."""
        if name not in self._looked_up:
            self._looked_up[name] = self._number(name)
        return self._looked_up[name]

    def _number(self, name: str) -> int | None:
        known = self.numbers.get(name)
        if known is None and self._package and f"{name}.".startswith(f"{self._package}."):
            return self.numbers.get(name[len(self._package) + 1 :])
        if known is None:
            inner = (self.numbers.get(f"{root}.{name}") for root in self._roots)
            return next((each for each in inner if each is not None), None)
        return known

    def _import_roots(self) -> tuple[str, ...]:
        """Return the folders that imports start from besides the root: a plain `src`, and where a manage.py stands."""
        plain = {module.name for module in self.modules if not module.file}
        managed = {name.removesuffix(".manage") for name in self.numbers if name.endswith(".manage")}
        return tuple(sorted(managed | {name for name in plain if name.rpartition(".")[2] == "src"}))

    def qualified(self, scope: int) -> str:
        """Return a scope's dotted name from the project's root on."""
        known = self._qualified.get(scope)
        if known is None:
            module, name = self.modules[self.module_of[scope]].name, self.scopes[scope].name
            known = self._qualified[scope] = f"{module}.{name}" if module and name else module or name
        return known

    def scope(self, module: int, index: int) -> int:
        """Return the number of a scope that its file counts as `index`."""
        return self.first_scope[module] + index


def _registers(instruction: Instruction) -> bool:
    name = (
        instruction[3]
        if instruction[0] == Opcode.ATTR
        else instruction[2]
        if instruction[0] == Opcode.NAME
        else ""
    )
    return name in REGISTERING


def _composes(scope: Scope) -> bool:
    return scope.is_identity or any(
        each[0] == Opcode.FORMAT
        or (each[0] == Opcode.OPERATE and each[2] in {"__add__", "__mod__"})
        or (each[0] == Opcode.ATTR and each[3] == "format")
        for each in scope.instructions
    )
