"""Witnesses and obstacles -> findings: one for each blocking call at its place, with all routes that reach it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bridge.analysis.knowledge import Call, Cooperative, Knowledge
from bridge.analysis.lowering.serializers import FIELDS, ROWS
from bridge.analysis.model import (
    Category,
    Confidence,
    Context,
    Finding,
    Replacement,
    Severity,
    Step,
    Witness,
)
from bridge.analysis.rules.base import Obstacle, Place, Rule
from bridge.analysis.rules.claiming import Claims
from bridge.analysis.spoken import spoken

__all__ = ["Judge", "Sighting", "fingerprint", "numbered", "of_obstacle"]

MOST_NAMES = 3  # attributes, or templates, in a message
UNKNOWN_EFFORT = 13  # points: there is no replacement that we know of
PLACES_OF_ROLES: Mapping[str, str] = {
    "template": Place.TEMPLATE,
    "serializer": Place.SERIALIZER,
    "signal": Place.SIGNAL,
}
SHOWING = (f".{FIELDS}", f".{ROWS}")  # functions that show what a serializer is given
SURENESS = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
LAZY_ROLES = frozenset({"template", "serializer"})


@dataclass(frozen=True, slots=True)
class Sighting:
    """A blocking call, and the route (its id) on which it was seen; "" where an async function is on none."""

    witness: Witness
    route: str


@dataclass(slots=True)
class _Group:
    """All sightings of one call under one rule. Its witness is the one with the shortest chain, then by name.

    It is in a loop if it is on every route: what one of twenty repeats is said where it matters, by rules on loops.
    """

    rule: Rule
    witness: Witness
    routes: set[str] = field(default_factory=set)
    confidence: Confidence = Confidence.LOW
    in_loop: bool = True

    def add(self, sighting: Sighting) -> None:
        witness = sighting.witness
        if sighting.route:
            self.routes.add(sighting.route)
        if witness.chain is not self.witness.chain and _is_before(witness.chain, self.witness.chain):
            self.witness = witness
        if witness.confidence is not self.confidence:
            self.confidence = max(self.confidence, witness.confidence, key=SURENESS.index)
        self.in_loop = self.in_loop and witness.in_loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Turns sightings into findings.

    `async_symbols` are the project's `async def` functions. `driver_cooperates`: the database driver of the
    project waits on Python sockets, so what waits "as its driver" is cooperative.
    """

    claims: Claims
    knowledge: Knowledge
    async_symbols: Collection[str] = frozenset()
    driver_cooperates: bool = False

    def findings(self, sightings: Iterable[Sighting]) -> tuple[Finding, ...]:
        """Return a finding for each rule and place, its routes sorted; ids are given by `numbered`."""
        groups: dict[tuple[str, str, str, int, int], _Group] = {}
        # A function's witnesses are told again for each route that runs it; their chains are the same objects.
        known: dict[tuple[int, str, str, bool], _Group | None] = {}
        for sighting in sightings:
            witness = sighting.witness
            if witness.context is Context.REQUEST:
                told = (id(witness.chain), witness.sink, witness.role, witness.in_loop)
                if told not in known:
                    known[told] = self._group(witness, groups)
                group = known[told]
                if group is not None:
                    group.add(sighting)
        return tuple(self._told(group) for group in groups.values())

    def _group(self, witness: Witness, groups: dict[tuple[str, str, str, int, int], _Group]) -> _Group | None:
        rule = self._rule(witness)
        if rule is None:
            return None
        key = (rule.code, witness.sink, witness.file, witness.line, witness.column)
        return groups.setdefault(key, _Group(rule, witness))

    def _rule(self, witness: Witness) -> Rule | None:
        return self.claims.rule(witness.sink, self._category(witness), self._places(witness))

    def _category(self, witness: Witness) -> Category:
        call = self.knowledge.call(witness.sink)
        return call.category if call else _guessed_category(witness)

    def _places(self, witness: Witness) -> Iterator[str]:
        if witness.in_loop:
            yield Place.LOOP
        if witness.role in PLACES_OF_ROLES:
            yield PLACES_OF_ROLES[witness.role]
        elif any(step.symbol.endswith(SHOWING) for step in witness.chain):
            yield Place.SERIALIZER
        if any(not step.file.endswith(".py") for step in witness.chain):
            yield Place.TEMPLATE
        if any(step.symbol in self.async_symbols for step in witness.chain):
            yield Place.EVENT_LOOP

    def _told(self, group: _Group) -> Finding:
        rule, witness = group.rule, group.witness
        call = self.knowledge.call(witness.sink)
        category = self._category(witness)
        replacement = call.replacement if call else rule.replacement
        return Finding(
            id="",
            rule=rule.code,
            category=category,
            sink=witness.sink,
            severity=_milder(rule, call),
            confidence=_weaker(group.confidence, call.confidence if call else Confidence.MEDIUM),
            context=witness.context,
            file=witness.file,
            line=witness.line,
            column=witness.column,
            symbol=witness.symbol,
            message=_message(rule, witness, in_loop=group.in_loop),
            chain=witness.chain,
            routes=tuple(sorted(group.routes)),
            cooperative=self._cooperates(call, category),
            effort=_effort(rule, call, replacement),
            fingerprint="",
            replacement=replacement,
            in_loop=group.in_loop,
        )

    def _cooperates(self, call: Call | None, category: Category) -> bool:
        if call is None:
            return self.driver_cooperates and category in {Category.DATABASE, Category.ORM_LAZY}
        by_driver = call.cooperative is Cooperative.DRIVER and self.driver_cooperates
        return call.cooperative is Cooperative.YES or by_driver


