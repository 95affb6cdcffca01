"""Functions that are handed to a thread: they run with their arguments, but not where they are handed over.

`to_thread(f, x)`, `run_in_executor(None, f, x)`, `Thread(target=f, args=(x,))`: the first argument that can be called
is the function, what stands behind it are its arguments. `sync_to_async(f)` gives back a function of that kind.
"""

from __future__ import annotations

from bridge.analysis.solving.library import Library
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import BOUND, DECORATED, EXTERNAL, FUNCTION, PARTIAL

__all__ = ["is_offloader", "offload"]

HANDED = frozenset({FUNCTION, BOUND, PARTIAL, DECORATED})

FUNCTION_KEYWORDS = frozenset({"target", "func", "function", "fn", "callable", "sync_fn"})

# What is called so outside the project runs its argument in a thread, whatever object it is a method of.
OFFLOADING_METHODS = frozenset({"run_in_executor", "run_in_threadpool", "run_sync_in_worker_thread"})

WRAPPERS = frozenset({"sync_to_async", "SyncToAsync", "database_sync_to_async", "asyncify"})


def is_offloader(library: Library, name: str) -> bool:
    """Return whether the external callable `name` runs the function that it is given in a thread."""
    return name in library.offloaders or name.rpartition(".")[2] in OFFLOADING_METHODS


def offload(state: State, site: Site, value: int, arguments: Arguments, target: int) -> bool:
    """Call what an offloader is given; return whether the external `value` is one."""
    name = state.values.parts[value][0]
    if not is_offloader(state.library, name):
        return False
    elsewhere = site.offloading()
    wraps = name.rpartition(".")[2] in WRAPPERS
    result = None if name in state.library.types else target
    if result is None:
        state.flow.add(target, (state.typed(name),))
    for index, node in enumerate(arguments.positional):
        _hand_over(state, elsewhere, node, _rest(arguments, index), name if wraps else "", result)
    for key, node in arguments.keywords:
        if key in FUNCTION_KEYWORDS:
            _hand_over(state, elsewhere, node, _as_thread(arguments), name if wraps else "", result)
    return True


def _rest(arguments: Arguments, index: int) -> Arguments:
    return arguments._replace(positional=arguments.positional[index + 1 :])


def _as_thread(arguments: Arguments) -> Arguments:
    """Return what `Thread(target=f, args=a, kwargs=k)` calls `f` with."""
    named = dict(arguments.keywords)
    return Arguments(star=named.get("args"), double_star=named.get("kwargs"))


def _is_function(state: State, value: int) -> bool:
    """Tell a function from the executor beside it: an external object counts where it is known by name."""
    if state.values.kinds[value] == EXTERNAL:
        return state.values.parts[value][0] in state.library.members
    return state.values.kinds[value] in HANDED


def _hand_over(
    state: State, site: Site, node: int, arguments: Arguments, wrapper: str, target: int | None
) -> None:
    def call(value: int) -> None:
        if not _is_function(state, value):
            return
        if wrapper and target is not None:
            state.flow.add(target, (state.values.make(DECORATED, value, wrapper),))
        else:
            state.apply(state, site, value, arguments, target)

    state.flow.watch(node, call)
