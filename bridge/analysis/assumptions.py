"""What if: packages that are taken to be exchanged for others, without a change of code.

What was called in the old package no longer blocks, if the new one has an asynchronous interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.analysis.knowledge import Knowledge, Package
from bridge.analysis.model import DependencyStatus
from bridge.analysis.requirements import normalised
from bridge.errors import BridgeError

__all__ = ["Assumptions", "UnknownAssumption"]


class UnknownAssumption(BridgeError, ValueError):
    """An exchange cannot be assumed. `problem` and `instead` say why and what to write."""

    def __init__(self, old: str, new: str, problem: str, instead: str) -> None:
        super().__init__(f"{old}={new}: {problem}; {instead}")
        self.old = old
        self.new = new
        self.problem = problem
        self.instead = instead


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Packages by normalised name: old -> new. `gone` are the dotted names that the old ones are imported by."""

    swaps: Mapping[str, Package]
    gone: frozenset[str] = frozenset()

    @classmethod
    def of(cls, wanted: Mapping[str, str], knowledge: Knowledge) -> Assumptions:
        """Return the assumptions; raises `UnknownAssumption` for a package that nothing is known of."""
        olds = {old: _old(old, new, knowledge) for old, new in wanted.items()}
        swaps = {normalised(olds[old].name): _new(old, new, knowledge) for old, new in wanted.items()}
        return cls(swaps, frozenset(dotted for package in olds.values() for dotted in package.imports))

    def cover(self, sink: str) -> bool:
        """Return whether `sink` belongs to a package that is taken to be gone."""
        return any(f"{sink}.".startswith(f"{dotted}.") for dotted in self.gone)


def _old(old: str, new: str, knowledge: Knowledge) -> Package:
    package = knowledge.package(old) or knowledge.package_of(old)
    if package is None:
        raise UnknownAssumption(
            old, new, f"nothing is known of {old}", "name a package as pip does: psycopg2=psycopg"
        )
    return package


def _new(old: str, new: str, knowledge: Knowledge) -> Package:
    package = knowledge.package(new) or knowledge.package_of(new)
    if package is None:
        raise UnknownAssumption(old, new, f"nothing is known of {new}", _advice(old, knowledge))
    if package.status is not DependencyStatus.ASYNC_READY:
        problem = f"{new} has no asynchronous interface that is known"
        raise UnknownAssumption(old, new, problem, _advice(old, knowledge))
    return package


def _advice(old: str, knowledge: Knowledge) -> str:
    package = knowledge.package(old) or knowledge.package_of(old)
    known = package.replacement if package else ""
    return (
        f"the knowledge base names {old}={known}" if known else f"the knowledge base names nothing for {old}"
    )