def _guessed_category(witness: Witness) -> Category:
    """Return what a reader's own witness is about: frameworks name effects that no library function stands for."""
    return Category.ORM_LAZY if witness.role in LAZY_ROLES else Category.DATABASE


def _milder(rule: Rule, call: Call | None) -> Severity:
    """Return the rule's severity, or the row's where that is milder."""
    order = list(Severity)
    return rule.severity if call is None else max(rule.severity, call.severity, key=order.index)


def _weaker(first: Confidence, second: Confidence) -> Confidence:
    return min(first, second, key=SURENESS.index)


def _message(rule: Rule, witness: Witness, *, in_loop: bool) -> str:
    text = rule.message.format(sink=_read(witness) or spoken(witness.sink))
    said = rule.place == Place.LOOP or not in_loop
    return text if said else f"{text}, in a loop"


def _read(witness: Witness) -> str:
    """Return "Book.author or Author.books in book.html"; "" where the sink is no attribute."""
    names = _few(witness.attributes)
    return f"{names} in {_few(witness.templates)}" if names and witness.templates else names


def _few(names: Sequence[str]) -> str:
    more = f" or {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return " or ".join(names[:MOST_NAMES]) + more


def _effort(rule: Rule, call: Call | None, replacement: Replacement | None) -> int:
    if call is not None and call.effort is not None:
        return call.effort
    known = replacement is not None or call is None or rule.effort == 0
    return rule.effort if known else UNKNOWN_EFFORT


def _is_before(chain: Sequence[Step], other: Sequence[Step]) -> bool:
    if len(chain) != len(other):
        return len(chain) < len(other)
    return [step.symbol for step in chain] < [step.symbol for step in other]


def of_obstacle(rule: Rule, obstacle: Obstacle) -> Finding:
    """Return what a rule by project found as a finding."""
    chain = obstacle.chain or (
        (Step(obstacle.symbol, obstacle.file, obstacle.line),) if obstacle.symbol else ()
    )
    return Finding(
        id="",
        rule=rule.code,
        category=obstacle.category,
        sink=obstacle.sink,
        severity=obstacle.severity or rule.severity,
        confidence=obstacle.confidence,
        context=Context.REQUEST,
        file=obstacle.file,
        line=obstacle.line,
        column=obstacle.column,
        symbol=obstacle.symbol,
        message=obstacle.message,
        chain=chain,
        routes=tuple(sorted(obstacle.routes)),
        cooperative=obstacle.category is not Category.PROCESS_STATE,
        effort=rule.effort if obstacle.effort is None else obstacle.effort,
        fingerprint="",
        replacement=obstacle.replacement,
    )


def fingerprint(finding: Finding) -> str:
    """Return what names a finding as long as its line may move: rule, path, symbol, sink and the chain's symbols."""
    chain = _digest(*(step.symbol for step in finding.chain))
    return _digest(finding.rule, finding.file, finding.symbol, finding.sink, chain)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def numbered(findings: Iterable[Finding], *, letter: str = "F") -> tuple[Finding, ...]:
    """Return the findings by place, with ids F1, F2, ... and fingerprints; the second of its kind ends in -2."""
    ordered = sorted(findings, key=lambda each: (each.file, each.line, each.column, each.rule, each.sink))
    seen: Counter[str] = Counter()
    told = []
    for number, finding in enumerate(ordered, start=1):
        mark = fingerprint(finding)
        seen[mark] += 1
        unique = mark if seen[mark] == 1 else f"{mark}-{seen[mark]}"
        told.append(replace(finding, id=f"{letter}{number}", fingerprint=unique))
    return tuple(told)
