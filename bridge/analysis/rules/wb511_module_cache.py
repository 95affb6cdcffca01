"""A request that changes a dictionary, list or set of its module.

## What it does

Finds item assignments and changing methods (`append`, `update`, `pop`, ...) on containers that a module's body
makes.

## Why it blocks

A dictionary as a cache works under threads because single operations are atomic. Sequences of them are not, and
an `await` between a look-up and a store lets every waiting request compute the same value. Each worker process
has a cache of its own.

## Example

    cards = {}

    def card(product):
        if product.id not in cards:
            cards[product.id] = render(product)
        return cards[product.id]

## Use instead

    import asyncio

    cards = {}
    lock = asyncio.Lock()

    async def card(product):
        async with lock:
            if product.id not in cards:
                cards[product.id] = await render(product)
        return cards[product.id]

## References

- https://docs.python.org/3/library/asyncio-sync.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bridge.analysis.facts import Opcode
from bridge.analysis.model import Category, Severity
from bridge.analysis.rules.base import Inspection, Obstacle, Rule
from bridge.analysis.rules.request_code import SUBJECTS, code_on, is_module_level
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import METHOD

__all__ = ["RULE"]

CHANGING = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "popleft",
        "remove",
        "setdefault",
        "update",
    }
)


def obstacles(inspection: Inspection) -> Iterator[Obstacle]:
    """Yield each place where a request changes such a container."""
    containers, methods = _changed(inspection.state)
    changes = {Opcode.SETITEM: containers, Opcode.CALL: methods}
    seen: set[tuple[str, int]] = set()
    for spot in code_on(inspection, containers | methods, *changes):
        opcode = spot.instruction[0]
        changed = not changes[opcode].isdisjoint(spot.held(spot.instruction[SUBJECTS[opcode]]))
        if changed and (spot.file, spot.line) not in seen:
            seen.add((spot.file, spot.line))
            yield spot.obstacle(
                sink="a module's container",
                message="changes a container that all requests of the process share",
                category=Category.PROCESS_STATE,
            )


def _changed(state: State) -> tuple[set[int], set[int]]:
    """Return such containers, and their methods that change them."""
    kinds, parts = state.values.kinds, state.values.parts
    shared = {value for value in range(len(kinds)) if is_module_level(state, value)}
    methods = {
        value
        for value, kind in enumerate(kinds)
        if kind == METHOD and parts[value][1] in CHANGING and parts[value][0] in shared
    }
    return shared, methods


RULE = Rule(
    code="WB511",
    name="module-cache",
    message="{sink} is shared by all requests of a process",
    severity=Severity.INFO,
    effort=0,
    obstacles=obstacles,
)
