"""Fields between models, read from the facts of class bodies: `author = models.ForeignKey(Author, ...)`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bridge.analysis.facts import Instruction, Opcode, Scope
from bridge.analysis.solving.program import Program

__all__ = ["Relation", "Relations", "relations_of"]

USER = "AUTH_USER_MODEL"

ONE = ("ForeignKey", "OneToOneField", "ParentalKey", "OneToOne")
MANY = ("ManyToManyField", "GenericRelation")
GENERIC = "GenericForeignKey"  # to a row of any model: two columns say of which


@dataclass(frozen=True, slots=True)
class Relation:
    """One field. `scope` is its class's, `target` the last name of the model it leads to ("self" its own, "" any)."""

    scope: int
    name: str
    target: str
    accessor: str  # on the other side, "" for none
    is_many: bool
    is_one_to_one: bool = False


@dataclass(slots=True)
class Relations:
    """All fields: forward by (class scope, name), reverse by accessor."""

    forward: dict[tuple[int, str], Relation] = field(default_factory=dict)
    reverse: dict[str, list[Relation]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    classes: dict[str, list[int]] = field(default_factory=dict)  # last name -> scopes
    user: str = "User"  # last name of AUTH_USER_MODEL


def relations_of(program: Program) -> Relations:
    """Return every relation between models of a program."""
    found = Relations()
    for number, scope in enumerate(program.scopes):
        if scope.kind == "class":
            last = scope.name.rpartition(".")[2]
            found.classes.setdefault(last, []).append(number)
            for relation in _fields(number, scope):
                found.forward[number, relation.name] = relation
                found.names.add(relation.name)
                if relation.accessor:
                    found.reverse.setdefault(relation.accessor, []).append(relation)
                    found.names.add(relation.accessor)
        elif scope.kind == "module" and USER in scope.shared:
            named = _constant_of(scope, scope.shared[USER])
            found.user = named.rpartition(".")[2] or found.user
    return found


def _fields(number: int, scope: Scope) -> Iterator[Relation]:
    made = {each[1]: each for each in scope.instructions if len(each) > 1 and each[0] in MAKING}
    names = {register: name for name, register in scope.shared.items()}
    for each in scope.instructions:
        if each[0] != Opcode.COPY or each[1] not in names:
            continue
        call = made.get(each[2])
        if call is not None and call[0] == Opcode.CALL:
            relation = _relation(number, scope, names[each[1]], call, made)
            if relation is not None:
                yield relation


MAKING = frozenset({Opcode.CALL, Opcode.ATTR, Opcode.NAME, Opcode.CONSTANT, Opcode.FREE})


def _relation(
    number: int, scope: Scope, name: str, call: Instruction, made: dict[int, Instruction]
) -> Relation | None:
    kind = _last_name(made.get(call[2]))
    if kind.endswith(GENERIC):
        return Relation(number, name, target="", accessor="", is_many=False)
    keywords = dict(call[4])
    target = call[3][0] if call[3] else keywords.get("to")
    if target is None or not kind.endswith((*ONE, *MANY)):
        return None
    model = scope.name.rpartition(".")[2].lower()
    one_to_one = "OneToOne" in kind
    related = _constant(made.get(keywords.get("related_name", -1)))
    accessor = related.replace("%(class)s", model) if related else model if one_to_one else f"{model}_set"
    if kind.endswith("GenericRelation") or accessor.endswith("+"):
        accessor = ""
    return Relation(
        number,
        name,
        _last_name(made.get(target)) or "",
        accessor,
        kind.endswith(MANY),
        one_to_one,
    )


def _last_name(instruction: Instruction | None) -> str:
    """Return the last name of what an instruction reads: of `models.Author`, "app.Author", `Author`."""
    if instruction is None:
        return ""
    if instruction[0] == Opcode.CONSTANT:
        return str(instruction[2]).rpartition(".")[2]
    if instruction[0] == Opcode.ATTR:
        return str(instruction[3])
    return str(instruction[2]) if instruction[0] == Opcode.NAME else ""


def _constant(instruction: Instruction | None) -> str:
    return str(instruction[2]) if instruction is not None and instruction[0] == Opcode.CONSTANT else ""


def _constant_of(scope: Scope, register: int) -> str:
    sources = {each[2] for each in scope.instructions if each[0] == Opcode.COPY and each[1] == register}
    texts = [str(each[2]) for each in scope.instructions if each[0] == Opcode.CONSTANT and each[1] in sources]
    return texts[-1] if texts else ""
