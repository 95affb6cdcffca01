"""What a class attribute is when it is read through a receiver, worked out once for all who read it.

A `Member` is one attribute of one receiver. What everybody gets who reads it (a bound method, a plain value) stands in
one node, with an edge to each reader; only what runs at the reader's own place (a property, a descriptor) is asked
there again for each. A base that becomes known later is looked at once for each member, not for each reader.
"""

from __future__ import annotations

from functools import partial

from bridge.analysis.solving.objects import member
from bridge.analysis.solving.resolution import find
from bridge.analysis.solving.state import NO_ARGUMENTS, Arguments, Member, Site, State
from bridge.analysis.solving.values import (
    BOUND,
    CLASS,
    CLASSWIDE,
    DECORATED,
    FUNCTION,
    INSTANCE,
    PROPERTY,
    STATIC,
)

__all__ = ["bind", "call_method", "look_up_again", "read", "set_through"]

NOWHERE = Site(0, "", 0)  # where a member is bound that is the same at every place


def read(
    state: State,
    site: Site,
    receiver: int,
    owner: int,
    name: str,
    target: int,
    *,
    after: int | None = None,
    inherits: bool = True,
) -> None:
    """Let `target` hold the attribute `name` of the class `owner`, behind the class `after`, read through `receiver`.

    `inherits`: also what an external base has by that name.
    """
    found = _member(state, receiver, owner, name, after)
    found.uses.append((_read if inherits else _read_own, site, target, NO_ARGUMENTS))
    state.flow.edge(found.bound, target)
    for value in found.special:
        bind(state, site, value, receiver, target)
    for external in found.externals if inherits else ():
        _inherit(state, site, receiver, external, target)


def set_through(state: State, site: Site, receiver: int, owner: int, name: str, source: int) -> None:
    """Run the setter of a property or descriptor that the class `owner` has under `name`."""
    found = _member(state, receiver, owner, name, None)
    found.uses.append((_set, site, source, NO_ARGUMENTS))
    for value in found.special:
        _set(state, found, value, site, source, NO_ARGUMENTS)


def call_method(
    state: State,
    site: Site,
    receiver: int,
    name: str,
    arguments: Arguments = NO_ARGUMENTS,
    target: int | None = None,
) -> bool:
    """Call the method `name` of `receiver` if a class of the project defines it; return whether one does."""
    owner = state.class_of(receiver)
    if owner is None or name not in state.program.defined_names:
        return False
    if not find(state, owner, name)[0]:
        return False
    found = _member(state, receiver, owner, name, None)
    found.uses.append((_call, site, target, arguments))
    state.flow.watch(found.bound, lambda value: state.apply(state, site, value, arguments, target))
    for value in found.special:
        _call(state, found, value, site, target, arguments)
    return True


def look_up_again(state: State, owner: int) -> None:
    """Look for all members of a class that were read, now that it has another base."""
    for (receiver, name, after), found in list(state.members.get(owner, {}).items()):
        del receiver
        _look_up(state, found, owner, name, after)


def _member(state: State, receiver: int, owner: int, name: str, after: int | None) -> Member:
    table = state.members.setdefault(owner, {})
    found = table.get((receiver, name, after))
    if found is None:
        found = table[receiver, name, after] = Member(receiver, state.flow.node())
        _look_up(state, found, owner, name, after)
    return found


def _look_up(state: State, found: Member, owner: int, name: str, after: int | None) -> None:
    nodes, external = find(state, owner, name, after=after)
    fresh = [node for node in nodes if node not in found.nodes]
    found.nodes = nodes
    take = partial(_take, state, found)
    for node in fresh:
        state.flow.watch(node, take)
    if external is not None and external not in found.externals:
        found.externals += (external,)
        for use, site, target, _ in list(found.uses):
            if use is _read:
                _inherit(state, site, found.receiver, external, target)


def _take(state: State, found: Member, value: int) -> None:
    """Take a value that the class attribute holds."""
    if not _runs(state, value, found.receiver):
        bind(state, NOWHERE, value, found.receiver, found.bound)
    elif value not in found.special:
        found.special += (value,)
        for use, site, node, arguments in list(found.uses):
            use(state, found, value, site, node, arguments)


def _runs(state: State, value: int, receiver: int) -> bool:
    """Return whether reading or writing the class attribute `value` runs code of the project, where that happens."""
    if state.values.kinds[receiver] == CLASS and state.values.kinds[value] != INSTANCE:
        return False
    while state.values.kinds[value] == DECORATED:
        value = state.values.parts[value][0]
    if state.values.kinds[value] == PROPERTY:
        return True
    return state.values.kinds[value] == INSTANCE and any(
        name in state.program.defined_names and _has(state, value, name) for name in ("__get__", "__set__")
    )


def _read(state: State, found: Member, value: int, site: Site, target: int, _: Arguments) -> None:
    bind(state, site, value, found.receiver, target)


def _read_own(state: State, found: Member, value: int, site: Site, target: int, _: Arguments) -> None:
    bind(state, site, value, found.receiver, target)


def _call(
    state: State, found: Member, value: int, site: Site, target: int | None, arguments: Arguments
) -> None:
    bound = state.flow.node()
    bind(state, site, value, found.receiver, bound)
    state.flow.watch(bound, lambda each: state.apply(state, site, each, arguments, target))


def _set(state: State, found: Member, value: int, site: Site, source: int, _: Arguments) -> None:
    if state.values.kinds[value] == PROPERTY:
        arguments = Arguments((state.holding(found.receiver), source))
        state.flow.watch(
            state.field(value, "setter"), lambda setter: state.apply(state, site, setter, arguments, None)
        )
    elif state.values.kinds[value] == INSTANCE and _has(state, value, "__set__"):
        arguments = Arguments((state.holding(found.receiver), source))
        call_method(state, site, value, "__set__", arguments, None)


def _inherit(state: State, site: Site, receiver: int, external: str, target: int) -> None:
    """Let `target` hold what an external base has."""
    if state.extension is not None and state.extension.inherited(state, site, receiver, external, target):
        return
    state.record_implicit(site, external)
    tracked = member(state, receiver, external.rpartition(".")[2])
    state.flow.add(target, (state.values.external(external) if tracked is None else tracked,))


def bind(state: State, site: Site, value: int, receiver: int, target: int) -> None:
    """Put into `target` what reading the class attribute `value` through `receiver` gives."""
    kind, parts = state.values.kinds[value], state.values.parts[value]
    on_instance = state.values.kinds[receiver] != CLASS
    if kind == FUNCTION and on_instance:
        state.flow.add(target, (state.values.make(BOUND, value, receiver),))
    elif kind == CLASSWIDE:
        owner = state.class_of(receiver)
        state.flow.add(target, (state.values.make(BOUND, parts[0], receiver if owner is None else owner),))
    elif kind == STATIC:
        state.flow.add(target, (parts[0],))
    elif kind == PROPERTY and on_instance:
        state.apply(state, site, parts[0], Arguments((state.holding(receiver),)), target)
    elif kind == DECORATED and on_instance:
        inner = state.flow.node()
        bind(state, site, parts[0], receiver, inner)
        state.flow.watch(
            inner, lambda each: state.flow.add(target, (state.values.make(DECORATED, each, parts[1]),))
        )
    elif kind == INSTANCE and "__get__" in state.program.defined_names and _has(state, value, "__get__"):
        call_method(state, site, value, "__get__", Arguments((state.holding(receiver),)), target)
    else:
        state.flow.add(target, (value,))


def _has(state: State, value: int, name: str) -> bool:
    owner = state.class_of(value)
    return owner is not None and bool(find(state, owner, name)[0])
