"""The solver's extension for SQLAlchemy: queries and rows know their class, relationships are followed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.sqlalchemy.queries import load_from_query
from bridge.analysis.frameworks.sqlalchemy.relations import Relation, Relations, relations_of
from bridge.analysis.frameworks.sqlalchemy.types import (
    GIVEN,
    ITEM,
    LAZY,
    LISTS,
    PAGE,
    QUERY,
    RESULT,
    ROWS,
    SELECT,
)
from bridge.analysis.solving.containers import new_container
from bridge.analysis.solving.linking import module_instance
from bridge.analysis.solving.loads import Load
from bridge.analysis.solving.members import store
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.resolution import order
from bridge.analysis.solving.state import NO_ARGUMENTS, UNKNOWN_KEY, Arguments, Site, State
from bridge.analysis.solving.values import CLASS, CONTAINER, EXTERNAL, GENERIC, INSTANCE

__all__ = ["MappedClasses", "mapped_classes_of"]

Canonical = Callable[[str], str]

PACKAGES = frozenset({"sqlalchemy", "flask_sqlalchemy", "flask_sqlalchemy_lite", "sqlmodel"})
MODEL = "sqlalchemy.orm.DeclarativeBase"
METADATA = frozenset({f"{MODEL}.metadata", "flask_sqlalchemy.model.Model.metadata"})
MODEL_QUERY = "flask_sqlalchemy.model.Model.query"
HOLDING = frozenset({QUERY, SELECT, RESULT, ROWS, PAGE})
ASKING = frozenset({QUERY})  # a loop over it asks the database


def mapped_classes_of(program: Program, canonical: Canonical) -> MappedClasses | None:
    """Return the extension for a program, None if nothing in it imports SQLAlchemy."""
    imported = (
        str(each[3] if each[0] == Opcode.FROM else each[2]).partition(".")[0]
        for scope in program.scopes
        if scope.kind == "module"
        for each in scope.instructions
        if each[0] == Opcode.IMPORT or (each[0] == Opcode.FROM and each[2] == 0)
    )
    return MappedClasses(relations_of(program), canonical) if PACKAGES & set(imported) else None


class MappedClasses:
    """Types queries, statements and results by their class. `canonical` gives a dotted name's public form."""

    def __init__(self, relations: Relations, canonical: Canonical) -> None:
        self._relations = relations
        self._canonical = canonical

    # --- attributes -------------------------------------------------------------------------

    def names(self, name: str) -> bool:
        """Return whether an attribute may be a relationship."""
        return name in self._relations.names

    def keeps(self, state: State, value: int, name: str) -> bool:
        """Return False for a relationship: of the query that it is given it keeps the rows, in a list."""
        return state.values.kinds[value] != INSTANCE or self._relation(state, value, name) is None

    def load(self, state: State, site: Site, value: int, name: str, target: int) -> bool:
        """Let `target` hold a member of a query or result, or what a relationship leads to."""
        kind = state.values.kinds[value]
        if kind == GENERIC:
            otherwise = partial(self._load_from_generic, state)
            load_from_query(state, site, value, name, target=target, otherwise=otherwise)
            return True
        if kind != INSTANCE:
            return False
        relation = self._relation(state, value, name)
        if relation is not None:
            self._note(state, site, value, name, relation)
            self._follow(state, site, relation, target)
        return relation is not None

    def _load_from_generic(self, state: State, value: int, name: str, target: int) -> None:
        base, inside, *_ = state.values.parts[value]
        if base == PAGE and name == "items":
            state.flow.add(target, (state.values.make(GENERIC, ROWS, inside),))
        elif base in HOLDING:
            state.flow.add(target, (state.values.make(GENERIC, f"{base}.{name}", inside, value),))
        else:
            state.flow.add(target, (state.values.external(f"{base}.{name}"),))

    def _relation(self, state: State, value: int, name: str) -> Relation | None:
        owner = state.class_of(value)
        for each in () if owner is None else order(state, owner):
            if each in state.classes:
                scope = state.program.scopes[state.values.parts[each][0]]
                found = self._relations.known.get((scope.name.rpartition(".")[2], name))
                if found is not None:
                    return found
        return None

    def _note(self, state: State, site: Site, value: int, name: str, relation: Relation) -> None:
        """Note that a relationship is read; it may be there if some query of the project loads one called so."""
        if relation.is_lazy:
            cls = state.program.scopes[state.values.parts[state.values.parts[value][0]][0]].name
            state.record_read(site, LAZY, f"{cls.rpartition('.')[2]}.{name}")
            state.learn_load(site, LAZY, Load.OPEN if name in self._relations.loaded else Load.ASKS)

    def _follow(self, state: State, site: Site, relation: Relation, target: int) -> None:
        for scope in self._relations.classes.get(relation.target, ()):
            if relation.is_query:
                _with_class(state, scope, lambda cls: _put(state, target, GENERIC, QUERY, cls))
            elif relation.is_many:
                made = new_container(state, "list", site, ("relation", scope))
                state.flow.add(target, (made,))
                _with_class(state, scope, partial(_put_instance, state, state.field(made, UNKNOWN_KEY)))
            else:
                _with_class(state, scope, partial(_put_instance, state, target))

    def inherited(self, state: State, site: Site, receiver: int, external: str, target: int) -> bool:
        """Let `target` hold `Model.query`, which is about the class that it is read through."""
        del site
        owner = state.class_of(receiver)
        name = external.rpartition(".")[2]
        if owner is None:
            return False
        if name == "query" and self._canonical(external) == MODEL_QUERY:
            _put(state, target, GENERIC, QUERY, owner)
            return True
        if name == "__init__" and self._is_mapped(state, owner):
            state.flow.add(target, (state.values.make(GENERIC, f"{MODEL}.__init__", receiver),))
            return True
        return False

    def _is_mapped(self, state: State, owner: int) -> bool:
        bases = [each for each in order(state, owner) if state.values.kinds[each] == EXTERNAL]
        return any(self._canonical(f"{state.values.parts[each][0]}.metadata") in METADATA for each in bases)

    # --- calls ------------------------------------------------------------------------------

    def made(self, state: State, value: int, arguments: Arguments, target: int) -> None:
        """Say nothing: a session that has an object may load what it was not given."""

    def call(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> bool:
        """Call a method of a query or result, or what is handed a class or a statement."""
        if state.values.kinds[value] == GENERIC:
            self._call_generic(state, site, value, arguments, target)
            return True
        name = str(state.values.parts[value][0])
        given = GIVEN.get(self._canonical(name)) if "." in name and arguments.positional else None
        if given is None:
            return False
        self._record(state, site, value, name, arguments)
        state.flow.add(target, (state.typed(name),))
        state.flow.watch(arguments.positional[0], lambda each: self._about(state, each, given, target))
        return True

    @staticmethod
    def _record(state: State, site: Site, value: int, name: str, arguments: Arguments) -> None:
        state.record_external(site, name)
        if arguments != NO_ARGUMENTS:
            state.hand_out(site, value, arguments)

    @staticmethod
    def _about(state: State, value: int, given: str, target: int) -> None:
        """Put what a call gives into `target` that was handed a class, an instance, a query or a statement."""
        kind, parts = state.values.kinds[value], state.values.parts[value]
        cls = value if kind == CLASS else parts[0] if kind == INSTANCE else None
        if kind == GENERIC and parts[0] in HOLDING:
            cls = parts[1]
        if cls is None:
            return
        if given:
            _put(state, target, GENERIC, given, cls)
        else:
            _put_instance(state, target, cls)

    def _call_generic(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
        name, inside, *rest = state.values.parts[value]
        if name == f"{MODEL}.__init__":
            _set_attributes(state, site, inside, arguments)
            return
        self._record(state, site, value, str(name), arguments)
        last = str(name).rpartition(".")[2]
        receiver = rest[0] if rest else value
        base = state.values.parts[receiver][0]
        if last in ITEM and not (base == QUERY and last == "scalar"):
            _put_instance(state, target, inside)
        elif last in LISTS:
            made = new_container(state, "list", site)
            state.flow.add(target, (made,))
            _put_instance(state, state.field(made, UNKNOWN_KEY), inside)
        elif last == "paginate":
            _put(state, target, GENERIC, PAGE, inside)
        elif last == "scalars":
            _put(state, target, GENERIC, ROWS, inside)
        elif last == "select":
            _put(state, target, GENERIC, SELECT, inside)
        elif last in NUMBERS:
            state.flow.add(target, (state.values.external(f"<builtin>.{NUMBERS[last]}"),))
        elif base in HOLDING:
            state.flow.add(target, (receiver,))

    # --- loops and questions ----------------------------------------------------------------

    def iterate(self, state: State, site: Site, value: int, target: int) -> bool:
        """Put the instances of a query or result into `target`; the loop over a query asks the database."""
        if state.values.kinds[value] != GENERIC or state.values.parts[value][0] not in HOLDING:
            return False
        if state.values.parts[value][0] in ASKING:
            state.record_external(site, f"{QUERY}.__iter__")
        self.element(state, value, target)
        return True

    def element(self, state: State, value: int, target: int) -> None:
        """Put an instance of the class that a query or result is about into `target`."""
        if state.values.kinds[value] == GENERIC:
            _put_instance(state, target, state.values.parts[value][1])

    def ask(self, state: State, site: Site, value: int, dunder: str) -> bool:
        """Note that [] asks a query."""
        if state.values.kinds[value] != GENERIC:
            return False
        if dunder == "__getitem__" and state.values.parts[value][0] in ASKING:
            state.record_external(site, f"{QUERY}.__getitem__")
        return True


NUMBERS = {"count": "int", "delete": "int", "update": "int", "exists": "object", "scalar": "object"}


def _set_attributes(state: State, site: Site, receiver: int, arguments: Arguments) -> None:
    """Do what the constructor of a mapped class does: set what it is given, by keyword or behind **."""
    made = state.holding(receiver)
    for name, node in arguments.keywords:
        store(state, site, made, name, node)

    def take(value: int) -> None:
        for key in state.keys_of(value) if state.values.kinds[value] == CONTAINER else ():
            store(state, site, made, str(state.values.parts[key][1]), state.field(value, key))

    if arguments.double_star is not None:
        state.flow.watch(arguments.double_star, take)


def _put(state: State, target: int, kind: int, name: str, cls: int) -> None:
    state.flow.add(target, (state.values.make(kind, name, cls),))


def _put_instance(state: State, target: int, cls: int) -> None:
    state.flow.add(target, (state.values.make(INSTANCE, cls),))


def _with_class(state: State, scope: int, put: Callable[[int], None]) -> None:
    """Call `put` with the CLASS value of a scope, once its module has run."""
    program = state.program
    module = program.module_of[scope]
    body = module_instance(state, module)
    register = program.scopes[program.first_scope[module]].shared.get(program.scopes[scope].name)
    if body is not None and register is not None:
        state.flow.watch(
            state.node(body, register),
            lambda value: put(value) if state.values.kinds[value] == CLASS else None,
        )
