"""Relationships between mapped classes, read from class bodies.

posts = db.relationship("Post", backref="author", lazy="dynamic")
author: Mapped["User"] = relationship(back_populates="posts")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.analysis.facts import Instruction, Opcode, Scope
from bridge.analysis.solving.program import Program

__all__ = ["Relation", "Relations", "relations_of"]

MAKERS = frozenset({"relationship", "relation", "dynamic_loader"})
EAGER = frozenset({"joined", "selectin", "subquery", "immediate", "raise", "noload"})
LOADING = frozenset({"joinedload", "selectinload", "subqueryload", "immediateload", "contains_eager"})
QUERIED = frozenset({"dynamic", "write_only"})


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship as seen from one side. `target` is the last name of the class that it leads to."""

    target: str
    is_many: bool
    lazy: str = "select"

    @property
    def is_lazy(self) -> bool:
        """Return whether reading it may ask the database."""
        return self.lazy not in EAGER and not self.is_query

    @property
    def is_query(self) -> bool:
        """Return whether it gives a query instead of what it would find."""
        return self.lazy in QUERIED


@dataclass(slots=True)
class Relations:
    """All relationships, by (last name of the class, attribute)."""

    known: dict[tuple[str, str], Relation] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    classes: dict[str, list[int]] = field(default_factory=dict)  # last name -> scopes
    loaded: set[str] = field(default_factory=set)  # what some query of the project loads with its rows

    def add(self, owner: str, name: str, relation: Relation) -> None:
        """Take over a relationship of a class."""
        self.known[owner, name] = relation
        self.names.add(name)


def relations_of(program: Program) -> Relations:
    """Return every relationship that a program's classes have, with the other sides that `backref` makes."""
    found = Relations()
    for number, scope in enumerate(program.scopes):
        found.loaded.update(_loaded(scope))
        if scope.kind == "class":
            own = scope.name.rpartition(".")[2]
            found.classes.setdefault(own, []).append(number)
            for name, call in _assigned(scope):
                _add(found, own, name, _Call(scope, call))
    return found


def _loaded(scope: Scope) -> Iterator[str]:
    """Yield the relationships that options of queries name: `joinedload(Post.author)`, `contains_eager("author")`."""
    named = {each[1]: each for each in scope.instructions if each[0] in NAMING}
    for each in scope.instructions:
        function = named.get(each[2]) if each[0] == Opcode.CALL else None
        if function is None or function[0] == Opcode.CONSTANT or function[NAMING[function[0]]] not in LOADING:
            continue
        for register in each[3]:
            argument = named.get(register)
            if argument is not None:
                yield str(argument[NAMING[argument[0]]]).rpartition(".")[2]


def _assigned(scope: Scope) -> Iterator[tuple[str, Instruction]]:
    """Yield (variable, CALL) for what a class body assigns, through the register that an annotation adds."""
    made = {each[1]: each for each in scope.instructions if each[0] == Opcode.CALL}
    sources = {each[1]: each[2] for each in scope.instructions if each[0] == Opcode.COPY}
    for name, register in scope.shared.items():
        source: int | None = sources.get(register)
        while source is not None and source not in made:
            source = sources.get(source)
        if source is not None:
            yield name, made[source]


class _Call:
    """A call in a class body, with what its registers say."""

    def __init__(self, scope: Scope, call: Instruction) -> None:
        self.scope = scope
        self.call = call
        self.made = {
            each[1]: each for each in scope.instructions if each[0] in {*NAMING, Opcode.CALL, Opcode.CONSTANT}
        }
        self.keywords = dict(call[4])

    def name(self) -> str:
        """Return the last name of what is called."""
        return self.last_name(self.call[2])

    def last_name(self, register: int | None) -> str:
        """Return the last name of what a register reads: of `models.Post`, "app.Post", `Post`."""
        each = self.made.get(-1 if register is None else register)
        if each is None or each[0] == Opcode.CALL:
            return ""
        return str(each[NAMING[each[0]]]).rpartition(".")[2]

    def text(self, keyword: str) -> str:
        """Return a keyword's constant, "" where it is none."""
        each = self.made.get(self.keywords.get(keyword, -1))
        return str(each[2]) if each is not None and each[0] == Opcode.CONSTANT else ""

    def is_false(self, keyword: str) -> bool:
        """Return whether a keyword is given as False."""
        each = self.made.get(self.keywords.get(keyword, -1))
        return each is not None and each[0] == Opcode.NAME and each[2] == "False"

    def hint(self) -> tuple[str, str]:
        """Return (last name, form) of the class in the annotation of the variable, ("", "") without one."""
        copies = {each[2]: each[1] for each in self.scope.instructions if each[0] == Opcode.COPY}
        target = copies.get(self.call[1])
        for each in self.scope.instructions:
            if each[0] == Opcode.HINT and each[1] == target and self.last_name(each[2]) != "None":
                return self.last_name(each[2]), each[3]
        return "", ""


NAMING = {Opcode.NAME: 2, Opcode.ATTR: 3, Opcode.CONSTANT: 2}


def _add(found: Relations, own: str, name: str, call: _Call) -> None:
    if call.name() not in MAKERS:
        return
    hinted, form = call.hint()
    target = call.last_name((call.call[3] or [call.keywords.get("argument")])[0]) or hinted
    if not target:
        return
    lazy = call.text("lazy") or (
        "dynamic" if call.name() == "dynamic_loader" or form == "query" else "select"
    )
    is_many = _is_many(name, call, hinted, form)
    found.add(own, name, Relation(target, is_many, lazy))
    other = call.keywords.get("backref")
    if other is None:
        return
    made = call.made.get(other)
    if made is not None and made[0] == Opcode.CALL:
        inner = _Call(call.scope, made)
        back = inner.last_name(made[3][0] if made[3] else None)
        other_lazy, single = inner.text("lazy") or "select", inner.is_false("uselist")
    else:
        back, other_lazy, single = call.text("backref"), "select", False
    if back:
        is_other_many = not single and ("secondary" in call.keywords or not is_many)
        found.add(target, back, Relation(own, is_other_many, other_lazy))


def _is_many(name: str, call: _Call, hinted: str, form: str) -> bool:
    if hinted:
        return bool(form)
    if call.is_false("uselist") or f"{name}_id" in call.scope.shared:
        return False
    return "secondary" in call.keywords or call.text("lazy") in QUERIED or name.endswith("s")
