"""Instructions -> nodes and edges; entry points; rounds until nothing moves.

What is known only by its absence comes last, in rounds: an annotation counts where no argument arrives, a
function counts as called from outside where nobody calls it, and a key that has no value may be any.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bridge.analysis.collecting import no_collection
from bridge.analysis.facts import FIRST_PARAMETER
from bridge.analysis.solving.calling import apply, enter
from bridge.analysis.solving.extension import Extension
from bridge.analysis.solving.library import NOTHING_KNOWN, Library
from bridge.analysis.solving.linking import module_instance
from bridge.analysis.solving.opcodes import TABLE
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.state import CALLABLE, Site, State
from bridge.analysis.solving.values import BOUND, FUNCTION, INSTANCE

__all__ = ["callbacks", "enter_from_outside", "run_waiting", "settle", "solve"]


def solve(
    program: Program,
    *,
    modules: Iterable[int] | None = None,
    everything: bool = True,
    library: Library = NOTHING_KNOWN,
    extension: Extension | None = None,
) -> State:
    """Run `modules` (None: all) and what they reach; with `everything` also those of their functions that nobody calls."""
    state = State(program, apply, library)
    state.extension = extension
    started = range(len(program.modules)) if modules is None else sorted(set(modules))
    with no_collection():
        for module in started:
            module_instance(state, module)
        run_waiting(state)
        _last_resorts(state)
        _enter_callbacks(state)
        if everything:
            _enter_uncalled(state, frozenset(started))
    return state


def settle(state: State) -> None:
    """Work until nothing moves, after something was added to a solved state."""
    with no_collection():
        state.flow.solve()
        run_waiting(state)
        _last_resorts(state)
        _enter_callbacks(state)


def run_waiting(state: State) -> None:
    """Run the instances that wait, and those that they open, until values flow no more."""
    state.flow.solve()
    while state.waiting:
        batch, state.waiting = state.waiting, []
        for instance in batch:
            _run(state, instance)
        state.flow.solve()


def _run(state: State, instance: int) -> None:
    for index, instruction in enumerate(state.program.scopes[state.instances[instance].scope].instructions):
        TABLE[instruction[0]](state, instance, index, instruction)


def _last_resorts(state: State) -> None:
    """Ask what waits for nothing to move; each answer may set things moving again."""
    while state.late:
        asked, state.late = state.late, []
        for question in asked:
            question()
        state.flow.solve()
        run_waiting(state)


def _enter_callbacks(state: State) -> None:
    """Enter the functions that external code was given: it may call them."""
    while state.handed:
        handed, state.handed = state.handed, []
        for function in handed:
            inner = state.values.parts[function][0] if state.values.kinds[function] == BOUND else function
            if state.values.kinds[inner] == FUNCTION:
                enter_from_outside(state, inner)
        state.flow.solve()
        run_waiting(state)
        _last_resorts(state)


def callbacks(state: State) -> list[tuple[Site, int]]:
    """Return (site, function value) for every function that an external call is given."""
    return [
        (site, value)
        for site, (_, arguments) in state.handed_out.items()
        for node in (*arguments.positional, *(node for _, node in arguments.keywords))
        for value in sorted(state.flow.holds[node])
        if state.values.kinds[value] in CALLABLE
    ]


def _enter_uncalled(state: State, modules: Collection[int]) -> None:
    """Enter every function of `modules` that nobody calls, in source order, until all have been."""
    program, values = state.program, state.values
    seen = 0
    while seen < len(values.kinds):
        called = {each.scope for each in state.instances if each.is_called}
        fresh = range(seen, len(values.kinds))
        seen = len(values.kinds)
        for value in fresh:
            if values.kinds[value] == FUNCTION:
                scope = values.parts[value][0]
                if scope not in called and program.module_of[scope] in modules:
                    enter_from_outside(state, value)
        state.flow.solve()
        run_waiting(state)
        _last_resorts(state)


def enter_from_outside(state: State, function: int) -> None:
    """Enter a function as if somebody outside the project called it; a method on its own class."""
    instance = enter(state, function)
    scope, parent = state.values.parts[function]
    owner = state.instances[parent].class_value
    if owner != -1 and state.program.scopes[scope].parameters.positional:
        receiver = state.values.make(INSTANCE, owner)
        state.flow.add(state.node(instance, FIRST_PARAMETER), (receiver,))
