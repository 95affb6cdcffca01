"""What Django's instances have loaded: by `select_related`, by `prefetch_related`, by the call that made them.

A query set that loads more than its rows carries the names: GENERIC(query set, model, manager, {"project", ...}).
Its instances have them beside them (loads.py), with what stands behind `project__` for what `project` leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.django.orm.types import QUERY_SET
from bridge.analysis.solving.calling import enter
from bridge.analysis.solving.loads import Load
from bridge.analysis.solving.passing import pass_positional
from bridge.analysis.solving.resolution import find
from bridge.analysis.solving.state import Arguments, State
from bridge.analysis.solving.values import (
    CLASS,
    CONSTANT,
    DECORATED,
    EXTERNAL,
    FUNCTION,
    GENERIC,
    INSTANCE,
    ORIGIN,
    PROPERTY,
)

__all__ = [
    "FETCHED",
    "LOADERS",
    "MAYBE_FETCHED",
    "NOTHING",
    "UNTOLD",
    "Names",
    "add_instance",
    "add_origin",
    "add_set",
    "behind",
    "given_to",
    "load_of",
    "loaded_by",
    "loading",
    "made_of",
    "set_with",
    "tell_methods",
]

Names = frozenset[str]

LOADERS = frozenset({"select_related", "prefetch_related"})
ANY = "*"  # more may be loaded than is known
FETCHED = "<fetched>"  # the rows of the set are there
MAYBE_FETCHED = "<fetched?>"  # they may be: what the set belongs to may have loaded more than is known
UNTOLD = "<untold>"  # it is said elsewhere, by the object's origin, what the set has
NOTHING: Names = frozenset()


def set_with(state: State, model: int, names: Names, manager: int | None = None) -> int:
    """Return the query set of a model that loads `names`, too."""
    manager = state.flow.unknown if manager is None else manager
    return state.values.make(GENERIC, QUERY_SET, model, manager, names)


def loading(state: State, query_set: int, inside: int, names: Names) -> int:
    """Return `query_set` (or the manager) with `names` loaded besides."""
    if query_set == -1 or state.values.kinds[query_set] != GENERIC:
        return set_with(state, inside, names, None if query_set == -1 else query_set)
    _, model, *rest = state.values.parts[query_set]
    known = rest[1] if len(rest) > 1 else NOTHING
    return set_with(state, model, known | names, rest[0] if rest else None)


def loaded_by(state: State, query_set: int) -> Names:
    """Return what the instances of a query set or manager have loaded."""
    parts = state.values.parts[query_set]
    if state.values.kinds[query_set] != GENERIC:
        return NOTHING
    names = parts[3] if len(parts) > 3 else NOTHING
    manager = state.class_of(parts[2]) if len(parts) > 2 else None
    return names | {ANY} if manager is not None and _loads_always(state, manager) else names


def _loads_always(state: State, manager: int) -> bool:
    """Return whether a manager's own `get_queryset` loads relations."""
    scopes = [
        state.values.parts[each][0]
        for node in find(state, manager, "get_queryset")[0]
        for each in state.flow.holds[node]
        if state.values.kinds[each] == FUNCTION
    ]
    instructions = (each for scope in scopes for each in state.program.scopes[scope].instructions)
    return any(each[0] == Opcode.ATTR and each[3] in LOADERS for each in instructions)


def given_to(state: State, arguments: Arguments) -> Names:
    """Return the names that `select_related("project", "project__owner")` is given."""
    names: set[str] = set()
    for node in arguments.positional:
        held = state.flow.holds[node]
        texts = [state.values.parts[each][1] for each in held if state.values.kinds[each] == CONSTANT]
        names.update(each for text in texts for each in _prefixes(str(text)))
        if not held or len(texts) < len(held):
            names.add(ANY)
    if not arguments.positional or arguments.star is not None:
        names.add(ANY)
    return frozenset(names)


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split("__")
    return ("__".join(parts[:count]) for count in range(1, len(parts) + 1))


def made_of(arguments: Arguments) -> Names:
    """Return what an instance has that is made of `arguments`; what is not given may be set later."""
    names = {each for name, _ in arguments.keywords for each in (name, f"{name}__{ANY}")}
    return frozenset(names | {ANY})


def behind(names: Names, name: str) -> Names:
    """Return what is loaded of that which the attribute `name` leads to."""
    if name not in names:
        return frozenset({ANY}) if ANY in names else NOTHING
    start = f"{name}__"
    return frozenset(each.removeprefix(start) for each in names if each.startswith(start))


def load_of(names: Names, name: str) -> Load:
    """Return whether the attribute `name` is loaded where `names` are."""
    if name in names:
        return Load.LOADED
    return Load.OPEN if ANY in names else Load.ASKS


def add_origin(state: State, target: int, cls: int, names: Names) -> None:
    """Put the origin of an instance of `cls` beside it into `target`, where it is told at all."""
    if state.values.kinds[cls] == CLASS and UNTOLD not in names:
        state.flow.add(target, (state.values.make(ORIGIN, cls, names - {FETCHED, MAYBE_FETCHED}),))


def add_instance(state: State, target: int, cls: int, *, names: Names = NOTHING) -> None:
    """Put an instance of the CLASS (or EXTERNAL) value `cls` into `target` that has `names` loaded."""
    external = state.values.kinds[cls] == EXTERNAL
    state.flow.add(target, (cls if external else state.values.make(INSTANCE, cls),))
    add_origin(state, target, cls, names)


def add_set(state: State, target: int, cls: int, *, names: Names = NOTHING) -> None:
    """Put a query set of `cls` into `target` that loads `names`, too."""
    made = set_with(state, cls, names) if names else state.values.make(GENERIC, QUERY_SET, cls)
    state.flow.add(target, (made,))


def tell_methods(state: State, origin: int, nodes: Iterable[int]) -> None:
    """Let the methods that `nodes` hold, attributes of the class, know that their `self` is of this origin, too."""
    receiver = state.values.make(INSTANCE, state.values.parts[origin][0])

    def tell(value: int) -> None:
        is_property = state.values.kinds[value] == PROPERTY
        while state.values.kinds[value] in {PROPERTY, DECORATED}:
            value = state.values.parts[value][0]
        if state.values.kinds[value] == FUNCTION:
            instance = enter(state, value, receiver=None if is_property else receiver)
            pass_positional(state, instance, 0, state.holding(origin))

    for node in nodes:
        state.flow.watch(node, tell)
