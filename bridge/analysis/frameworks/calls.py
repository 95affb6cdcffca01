"""The recorded calls on a framework's objects, read argument by argument."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from bridge.analysis.facts import FIRST_PARAMETER, Instruction, Opcode
from bridge.analysis.frameworks.evaluation import Round, rounds
from bridge.analysis.names import is_test_file
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import ANY, UNKNOWN_KEY, ObjectCall, Site, State
from bridge.analysis.solving.values import CONSTANT, CONTAINER, EXTERNAL, INSTANCE, OBJECT

__all__ = [
    "Call",
    "calls_on",
    "elements_of",
    "externals",
    "file_of",
    "making",
    "objects",
    "place",
    "places_of",
    "reading",
    "texts_of",
]


@dataclass(frozen=True, slots=True)
class Call:
    """One call in one round of the loop that it may stand in."""

    state: State
    call: ObjectCall
    round: Round

    @property
    def name(self) -> str:
        """The canonical dotted name of what is called: "flask.Flask.route"."""
        return name_of(self.state, self.call.callee)

    @property
    def method(self) -> str:
        """The last part of `name`."""
        return self.name.rpartition(".")[2]

    @property
    def result(self) -> int:
        """The object that the call gives."""
        return self.call.result

    @property
    def file(self) -> str:
        """Where the call stands."""
        return file_of(self.state, self.call.site)

    @property
    def line(self) -> int:
        """The line of the call."""
        return self.call.site.line

    def values(self, position: int | None, name: str = "") -> frozenset[int]:
        """Return what the argument may be, by its position or its name; nothing: not given, None or unknown."""
        found: set[int] = set()
        for node in self._nodes(position, name):
            found |= self.round.values(self.state, node)
        return frozenset(found)

    def rest(self, first: int) -> list[frozenset[int]]:
        """Return what the positional arguments from `first` on may be."""
        plain = [self.round.values(self.state, node) for node in self.call.arguments.positional[first:]]
        return [*plain, *self._starred(max(0, first - len(self.call.arguments.positional)))]

    def _starred(self, first: int) -> Iterator[frozenset[int]]:
        star = self.call.arguments.star
        for value in sorted(self.round.values(self.state, star)) if star is not None else ():
            if self.state.values.kinds[value] == CONTAINER:
                count = self.state.lengths.get(value, 10)
                for index in range(first, count):
                    key = (value, self.state.values.constant(index))
                    if key in self.state.fields:
                        yield frozenset(self.state.flow.holds[self.state.fields[key]])
                yield frozenset(self.state.flow.holds[self.state.field(value, UNKNOWN_KEY)])

    def texts(self, position: int | None, name: str = "") -> list[str]:
        """Return the texts that the argument may be, sorted."""
        return texts_of(self.state, self.values(position, name))

    def all_texts(self, position: int | None, name: str = "") -> list[str]:
        """Return the texts in the list (tuple, set) that the argument is, or the text that it is."""
        return elements_of(self.state, self.values(position, name))

    def number(self, position: int | None, name: str = "") -> int | None:
        """Return the number that the argument is, None if it is not known."""
        for value in self.values(position, name):
            if self.state.values.kinds[value] == CONSTANT and isinstance(
                self.state.values.parts[value][1], int
            ):
                return int(self.state.values.parts[value][1])
        return None

    def is_given(self, position: int | None, name: str = "") -> bool:
        """Return whether the call has the argument, and not as a plain None."""
        return any(not self._is_none(node) for node in self._nodes(position, name))

    def is_meant(self, position: int | None, name: str = "") -> bool:
        """Return whether the call has the argument, a parameter that its function must be given too."""
        return self.is_given(position, name) or any(
            _is_required(self.state, self.call.site, node) for node in self._nodes(position, name)
        )

    def is_named(self, position: int | None, name: str = "") -> bool:
        """Return whether the call has the argument at all."""
        return any(True for _ in self._nodes(position, name))

    def keywords(self) -> dict[str, frozenset[int]]:
        """Return what the keyword arguments may be, those behind ** too."""
        found = {key: self.round.values(self.state, node) for key, node in self.call.arguments.keywords}
        double = self.call.arguments.double_star
        for value in sorted(self.round.values(self.state, double)) if double is not None else ():
            for key in self.state.keys_of(value):
                name = str(self.state.values.parts[key][1])
                found.setdefault(name, frozenset(self.state.flow.holds[self.state.field(value, key)]))
        return found

    def _nodes(self, position: int | None, name: str) -> Iterator[int]:
        arguments = self.call.arguments
        if position is not None and position < len(arguments.positional):
            yield arguments.positional[position]
        if position is not None and arguments.star is not None and position >= len(arguments.positional):
            yield from self._elements(arguments.star, position - len(arguments.positional))
        yield from (node for key, node in arguments.keywords if key == name)
        if name and arguments.double_star is not None:
            yield from self._elements(arguments.double_star, name)

    def _elements(self, node: int, key: str | int) -> Iterator[int]:
        for value in sorted(self.round.values(self.state, node)):
            if self.state.values.kinds[value] == CONTAINER:
                found = self.state.fields.get((value, self.state.values.constant(key)))
                if found is not None:
                    yield found
                elif isinstance(key, int) and self.state.flow.holds[self.state.field(value, UNKNOWN_KEY)]:
                    yield self.state.field(value, UNKNOWN_KEY)

    def _is_none(self, node: int) -> bool:
        return not self.state.flow.holds[node] and _is_constant_none(self.state, self.call.site, node)


def _is_constant_none(state: State, site: Site, node: int) -> bool:
    """Return whether no instruction ever puts something into the register: it is None, written out."""
    instance = state.instances[site.instance]
    scope = state.program.scopes[instance.scope]
    register = node - instance.base
    if not 0 <= register < scope.registers:
        return True  # of another scope, or of a container: it holds nothing, and nothing is expected
    first = FIRST_PARAMETER + len(scope.parameters.positional) + len(scope.parameters.keyword_only)
    if register < first and scope.kind != "module":
        return True  # a parameter that nobody passes has its default, and that is no constant
    return not any(_puts_into(each, register) for each in scope.instructions)


def _is_required(state: State, site: Site, node: int) -> bool:
    """Return whether the register is a parameter without a constant default."""
    instance = state.instances[site.instance]
    scope = state.program.scopes[instance.scope]
    register = node - instance.base
    names = len(scope.parameters.positional) + len(scope.parameters.keyword_only)
    is_parameter = scope.kind != "module" and FIRST_PARAMETER <= register < FIRST_PARAMETER + names
    return is_parameter and all(register != each for each, _, _ in scope.defaults)


def _puts_into(instruction: Instruction, register: int) -> bool:
    return instruction[1] == register and instruction[0] not in {
        Opcode.SETATTR,
        Opcode.DELATTR,
        Opcode.SETITEM,
        Opcode.SETNAME,
        Opcode.SETFREE,
        Opcode.YIELD,
        Opcode.RETURN,
        Opcode.RAISE,
        Opcode.TEST,
        Opcode.STAR,
    }


def calls_on(state: State, owner: int, *methods: str, first: int = 0) -> Iterator[Call]:
    """Yield the calls on a tracked object (of a function that it gave, of itself), those in loops round by round.

    `methods` are last parts of names; none: all. Calls that stand in tests are left out, and the `first` that were
    recorded.
    """
    for call in state.object_calls.get(owner, [])[first:]:
        if methods and name_of(state, call.callee).rpartition(".")[2] not in methods:
            continue
        if not _is_from_tests(state, call.site.instance):
            yield from _rounds(state, call)


def making(state: State, value: int) -> Call | None:
    """Return the call that made a tracked object, None for one that nobody is known to make."""
    call = state.makings.get(value)
    return None if call is None else reading(state, call)


def reading(state: State, call: ObjectCall) -> Call:
    """Return a call to be read argument by argument, in the first round of the loop that it may stand in."""
    return next(_rounds(state, call))


def _rounds(state: State, call: ObjectCall) -> Iterator[Call]:
    arguments = call.arguments
    nodes = [*arguments.positional, *(node for _, node in arguments.keywords)]
    nodes += [node for node in (arguments.star, arguments.double_star) if node is not None]
    if call.callee >= 0:
        nodes += _receiver(state, call.site)
    for each in rounds(state, call.site, nodes):
        if _runs(state, call, each):
            yield Call(state, call, each)


def _receiver(state: State, site: Site) -> list[int]:
    """Return the node of what is called: a loop may run over the receivers, too."""
    if not isinstance(site.key, int):
        return []
    instruction = state.program.scopes[state.instances[site.instance].scope].instructions[site.key]
    return [state.node(site.instance, instruction[2])] if instruction[0] == Opcode.CALL else []


def _runs(state: State, call: ObjectCall, each: Round) -> bool:
    """Return whether this round calls this callee, and not only another that stands in its place."""
    receiver = _receiver(state, call.site)
    return not receiver or each.frame is None or call.callee in (*each.values(state, receiver[0]), -1)


def objects(state: State, names: Iterable[str]) -> list[int]:
    """Return the tracked objects of these classes (canonical names), in the order in which they are made.

    Instances of a project's subclass are among them. What is made in tests is left out.
    """
    wanted = frozenset(names)
    return [
        value
        for value, call in state.makings.items()
        if state.values.kinds[value] in {OBJECT, INSTANCE}
        and name_of(state, value) in wanted
        and not _is_from_tests(state, call.site.instance)
    ]


def texts_of(state: State, values: Iterable[int]) -> list[str]:
    """Return the texts among `values`, sorted."""
    constants = (state.values.parts[each][1] for each in values if state.values.kinds[each] == CONSTANT)
    return sorted(each for each in constants if isinstance(each, str))


def elements_of(state: State, values: Iterable[int]) -> list[str]:
    """Return the texts among `values` and in the containers among them, each once, in order of position."""
    found: list[str] = []
    for value in sorted(values):
        if state.values.kinds[value] == CONTAINER:
            field = state.field(value, ANY)
            if state.values.parts[value][0] == "dict":
                field = state.field(value, -3)
            found += texts_of(state, state.flow.holds[field])
    return list(dict.fromkeys([*texts_of(state, values), *found]))


def externals(state: State, values: Iterable[int]) -> list[str]:
    """Return the dotted names among `values`, sorted."""
    return sorted(str(state.values.parts[each][0]) for each in values if state.values.kinds[each] == EXTERNAL)


def file_of(state: State, site: Site) -> str:
    """Return the file that a place is in."""
    program = state.program
    return program.modules[program.module_of[state.instances[site.instance].scope]].file


def place(state: State, site: Site) -> str:
    """Return "file:line"."""
    return f"{file_of(state, site)}:{site.line}"


def _is_from_tests(state: State, instance: int) -> bool:
    """Return whether the instance stands in a test, or is kept apart because a test calls it.

    What nobody but tests calls, a factory that the server calls by name, is the application's all the same.
    """
    while instance != -1:
        if _is_in_test(state, instance):
            return True
        if _is_opened_by_test(state, instance) and _is_opened_elsewhere(
            state, state.instances[instance].scope
        ):
            return True
        instance = state.instances[instance].parent
    return False


def _is_in_test(state: State, instance: int) -> bool:
    scope = state.instances[instance].scope
    return is_test_file(state.program.modules[state.program.module_of[scope]].file)


def _is_opened_by_test(state: State, instance: int) -> bool:
    openers = [opener for opener, _ in places_of(state.contexts[instance])]
    return any(_is_in_test(state, opener) or _is_opened_by_test(state, opener) for opener in openers)


def _is_opened_elsewhere(state: State, scope: int) -> bool:
    """Return whether something that is no test calls the function, too."""
    return any(
        each.scope == scope and each.is_called and not _is_opened_by_test(state, number)
        for number, each in enumerate(state.instances)
    )


def places_of(context: Hashable) -> Iterator[tuple[int, Hashable]]:
    """Yield (instance, instruction) of the call sites in an instance's context."""
    for each in context if isinstance(context, tuple) else ():
        if isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], int):
            yield each
