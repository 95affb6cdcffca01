"""Attributes: a class's order of resolution, binding, properties, and what is stored on objects."""

from __future__ import annotations

from collections.abc import Callable

from bridge.analysis.solving.library import BUILTIN
from bridge.analysis.solving.linking import module_member
from bridge.analysis.solving.objects import member, name_of
from bridge.analysis.solving.state import NO_ARGUMENTS, Arguments, Site, State
from bridge.analysis.solving.texts import FOLLOWED_METHODS, is_followed
from bridge.analysis.solving.values import (
    BOUND,
    CLASS,
    CLASSWIDE,
    CONSTANT,
    CONTAINER,
    DECORATED,
    EXTERNAL,
    FUNCTION,
    GENERIC,
    INSTANCE,
    MEMBER,
    METHOD,
    MODULE,
    OBJECT,
    PROPERTY,
    STATIC,
    SUPER,
    has_member,
)

__all__ = ["call_method", "find", "load", "order", "store"]


def load(state: State, site: Site, source: int, name: str, target: int) -> None:
    """Let `target` hold the attribute `name` of whatever reaches `source`."""
    state.flow.watch(source, lambda value: load_from(state, site, value, name, target))


def load_from(state: State, site: Site, value: int, name: str, target: int) -> None:
    """Let `target` hold the attribute `name` of `value`."""
    kind = state.values.kinds[value]
    if name in state.program.stored_names:
        state.flow.edge(state.field(value, name), target)
    if (
        state.extension is not None
        and (kind == GENERIC or state.extension.names(name))
        and state.extension.load(state, site, value, name, target)
    ):
        return
    if kind in {INSTANCE, CLASS}:
        _load_from_class(state, site, value, name, target)
    elif kind == SUPER:
        _load_from_super(state, site, value, name, target)
    elif kind == MODULE:
        module_member(state, state.values.parts[value][0], name, target)
    elif kind == EXTERNAL:
        _load_from_external(state, site, value, name, target)
    elif kind in {OBJECT, MEMBER}:
        _load_from_object(state, site, value, name, target)
    elif kind == CONSTANT and name in FOLLOWED_METHODS and is_followed(state.values.parts[value][1]):
        state.flow.add(target, (state.values.make(METHOD, value, name),))
    elif kind == CONSTANT:
        made = state.values.external(f"<builtin>.{state.values.parts[value][0]}")
        _load_from_external(state, site, made, name, target)
    elif kind == DECORATED:
        _load_from_decorated(state, site, value, name, target)
    elif kind == PROPERTY or (kind == CONTAINER and has_member(state.values.parts[value][0], name)):
        state.flow.add(target, (state.values.make(METHOD, value, name),))
    elif name == "__call__":
        state.flow.add(target, (value,))


def _load_from_external(state: State, site: Site, value: int, name: str, target: int) -> None:
    if has_member(state.values.parts[value][0].removeprefix(BUILTIN), name):
        tracked = member(state, value, name)
        found = state.values.extended(value, name) if tracked is None else tracked
        if tracked is None:
            state.record_implicit(site, state.values.parts[found][0])
        state.flow.add(target, (found,))


def _load_from_object(state: State, site: Site, value: int, name: str, target: int) -> None:
    found = member(state, value, name)
    if found is None:
        _load_from_external(state, site, state.typed(name_of(state, value)), name, target)
    else:
        state.flow.add(target, (found,))


def _load_from_decorated(state: State, site: Site, value: int, name: str, target: int) -> None:
    inner, decorator = state.values.parts[value]
    if name in {"__wrapped__", "__func__"}:
        state.flow.add(target, (inner,))
    else:
        load_from(state, site, state.typed(decorator), name, target)


def _load_from_class(state: State, site: Site, value: int, name: str, target: int) -> None:
    owner = state.class_of(value)
    assert owner is not None
    if name == "__class__":
        state.flow.add(target, (owner,))
    search(state, owner, name, lambda nodes, external: _link(state, site, nodes, external, value, target))
    if state.values.kinds[value] == INSTANCE and "__getattr__" in state.program.defined_names:
        _fall_back(state, site, value, name, target)


def _fall_back(state: State, site: Site, value: int, name: str, target: int) -> None:
    """Ask `__getattr__` for what no class defines."""
    owner = state.class_of(value)
    if owner is None or name in state.program.stored_names or find(state, owner, name)[0]:
        return
    asked = state.holding(state.values.constant(name))
    call_method(state, site, value, "__getattr__", Arguments((asked,)), target)


def _load_from_super(state: State, site: Site, value: int, name: str, target: int) -> None:
    owner, receiver = state.values.parts[value]
    start = state.class_of(receiver)
    if start is None:
        return
    search(
        state,
        start,
        name,
        lambda nodes, external: _link(state, site, nodes, external, receiver, target),
        after=owner,
    )


