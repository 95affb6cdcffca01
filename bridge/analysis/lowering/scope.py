"""A scope under construction: registers, instructions, and where a name is found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bridge.analysis.facts import FIRST_PARAMETER, Instruction, Opcode, Parameters, Scope
from bridge.analysis.lowering.bindings import Bindings
from bridge.analysis.lowering.flow import Flow

__all__ = ["FileBuilder", "Loop", "ScopeBuilder"]


class FileBuilder:
    """The scopes of one file, numbered as they open."""

    def __init__(self) -> None:
        self._builders: list[ScopeBuilder] = []

    def open(self, builder: ScopeBuilder) -> int:
        """Return the number of a new scope."""
        self._builders.append(builder)
        return len(self._builders) - 1

    def scopes(self) -> tuple[Scope, ...]:
        """Return the finished scopes."""
        return tuple(builder.built() for builder in self._builders)


class Loop:
    """The states at the `break` and `continue` of one loop."""

    def __init__(self) -> None:
        self.breaks: list[Flow] = []
        self.continues: list[Flow] = []


class ScopeBuilder:
    """Collects one scope's instructions. `parent` is the scope that it stands in, None for a module."""

    def __init__(
        self,
        file: FileBuilder,
        *,
        kind: str,
        name: str,
        parent: ScopeBuilder | None,
        line: int,
        bindings: Bindings,
        parameters: tuple[str, ...] = (),
    ) -> None:
        self.file, self.kind, self.name, self.parent, self.line = file, kind, name, parent, line
        self.bindings = bindings
        self.bindings.names.update(parameters)
        self.index = file.open(self)
        self.flow = Flow()
        self.instructions: list[Instruction] = []
        self.registers = FIRST_PARAMETER + len(parameters)
        self.parameters = Parameters()
        self.is_async = self.is_wrapper = self.is_identity = self.calls_given = False
        self.is_captured = False  # something of a call lives on in what is defined inside
        self.lambdas = self.loop_depth = 0
        self.annotated: list[str] = []
        self.loops: list[Loop] = []
        self.looped: list[tuple[int, int]] = []  # instructions from, to
        self.catching = 0  # `try` and `with` around what is lowered: an error may not leave the function
        self.left: list[tuple[int, int]] = []  # those inside loops that leave the function, and so run once
        self.guards: list[tuple[int, int, int, int, tuple[str | int, ...]]] = []  # see facts.Scope
        self.filling: list[tuple[int, int, str]] = []  # as above
        self.defaults: tuple[tuple[int, int, str | int | None], ...] = ()  # as above
        self.assigned: list[dict[str, set[int]]] = []  # one for each try block that we are in
        self.dict_items: dict[int, dict[object, int]] = {}  # the register of a {...} -> its constant keys
        self.changed: set[str] = set()  # variables that functions inside assign: `global`, `nonlocal`
        self._known: dict[tuple[object, ...], int] = {}
        self.shared: dict[str, int] = {}
        self.none_register = -1
        self._open_shared()
        self._tell_owners()

    def _open_shared(self) -> None:
        if self.kind in {"function", "lambda"} and not self.bindings.has_functions:
            return  # nobody else sees these variables
        for name in sorted(self.bindings.names | self.bindings.comprehension):
            self.shared[name] = self.register()

    def _tell_owners(self) -> None:
        """Tell the scopes around which of their variables this one assigns."""
        scope = self.parent
        while scope is not None:
            names = self.bindings.globals if scope.kind == "module" else self.bindings.nonlocals
            scope.changed |= names & scope.shared.keys()
            scope = scope.parent

    def register(self) -> int:
        """Return a new register."""
        self.registers += 1
        return self.registers - 1

    def emit(self, *instruction: object) -> None:
        """Append an instruction."""
        self.instructions.append(instruction)

    def value(self, opcode: int, *operands: object) -> int:
        """Append an instruction that yields a value and return the register of it."""
        target = self.register()
        self.instructions.append((opcode, target, *operands))
        return target

    def once(self, opcode: int, *operands: object) -> int:
        """Return the register of a value that is the same all over the scope, emitted the first time."""
        key = (opcode, *((type(operand), operand) for operand in operands))
        if key not in self._known:
            self._known[key] = self.value(opcode, *operands)
        return self._known[key]

    def nothing(self) -> int:
        """Return a register that never has a value: of what we don't model."""
        return self._valueless("nothing")

    def none(self) -> int:
        """Return the register of None, which never has a value, too."""
        self.none_register = self._valueless("none")
        return self.none_register

    def _valueless(self, what: str) -> int:
        if (what,) not in self._known:
            self._known[what,] = self.register()
        return self._known[what,]

    def merged(self, registers: frozenset[int] | set[int]) -> int:
        """Return one register for what may stand in any of `registers`."""
        if len(registers) == 1:
            return next(iter(registers))
        key = ("merge", *sorted(registers))
        if key not in self._known:
            target = self._known[key] = self.register()
            for register in sorted(registers):
                self.emit(Opcode.COPY, target, register)
        return self._known[key]

    def read(self, name: str) -> int:
        """Return the register of the value of `name` here."""
        reaching = self.flow.names.get(name)
        if reaching:
            return self.merged(reaching | {self.shared[name]} if name in self.changed else reaching)
        if name in self.bindings.names and self.kind != "class":
            return self.shared[name] if name in self.shared and self.kind != "module" else self._outer(name)
        return self._outer(name)

    def _outer(self, name: str) -> int:
        scope = None if name in self.bindings.globals else self.parent
        while scope is not None and scope.kind != "module":
            if scope.kind != "class" and name in scope.shared:
                scope.is_captured = True
                return self.once(Opcode.FREE, scope.index, scope.shared[name])
            if name in scope.bindings.globals:
                break
            scope = scope.parent
        return self.once(Opcode.NAME, name)

    def write(self, name: str, register: int) -> None:
        """Bind `name` to the value in `register`."""
        if name in self.bindings.globals:
            self.emit(Opcode.SETNAME, name, register)
        elif name in self.bindings.nonlocals:
            self._write_nonlocal(name, register)
        else:
            self.flow.bind(name, register)
            for assigned in self.assigned:
                assigned.setdefault(name, set()).add(register)
            if name in self.shared:
                self.emit(Opcode.COPY, self.shared[name], register)

    def _write_nonlocal(self, name: str, register: int) -> None:
        scope = self.parent
        while scope is not None:
            if scope.kind != "class" and name in scope.shared:
                scope.is_captured = True
                self.emit(Opcode.SETFREE, scope.index, scope.shared[name], register)
                return
            scope = scope.parent

    def note_loop(self, first: int) -> None:
        """Remember that what was emitted from the instruction `first` on runs many times."""
        if self.loop_depth:  # what stands in an outer loop is in that one
            return
        for start, end in (*self.left, (len(self.instructions), 0)):
            if start > first:
                self.looped.append((first, start))
            first = max(first, end)
        self.left.clear()

    @contextmanager
    def under(self, conditions: Sequence[tuple[int, int, tuple[str | int, ...]]]) -> Iterator[None]:
        """Lower what runs only where parameters have such kinds of values: see guards.py."""
        first = len(self.instructions)
        yield
        self.guard(first, conditions)

    def guard(self, first: int, conditions: Sequence[tuple[int, int, tuple[str | int, ...]]]) -> None:
        """Remember this of what was emitted from the instruction `first` on."""
        end = len(self.instructions)
        if end > first:
            self.guards.extend((first, end, *condition) for condition in conditions)

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Lower what runs once at the most, though it stands in a loop: what a `return` gives back.

        Not where an error may be caught inside the loop: `try: return ask()` is how calls are tried again.
        """
        if self.catching:
            yield
            return
        depth, self.loop_depth, first = self.loop_depth, 0, len(self.instructions)
        outer, self.left = self.left, []
        yield
        self.loop_depth, self.left = depth, outer
        if depth:
            self.left.append((first, len(self.instructions)))

    def qualified(self, name: str) -> str:
        """Return the name of something defined here, qualified from the module on."""
        return f"{self.name}.{name}" if self.name else name

    def finish(self) -> None:
        """Forget what is needed only while the scope is read."""
        self._known.clear()
        self.dict_items.clear()

    def built(self) -> Scope:
        """Return the scope as facts."""
        return Scope(
            kind=self.kind,
            name=self.name,
            parent=-1 if self.parent is None else self.parent.index,
            line=self.line,
            registers=self.registers,
            shared=self.shared,
            parameters=self.parameters,
            instructions=tuple(self.instructions),
            annotated=tuple(self.annotated),
            loops=tuple(self.looped),
            guards=tuple(self.guards),
            filling=tuple(self.filling),
            defaults=self.defaults,
            none=self.none_register,
            is_async=self.is_async,
            is_generator=self.bindings.has_yield,
            is_wrapper=self.is_wrapper,
            is_identity=self.is_identity,
            calls_given=self.calls_given,
        )
