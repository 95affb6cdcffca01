"""Kinds of values as bits of one number: None, false, absent, each literal that code compares with, any other that is true.

    1 NONE    2 FALSE    4 TRUE: none of the literals    8 ABSENT    16, 32, ... a literal each

A set of kinds may be all but a few: a negative number, whose bits above are all set. So `ANYTHING & ~16` is whatever is
not the first literal, and a kind that gets its bit later is in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bridge.analysis.facts import FALSE, NONE, TRUE, Scope

__all__ = ["ABSENT", "ANYTHING", "Kinds"]

ABSENT = 8  # nothing of that name goes by
ANYTHING = ~ABSENT
_BELOW = NONE | FALSE | TRUE | ABSENT  # what is no literal


class Kinds:
    """The literals that a program's functions compare parameters with, each with its bit."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self._bits: dict[str | int, int] = {}
        for scope in scopes:
            for *_, literals in scope.guards:
                for each in literals:
                    self._bits.setdefault(each, (_BELOW + 1) << len(self._bits))

    def literals(self, literals: Iterable[str | int]) -> int:
        """Return the bits of `literals`; of one that nobody compares with, TRUE."""
        found = 0
        for each in literals:
            found |= self._bits.get(each, TRUE)
        return found

    def allowed(self, kinds: int, literals: tuple[str | int, ...]) -> int:
        """Return what a guard lets through: see facts.Scope.guards."""
        if literals:
            these = self.literals(literals)
            return these if kinds == TRUE else ANYTHING & ~these
        return kinds | ~_BELOW if kinds & TRUE else kinds

    def constant(self, kind: int, literal: str | int | None) -> int:
        """Return the kind of a constant."""
        return kind if literal is None else self.literals((literal,))

    @staticmethod
    def told_apart(kinds: int, literals: int) -> int:
        """Return `kinds` with all that are true and not in `literals` as one: others make no difference here."""
        others = ~(_BELOW | literals)
        if not kinds & (TRUE | others):
            return kinds
        return kinds | TRUE | others
