"""The call graph of a project: edges, each with its evidence; calls that lead nowhere, each with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bridge.analysis.collecting import no_collection
from bridge.analysis.facts import FIRST_PARAMETER, Instruction, Opcode, Scope
from bridge.analysis.project import Project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CONSTANT

__all__ = [
    "CallGraph",
    "Edge",
    "Symbol",
    "UnresolvedCall",
    "build_call_graph",
    "calls_by_scope",
    "graph_of",
]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A module or function of the project, and where it is defined."""

    name: str
    kind: str  # module, function, lambda
    file: str
    line: int


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """`caller` calls `callee` in `file` on `lines`."""

    caller: str
    callee: str
    file: str
    lines: tuple[int, ...]
    is_external: bool = False


@dataclass(frozen=True, slots=True, order=True)
class UnresolvedCall:
    """A call of which no callee is known."""

    caller: str
    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallGraph:
    """What calls what. `calls` counts the calls in the project's code, `unresolved` those that lead nowhere."""

    symbols: dict[str, Symbol]
    edges: tuple[Edge, ...]
    unresolved: tuple[UnresolvedCall, ...]
    calls: int

    def callees(self, *, application_only: bool = False) -> dict[str, list[str]]:
        """Return caller -> sorted callees; every symbol is a caller, if of nothing."""
        table: dict[str, list[str]] = {name: [] for name in sorted(self.symbols)}
        for edge in self.edges:
            if not (application_only and edge.is_external):
                table[edge.caller].append(edge.callee)
        return table

    @property
    def resolved_share(self) -> float:
        """Return the share of calls with a known callee, 1.0 where there are no calls."""
        return 1.0 - len(self.unresolved) / self.calls if self.calls else 1.0

    def reasons(self) -> Counter[str]:
        """Return how many calls are unresolved for which reason."""
        return Counter(each.reason for each in self.unresolved)


def build_call_graph(project: Project) -> CallGraph:
    """Return the call graph of everything in `project`."""
    with no_collection():
        return graph_of(solve(Program(project.modules, package=project.package)))


def graph_of(state: State) -> CallGraph:
    """Return what a solved state says, contexts put together."""
    calls, unresolved = _unresolved(state)
    return CallGraph(symbols=_symbols(state), edges=_edges(state), unresolved=unresolved, calls=calls)


def _symbols(state: State) -> dict[str, Symbol]:
    program = state.program
    found: dict[str, Symbol] = {}
    for number, scope in enumerate(program.scopes):
        if scope.kind != "class":
            name, file = program.qualified(number), program.modules[program.module_of[number]].file
            found.setdefault(name, Symbol(name, scope.kind, file, scope.line))
    return found


def _name(state: State, instance: int) -> str:
    return state.program.qualified(state.instances[instance].scope)


def _edges(state: State) -> tuple[Edge, ...]:
    lines: dict[tuple[str, str, str, bool], set[int]] = {}
    for owner, targets in state.edges.items():
        module = state.program.modules[state.program.module_of[state.instances[owner].scope]]
        for target, where in targets.items():
            callee = _name(state, target) if target >= 0 else str(state.values.parts[~target][0])
            key = (_name(state, owner), callee, module.file, target < 0)
            lines.setdefault(key, set()).update(where)
    return tuple(
        sorted(
            Edge(caller, callee, file, tuple(sorted(where)), external)
            for (caller, callee, file, external), where in lines.items()
        )
    )


def _unresolved(state: State) -> tuple[int, tuple[UnresolvedCall, ...]]:
    found = _judged_calls(state)
    reported = sorted(
        _reported(state, *unresolved) for unresolved in found.values() if unresolved is not None
    )
    return len(found), tuple(reported)


def calls_by_scope(state: State) -> dict[int, tuple[int, int]]:
    """Return scope -> (its calls, those that are resolved); a class body's calls count for who runs it."""
    counts: dict[int, tuple[int, int]] = {}
    for (owner, _), unresolved in _judged_calls(state).items():
        calls, resolved = counts.get(owner, (0, 0))
        counts[owner] = (calls + 1, resolved + (unresolved is None))
    return counts


def _judged_calls(state: State) -> dict[tuple[int, int], tuple[int, Instruction] | None]:
    """Return each call once, by the scope that it counts for: None if it is resolved in any context."""
    judged: dict[tuple[int, int], tuple[int, Instruction] | None] = {}
    for instance, call in state.calls:
        key = (state.instances[state.instances[instance].owner].scope, id(call))
        if judged.get(key, True) is not None:
            judged[key] = None if _is_resolved(state, instance, call) else (instance, call)
    return judged


def _is_resolved(state: State, instance: int, call: Instruction) -> bool:
    held = state.flow.holds[state.node(instance, call[2])]
    unknown = state.flow.unknown
    return any(value != unknown and state.values.kinds[value] != CONSTANT for value in held) or (
        unknown in held and _is_object(state, instance, call[2])
    )


def _is_object(state: State, instance: int, register: int) -> bool:
    """Tell the class `object` from the mark of a crowded register, which is spelled the same."""
    made = _maker(state, instance, register)
    return made is not None and made[0] == Opcode.NAME


def _reported(state: State, instance: int, call: Instruction) -> UnresolvedCall:
    scope = state.instances[instance].scope
    owner = state.instances[instance].owner
    file = state.program.modules[state.program.module_of[scope]].file
    return UnresolvedCall(_name(state, owner), file, call[7], _reason(state, instance, call[2]))


def _reason(state: State, instance: int, register: int) -> str:
    """Tell from what the called register is made of why it holds nothing."""
    scope = state.program.scopes[state.instances[instance].scope]
    if FIRST_PARAMETER <= register < _after_parameters(scope):
        return "a parameter that no known call passes"
    if state.flow.unknown in state.flow.holds[state.node(instance, register)]:
        return "more values than are followed"
    made = _maker(state, instance, register)
    if made is None:
        return "a value that is not followed"
    if made[0] == Opcode.ATTR:
        held = state.flow.holds[state.node(instance, made[2])]
        return "an attribute that no known class has" if held else "an attribute of an unknown object"
    return MAKERS[made[0]]


def _maker(state: State, instance: int, register: int) -> Instruction | None:
    instructions = state.program.scopes[state.instances[instance].scope].instructions
    return next((each for each in instructions if each[0] in MAKERS and each[1] == register), None)


def _after_parameters(scope: Scope) -> int:
    parameters = scope.parameters
    count = len(parameters.positional) + len(parameters.keyword_only)
    return FIRST_PARAMETER + count + (parameters.variadic is not None) + (parameters.keywords is not None)


MAKERS = {
    Opcode.ATTR: "",
    Opcode.NAME: "a name that is not defined",
    Opcode.FREE: "a variable of the enclosing function that has no known value",
    Opcode.CALL: "the result of a call that is not known",
    Opcode.ITEM: "an element that is not known",
    Opcode.COPY: "a variable that has no known value",
    Opcode.FROM: "an import that is not known",
    Opcode.UNPACK: "an element that is not known",
    Opcode.ITERATE: "an element that is not known",
}
