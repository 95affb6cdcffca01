"""What the formats for people say, in the same words everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bridge.analysis.model import Finding, Replacement, Severity, Verdict
from bridge.analysis.spoken import spoken

__all__ = [
    "EFFORT_MEANING",
    "SEVERITY_ORDER",
    "VERDICT_MEANING",
    "actions_together",
    "advice",
    "counted",
    "finding_facts",
    "one_line",
    "percentages",
    "points",
    "routes_hint",
    "sentence",
]

VERDICT_MEANING: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.READY: "nothing blocks",
        Verdict.OFFLOAD: "stays sync, in the thread lane",
        Verdict.GREENLET: "runs in the greenlet lane, unchanged",
        Verdict.KEEP_SYNC: "only computes: migration would not pay",
        Verdict.REWRITE: "async replacements exist for all it calls",
        Verdict.REDESIGN: "kept in a thread, or a wait has no way out",
    }
)
EFFORT_MEANING: Mapping[int, str] = MappingProxyType(
    {
        0: "nothing to change",
        1: "a library swap",
        3: "a documented change",
        5: "a local redesign",
        7: "another architecture",
        13: "not known",
    }
)
SEVERITY_ORDER = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return "1 route", "2 routes", "1,200 routes"."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def percentages(counts: Sequence[int]) -> list[int]:
    """Return the shares of `counts` in whole percent, which add up to 100; all 0 where there is nothing.

    What rounding down leaves goes to the largest remainders, of equal ones to the first.
    """
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    shares = [count * 100 // total for count in counts]
    by_remainder = sorted(range(len(counts)), key=lambda index: -(counts[index] * 100 % total))
    for index in by_remainder[: 100 - sum(shares)]:
        shares[index] += 1
    return shares


def points(effort: int) -> str:
    """Return "1 point", "3 points"."""
    return counted(effort, "point")


def one_line(text: str) -> str:
    """Return `text` with runs of white space, line ends among them, as one space."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """Return `text` with a full stop at its end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def advice(replacement: Replacement) -> str:
    """Return "psycopg.AsyncConnection.connect (package psycopg); note"."""
    package = f" (package {replacement.package})" if replacement.package else ""
    note = f"; {replacement.note}" if replacement.note else ""
    call = spoken(replacement.call)
    return one_line(f"{call or replacement.package}{package if call else ''}{note}")


def finding_facts(finding: Finding) -> str:
    """Return what is to be known about a finding beside its message, separated by commas."""
    facts = [finding.category.value] if finding.category else []
    if finding.context.value != "request":
        facts.append(
            f"at {finding.context.value}" if finding.context.value == "startup" else finding.context.value
        )
    facts.append(f"{finding.confidence.value} confidence")
    if finding.category and finding.cooperative:  # without one nothing waits
        facts.append("cooperative in the greenlet lane")
    if finding.in_loop:
        facts.append("in a loop")
    if finding.witnessed is not None:
        facts.append(
            f"witnessed {counted(finding.witnessed, 'time')}" if finding.witnessed else "not witnessed"
        )
    return ", ".join(facts)


PLACED = re.compile(r"(?P<file>\S+):(?P<line>\d+): (?P<what>.+)", re.DOTALL)


def actions_together(actions: Sequence[str]) -> list[str]:
    """Return what to do, each thing once with all its places: "shop/db.py:7, 9: psycopg2.connect -> ..."."""
    places: dict[str, dict[str, list[str]]] = {}
    for each in actions:
        found = PLACED.fullmatch(each)
        lines = places.setdefault(found["what"] if found else each, {})
        if found:
            lines.setdefault(found["file"], []).append(found["line"])
    return [
        ", ".join(f"{file}:{', '.join(dict.fromkeys(lines))}" for file, lines in files.items())
        + f"{': ' if files else ''}{what}"
        for what, files in places.items()
    ]


def routes_hint(routes: Sequence[str]) -> str:
    """Return "GET /users and 2 other routes", "" for none."""
    if not routes:
        return ""
    others = f" and {counted(len(routes) - 1, 'other route')}" if len(routes) > 1 else ""
    return f"{routes[0]}{others}"
