"""What a register may hold, interned as ints.

A value is a kind and its parts; equal parts give the same int, so sets of values are sets of ints:

    FUNCTION    scope, parent         a function closed over the instance `parent`
    CLASS       scope, parent
    INSTANCE    class value           all instances of a class are one value, but for tracked ones (objects.py)
    BOUND       function value, receiver value
    MODULE      module number
    EXTERNAL    dotted name           anything outside the project, and whatever comes out of it
    CONSTANT    type name, str or int
    CONTAINER   kind, allocation      list, tuple, set, dict, generator, ...; by where it is made
    METHOD      container, name       a container's own method
    PARTIAL     allocation
    SUPER       class value, receiver value
    PROPERTY    getter value
    STATIC      value                 staticmethod
    CLASSWIDE   value                 classmethod
    DECORATED   value, dotted name    a function behind an external decorator
    OBJECT      name, instance, key, maker    a library's object that is told apart by where it is made (objects.py)
    MEMBER      object, name, class name      an attribute of one
    GENERIC     dotted name, inside           a library's object with something of the project's (extension.py)
    ORIGIN      class value, names            goes beside an instance: these attributes of it are loaded (loads.py)
"""

from __future__ import annotations

from types import GeneratorType
from typing import Any

__all__ = [
    "BOUND",
    "CLASS",
    "CLASSWIDE",
    "CONSTANT",
    "CONTAINER",
    "DECORATED",
    "EXTERNAL",
    "FUNCTION",
    "GENERIC",
    "INSTANCE",
    "MEMBER",
    "MEMBERS",
    "METHOD",
    "MODULE",
    "OBJECT",
    "ORIGIN",
    "PARTIAL",
    "PROPERTY",
    "STATIC",
    "SUPER",
    "Values",
    "has_member",
]

(
    FUNCTION,
    CLASS,
    INSTANCE,
    BOUND,
    MODULE,
    EXTERNAL,
    CONSTANT,
    CONTAINER,
    METHOD,
    PARTIAL,
    SUPER,
    PROPERTY,
    STATIC,
    CLASSWIDE,
    DECORATED,
    OBJECT,
    MEMBER,
    GENERIC,
    ORIGIN,
) = range(19)

DEEPEST_CHAIN = 4  # attributes behind an import that an external name keeps: Session.query.filter.first

# Nothing but text has these; what comes out of an external object and is stripped or encoded is text from there on.
TEXT_METHODS = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "encode",
        "decode",
        "startswith",
        "endswith",
        "splitlines",
        "partition",
        "rpartition",
        "zfill",
        "ljust",
        "rjust",
        "isdigit",
        "isalpha",
        "isalnum",
        "isspace",
        "isupper",
        "islower",
        "rsplit",
    ]
)


def has_member(kind: str, name: str) -> bool:
    """Return whether the builtin `kind` has the attribute `name`; what is no type has any."""
    made = MEMBERS.get(kind)
    return made is None or name in made


MEMBERS: dict[str, frozenset[str]] = {
    each.__name__: frozenset(dir(each))
    for each in (str, bytes, int, float, bool, complex, list, tuple, dict, set, frozenset, object)
} | {"generator": frozenset(dir(GeneratorType))}


class Values:
    """The interned values; `kinds[value]` and `parts[value]` tell what a value is."""

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.parts: list[tuple[Any, ...]] = []
        self._known: dict[tuple[Any, ...], int] = {}
        self._chains: dict[int, tuple[str, ...]] = {}  # external value -> the attributes behind its import
        self._extended: dict[tuple[int, str], int] = {}

    def make(self, kind: int, *parts: Any) -> int:
        """Return the value of `kind` with `parts`."""
        key = (kind, *parts)
        value = self._known.get(key)
        if value is None:
            value = self._known[key] = len(self.kinds)
            self.kinds.append(kind)
            self.parts.append(parts)
        return value

    def external(self, name: str) -> int:
        """Return the external object called `name`."""
        return self.make(EXTERNAL, name)

    def constant(self, value: str | int) -> int:
        """Return the value of a constant, its type kept: 1 is not True."""
        return self.make(CONSTANT, type(value).__name__, value)

    def extended(self, value: int, attribute: str) -> int:
        """Return the external object `value.attribute`.

        Chains of calls are names here (`query.filter.first`), so they are kept finite: one that repeats itself
        is cut where it began, a long one keeps its first and its last attributes.
        """
        made = self._extended.get((value, attribute))
        if made is None:
            made = self._extended[value, attribute] = self._extend(value, attribute)
        return made

    def _extend(self, value: int, attribute: str) -> int:
        name: str = self.parts[value][0]
        if attribute in TEXT_METHODS and not name.startswith("<builtin>."):
            return self.external(f"<builtin>.str.{attribute}")
        chain = self._chains.get(value, ())
        root = name.removesuffix("." + ".".join(chain)) if chain else name
        if attribute in chain:
            chain = chain[: chain.index(attribute)]
        chain = (*chain[: DEEPEST_CHAIN - 1], attribute)
        made = self.external(f"{root}.{'.'.join(chain)}")
        self._chains.setdefault(made, chain)
        return made
