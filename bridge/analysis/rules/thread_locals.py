"""What requests do with `threading.local`: keep a value for themselves, or one for whoever uses the thread next.

A function that looks whether an attribute is there before it sets it keeps it from request to request (a connection
for each thread, say), unless what stands around these requests (a hook, a middleware, a signal's receiver) removes it,
or sets it without a look: then each request has its own. That, and all other attributes, are set by a request for
itself, and a `ContextVar` takes their place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bridge.analysis.facts import Opcode
from bridge.analysis.rules.base import Inspection
from bridge.analysis.rules.request_code import Spot, code_on, constants, kin
from bridge.analysis.solving.values import EXTERNAL

__all__ = ["Use", "uses"]

NAMES = ("threading.local", "_thread._local", "gevent.local.local", "eventlet.corolocal.local")
LOOKS = frozenset({"<builtin>.hasattr", "<builtin>.getattr"})
REMOVES = frozenset({"<builtin>.delattr"})
AROUND = frozenset(  # roles of what runs before or behind each of its requests, whatever these do
    {
        "middleware",
        "signal",
        "before_request",
        "after_request",
        "teardown_request",
        "teardown_appcontext",
    }
)


@dataclass(frozen=True, slots=True)
class Use:
    """An attribute of a `threading.local` that a function reads or sets on a request, its first place there.

    `is_kept`: some function looks for it before it sets it, and nothing takes it away with the request.
    """

    spot: Spot
    attribute: str
    is_set: bool
    is_kept: bool


def uses(inspection: Inspection) -> tuple[Use, ...]:
    """Return each attribute of such an object, once for each function that reads or sets it."""
    if not inspection.thread_locals:
        inspection.thread_locals.append(tuple(_uses(inspection)))
    known: tuple[Use, ...] = inspection.thread_locals[0]
    return known


def _uses(inspection: Inspection) -> Iterator[Use]:
    found = _touched(inspection)
    kept = _kept(inspection, found)
    seen: set[tuple[str, str]] = set()
    for spot, attribute in found:
        if (spot.symbol, attribute) not in seen:
            seen.add((spot.symbol, attribute))
            yield Use(spot, attribute, _sets(spot), attribute in kept)


def _kept(inspection: Inspection, found: list[tuple[Spot, str]]) -> set[str]:
    """Return the attributes that a request looks for, and finds what an earlier one has left."""
    keeping = list(_looked_for_first(found))
    keepers = {(spot.symbol, attribute) for spot, attribute in keeping}
    fresh = [
        (spot, attribute)
        for spot, attribute in found
        if (spot.symbol, attribute) not in keepers and (_sets(spot) or _removes(spot))
    ]
    around = _scopes_around(inspection) if keeping and fresh else frozenset()
    cleared: dict[str, set[str]] = {}
    for spot, attribute in fresh:
        if spot.state.instances[spot.instance].scope in around:
            cleared.setdefault(attribute, set()).update(spot.routes)
    return {
        attribute for spot, attribute in keeping if not cleared.get(attribute, set()).issuperset(spot.routes)
    }


def _scopes_around(inspection: Inspection) -> frozenset[int]:
    """Return the scopes that what stands around the requests may run."""
    roots = {
        root: None for route in inspection.discovery.routes for root in route.roots if root.role in AROUND
    }
    return inspection.scopes_of(tuple(roots))


def _touched(inspection: Inspection) -> list[tuple[Spot, str]]:
    """Return every place that reads or sets an attribute, in the order of the code, contexts apart."""
    objects = kin(inspection.state, NAMES)
    if not objects:
        return []
    opcodes = Opcode.ATTR, Opcode.SETATTR, Opcode.DELATTR, Opcode.CALL
    return [
        (spot, attribute)
        for spot in code_on(inspection, objects | kin(inspection.state, LOOKS | REMOVES), *opcodes)
        for holder, attribute in _looked_at(spot)
        if not objects.isdisjoint(spot.held(holder))
    ]


def _looked_at(spot: Spot) -> Iterator[tuple[int, str]]:
    """Yield the register of an object and the name of the attribute that is read, set, removed or looked for."""
    operation = spot.instruction
    if operation[0] in {Opcode.SETATTR, Opcode.DELATTR}:
        yield operation[1], operation[2]
    elif operation[0] == Opcode.ATTR:
        yield operation[2], operation[3]
    elif len(operation[3]) >= 2 and _calls(spot, LOOKS | REMOVES):
        holder, name = operation[3][:2]
        yield from ((holder, each) for each in constants(spot, name) if isinstance(each, str))


def _calls(spot: Spot, names: Collection[str]) -> bool:
    values = spot.state.values
    held = spot.held(spot.instruction[2])
    return any(values.kinds[each] == EXTERNAL and values.parts[each][0] in names for each in held)


def _sets(spot: Spot) -> bool:
    return bool(spot.instruction[0] == Opcode.SETATTR)


def _removes(spot: Spot) -> bool:
    opcode = spot.instruction[0]
    return bool(opcode == Opcode.DELATTR or (opcode == Opcode.CALL and _calls(spot, REMOVES)))


def _looked_for_first(found: list[tuple[Spot, str]]) -> Iterator[tuple[Spot, str]]:
    """Yield the places that set what their own function has looked for further up."""
    looked_for: set[tuple[int, str]] = set()
    for spot, attribute in found:
        if not _sets(spot):
            looked_for.add((spot.instance, attribute))
        elif (spot.instance, attribute) in looked_for:
            yield spot, attribute
