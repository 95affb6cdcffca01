"""The `async def` functions of a project, as roots of their own where no route leads to them.

Libraries, background tasks and frameworks that no reader knows: whatever an async function calls, it calls on an event
loop. Those that only commands, tests or start-up reach are left out: there nobody else waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bridge.analysis.model import Root
from bridge.analysis.names import is_test_file
from bridge.analysis.solving.state import State

__all__ = ["async_roots", "async_symbols"]

ROLE = "async"


def async_symbols(state: State) -> frozenset[str]:
    """Return the qualified names of all async functions."""
    program = state.program
    return frozenset(
        program.qualified(number) for number, scope in enumerate(program.scopes) if scope.is_async
    )


def async_roots(state: State, *, without: Collection[int]) -> Iterator[Root]:
    """Yield a root for each instance of an async function whose scope is not in `without` and not in a test."""
    program = state.program
    for number, instance in enumerate(state.instances):
        scope = program.scopes[instance.scope]
        if scope.is_async and instance.scope not in without:
            file = program.modules[program.module_of[instance.scope]].file
            if not is_test_file(file):
                yield Root(-1, number, program.qualified(instance.scope), ROLE, file, scope.line)