Found = Callable[[list[int], str | None], None]


def search(state: State, owner: int, name: str, found: Found, *, after: int | None = None) -> None:
    """Call `found(nodes, external)` with where `owner` has `name`, and again when a base becomes known."""

    def ask() -> None:
        found(*find(state, owner, name, after=after))

    for each in order(state, owner):
        if each in state.classes:
            state.classes[each].askers.append(ask)
    ask()


def find(state: State, owner: int, name: str, *, after: int | None = None) -> tuple[list[int], str | None]:
    """Return the nodes that hold `owner.name`, else the name that an external base has for it."""
    known = state.found.setdefault(owner, {})
    found = known.get((name, after))
    if found is None:
        found = known[name, after] = _found(state, owner, name, after)
    return found


def _found(state: State, owner: int, name: str, after: int | None) -> tuple[list[int], str | None]:
    nodes: list[int] = []
    external = None
    chain = order(state, owner)
    start = chain.index(after) + 1 if after in chain else 0
    for each in chain[start:]:
        if state.values.kinds[each] == EXTERNAL:
            base = state.values.parts[each][0]
            external = _better(state, external, base, name)
            continue
        if name in state.program.stored_names:
            nodes.append(state.field(each, name))
        record = state.classes[each]
        register = state.program.scopes[state.instances[record.instance].scope].shared.get(name)
        if register is not None:
            return [*nodes, state.node(record.instance, register)], None
    if external is None and has_member("object", name):
        external = f"<builtin>.object.{name}"
    return nodes, external


def _better(state: State, known: str | None, base: str, name: str) -> str | None:
    """Return the name that the member has in the first external base that is known to have it, else in the first."""
    if base.startswith(BUILTIN):
        return known
    found = f"{base}.{name}"
    members = state.library.members
    return found if known is None or (found in members and known not in members) else known


def _link(
    state: State, site: Site, nodes: list[int], external: str | None, receiver: int, target: int
) -> None:
    for node in nodes:
        state.flow.watch(node, lambda value: bind(state, site, value, receiver, target))
    if external is not None:
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


def store(state: State, site: Site, target: int, name: str, source: int) -> None:
    """Let the attribute `name` of whatever reaches `target` hold what `source` holds; run setters."""

    def put(value: int) -> None:
        state.flow.edge(source, state.field(value, name))
        owner = state.class_of(value)
        if owner is not None and value != owner and name in state.program.defined_names:
            for node in find(state, owner, name)[0]:
                state.flow.watch(node, lambda each: _set(state, site, each, value, source))

    state.flow.watch(target, put)


def _set(state: State, site: Site, attribute: int, receiver: int, source: int) -> None:
    if state.values.kinds[attribute] == PROPERTY:
        arguments = Arguments((state.holding(receiver), source))
        state.flow.watch(
            state.field(attribute, "setter"),
            lambda setter: state.apply(state, site, setter, arguments, None),
        )
    elif state.values.kinds[attribute] == INSTANCE and _has(state, attribute, "__set__"):
        arguments = Arguments((state.holding(receiver), source))
        call_method(state, site, attribute, "__set__", arguments, None)


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
    nodes, _ = find(state, owner, name)
    for node in nodes:
        bound = state.flow.node()
        state.flow.watch(node, lambda value, bound=bound: bind(state, site, value, receiver, bound))  # type: ignore[misc] # a default binds the loop's variable
        state.flow.watch(bound, lambda value: state.apply(state, site, value, arguments, target))
    return bool(nodes)


def order(state: State, owner: int) -> list[int]:
    """Return a class's order of resolution (C3) as far as its bases are known; external classes stand in it."""
    known = state.orders.get(owner)
    if known is None:
        state.orders[owner] = [owner]  # a class that seems to be its own base ends here
        known = state.orders[owner] = [owner, *_merged(state, owner)]
    return known


def _merged(state: State, owner: int) -> list[int]:
    if owner not in state.classes:
        return []
    bases = [base for position in state.classes[owner].bases for base in position]
    if len(bases) == 1:
        return [base for base in order(state, bases[0]) if base != owner]
    chains = [list(order(state, base)) for base in bases] + [list(bases)]
    merged: list[int] = []
    while chains := [chain for chain in chains if chain]:
        tails = {each for chain in chains for each in chain[1:]}
        head = next((chain[0] for chain in chains if chain[0] not in tails), chains[0][0])
        if head not in merged and head != owner:
            merged.append(head)
        chains = [[each for each in chain if each != head] for chain in chains]
    return merged
