"""Lazy attributes inside one function: where each is read first, and whether it was assigned before.

What is evaluated first has the smaller number of its instruction; lines don't tell:

    name = topic.forum.name       # second
        if topic.forum is not None  # first
        else ""
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.analysis.facts import Instruction, Opcode
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import CONSTANT

__all__ = ["first_reads", "is_assigned_before"]


def first_reads(state: State, sites: Iterable[Site]) -> Iterator[Site]:
    """Yield where a function first reads each lazy attribute: `topic.forum.name`, then `topic.forum.id`, loads once."""
    seen: set[str] = set()
    for site in sorted(sites, key=_order):
        name = _attribute(state, site)
        if not name or name not in seen:
            seen.add(name)
            yield site


def is_assigned_before(state: State, site: Site) -> bool:
    """Return whether the function has put an object into the attribute that it reads: `bay.device = device`."""
    read = _instruction(state, site)
    if read is None or read[0] != Opcode.ATTR:
        return False
    assert isinstance(site.key, int)
    _, _, source, name, *_ = read
    before = state.program.scopes[state.instances[site.instance].scope].instructions[: site.key]
    return any(each[0] == Opcode.SETATTR and each[1] == source and each[2] == name for each in before)


def _order(site: Site) -> tuple[int, int]:
    return (site.key, site.line) if isinstance(site.key, int) else (-1, site.line)


def _attribute(state: State, site: Site) -> str:
    """Return the attribute that is read there, in Python or by a template's look-up; "" where it is not known."""
    instruction = _instruction(state, site)
    if instruction is None:
        return ""
    if instruction[0] == Opcode.ATTR:
        return str(instruction[3])
    if instruction[0] != Opcode.CALL or len(instruction[3]) != 2:
        return ""
    held = state.flow.holds[state.node(site.instance, instruction[3][1])]
    texts = [state.values.parts[each][1] for each in held if state.values.kinds[each] == CONSTANT]
    return str(texts[0]) if len(texts) == 1 else ""


def _instruction(state: State, site: Site) -> Instruction | None:
    if not isinstance(site.key, int):
        return None
    return state.program.scopes[state.instances[site.instance].scope].instructions[site.key]
