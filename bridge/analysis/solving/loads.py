"""What is known of each lazy attribute that is read: whether it was loaded before.

Instances of a class are one value, so where they came from travels beside them, as ORIGIN values: a query that loads
`author`, too, gives an instance and ORIGIN(class, {"author"}). Where an attribute is read, each origin that arrives
says whether it is loaded there; what is left open is said with little confidence.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Set as AbstractSet
from enum import Enum

__all__ = ["Load", "Loads"]

Place = tuple[int, int, str]  # (function's instance, line, sink)


class Load(Enum):
    """What one object that reaches a read says of the attribute; of a read, what all of them say."""

    ASKS = "asks"  # it is loaded here
    LOADED = "loaded"  # it was loaded with its object
    OPEN = "open"  # nobody can tell


class Loads:
    """Reads of lazy attributes by their lines, and what was learnt of each."""

    def __init__(self) -> None:
        self._reads: dict[Place, dict[Hashable, set[Load]]] = {}
        self._names: dict[Place, dict[Hashable, str]] = {}
        self._templates: dict[Place, dict[Hashable, str]] = {}

    def read(self, place: Place, key: Hashable, name: str, *, template: str = "") -> None:
        """Note that the attribute `name` ("Book.author") is read at `key`, an instruction of the line or of `template`."""
        self._reads.setdefault(place, {}).setdefault(key, set())
        self._names.setdefault(place, {}).setdefault(key, name)
        if template:
            self._templates.setdefault(place, {}).setdefault(key, template)

    def learn(self, place: Place, key: Hashable, load: Load) -> None:
        """Note what an object that reaches the read says."""
        self._reads.setdefault(place, {}).setdefault(key, set()).add(load)

    def names(self, place: Place) -> tuple[str, ...]:
        """Return the attributes that are read on a line and may ask, in the order in which they were found."""
        return tuple(dict.fromkeys(name for _, name in self._asking(place)))

    def templates(self, place: Place) -> tuple[str, ...]:
        """Return the templates that read such attributes while they are rendered on a line."""
        known = self._templates.get(place, {})
        return tuple(dict.fromkeys(known[key] for key, _ in self._asking(place) if key in known))

    def _asking(self, place: Place) -> Iterator[tuple[Hashable, str]]:
        reads = self._reads.get(place, {})
        for key, name in self._names.get(place, {}).items():
            if name and reads[key] != {Load.LOADED}:
                yield key, name

    def of(self, place: Place, *, unknown: Load) -> Load:
        """Return what a line does: it asks if one of its reads does. `unknown` is what an object says of no origin.

        What was never noted asks.
        """
        reads = self._reads.get(place)
        loads = {Load.ASKS} if reads is None else {_joined(each or {unknown}) for each in reads.values()}
        return next(each for each in (Load.ASKS, Load.OPEN, Load.LOADED) if each in loads)


def _joined(said: AbstractSet[Load]) -> Load:
    """Return what all objects that reach a read say together: where they disagree it is open."""
    first, *more = said
    return Load.OPEN if more else first
