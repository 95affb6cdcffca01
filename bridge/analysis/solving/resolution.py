"""A class's order of resolution, and where it has a name."""

from __future__ import annotations

from bridge.analysis.solving.library import BUILTIN
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import EXTERNAL, has_member

__all__ = ["external_bases", "find", "forget", "order"]


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


def order(state: State, owner: int) -> list[int]:
    """Return a class's order of resolution (C3) as far as its bases are known; external classes stand in it."""
    known = state.orders.get(owner)
    if known is None:
        state.orders[owner] = [owner]  # a class that seems to be its own base ends here
        known = state.orders[owner] = [owner, *_merged(state, owner)]
    return known


def external_bases(state: State, owner: int) -> tuple[str, ...]:
    """Return the dotted names of the libraries' classes in a class's order of resolution, the nearest first."""
    known = state.external_bases.get(owner)
    if known is None:
        chain = order(state, owner)
        names = (str(state.values.parts[each][0]) for each in chain if state.values.kinds[each] == EXTERNAL)
        known = state.external_bases[owner] = tuple(names)
    return known


def forget(state: State, owner: int) -> None:
    """Forget what was worked out of a class's bases: it has another one."""
    state.orders.pop(owner, None)
    state.found.pop(owner, None)
    state.external_bases.pop(owner, None)


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
