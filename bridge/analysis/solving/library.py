"""What is known of the code outside the project, as far as values are followed through it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["BUILTIN", "NOTHING_KNOWN", "Library", "public_name", "solver_name"]

BUILTIN = "<builtin>."


@dataclass(frozen=True, slots=True)
class Library:
    """Types, implicit calls and offloaders by dotted name; `make` takes the names as people write them.

    `types`: callable -> the type of its result; a dunder (`T.__enter__`, `T.__iter__`, `T.__getitem__`) -> what
    `with`, `for` and `[]` give. `implicit`: names that count as called when no call is written: dunders that
    `for`, `len`, `if`, `in`, `[]` or `with` run, attributes that work when they are read. `offloaders`: callables
    that run the function they are given in a thread. `members`: known names, which tell apart the external bases of a class.
    """

    types: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    implicit: frozenset[str] = frozenset()
    offloaders: frozenset[str] = frozenset()
    members: Collection[str] = frozenset()
    dunders: frozenset[str] = frozenset()  # the last parts of `implicit`

    @classmethod
    def make(
        cls,
        *,
        types: Mapping[str, str] = MappingProxyType({}),
        implicit: Collection[str] = (),
        offloaders: Collection[str] = (),
        members: Collection[str] = (),
    ) -> Library:
        """Return a library from names that spell builtins `builtins.open`."""
        return cls(
            {solver_name(name): solver_name(result) for name, result in types.items()},
            frozenset(map(solver_name, implicit)),
            frozenset(map(solver_name, offloaders)),
            frozenset(map(solver_name, members)),
            frozenset(name.rpartition(".")[2] for name in implicit),
        )


NOTHING_KNOWN = Library()


def solver_name(name: str) -> str:
    """Return how the solver spells a dotted name: builtins.open is <builtin>.open."""
    return BUILTIN + name.removeprefix("builtins.") if name.startswith("builtins.") else name


def public_name(name: str) -> str:
    """Return how people spell the solver's name of something external."""
    return "builtins." + name.removeprefix(BUILTIN) if name.startswith(BUILTIN) else name
