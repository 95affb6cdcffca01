"""Asks waitress, the bridge and waitress again, and keeps what was found."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from scripts.compare_servers.difference import Comparison, Difference, compare
from scripts.compare_servers.exchange import Answer, Client, Request

__all__ = ["Answers", "Clients", "Finding", "Findings", "Requests", "Trio"]

REPEATS = 2  # how often a difference at a safe request must be seen again before it counts


class Answers(NamedTuple):
    """In the order of asking."""

    waitress: Answer
    bridge: Answer
    again: Answer


class Clients(NamedTuple):
    """One for each server."""

    waitress: Client
    bridge: Client
    again: Client


Requests = tuple[Request, Request, Request]  # they differ where a server's own token goes with them


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference, with the request as a person reads it and the part of the journey it was made in."""

    phase: str
    request: str
    difference: Difference


@dataclass(slots=True)
class Findings:
    """`compared`: requests by phase. `passing`: differences that were gone when asked again."""

    compared: dict[str, int] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    noisy: int = 0
    undecided: list[str] = field(default_factory=list)
    passing: int = 0
    found: list[Finding] = field(default_factory=list)


class Trio:
    """Every request goes through here, so every answer is compared and counted once."""

    def __init__(self, clients: Clients, *, ignored: Collection[str] = ()) -> None:
        self.clients = clients
        self.findings = Findings()
        self.phase = ""
        self._ignored = frozenset(name.lower() for name in ignored)

    def ask(self, request: Request) -> Answers:
        """The same request to all."""
        return self.ask_each((request, request, request))

    def ask_each(self, requests: Iterable[Request]) -> Answers:
        """To each server its own request; the first one names it in the report."""
        own = tuple(requests)
        answers = self._exchange(own)
        comparison = self._compare(answers)
        for _ in range(REPEATS):
            if not comparison.differences or not own[0].safe:
                break
            repeated = self._compare(self._exchange(own))
            self.findings.passing += not repeated.differences
            comparison = repeated if not repeated.differences else comparison
        self._record(own[0], answers, comparison)
        return answers

    def _exchange(self, requests: tuple[Request, ...]) -> Answers:
        return Answers(*(client.ask(request) for client, request in zip(self.clients, requests, strict=True)))

    def _compare(self, answers: Answers) -> Comparison:
        return compare(*answers, ignored=self._ignored)

    def _record(self, request: Request, answers: Answers, comparison: Comparison) -> None:
        kept, status = self.findings, answers.waitress.status
        kept.compared[self.phase] = kept.compared.get(self.phase, 0) + 1
        kept.statuses[status] = kept.statuses.get(status, 0) + 1
        kept.noisy += comparison.noisy
        if comparison.undecided:
            statuses = " / ".join(answer.broken or str(answer.status) for answer in answers)
            kept.undecided.append(f"{request}: {statuses}")
        kept.found += [Finding(self.phase, str(request), difference) for difference in comparison.differences]
