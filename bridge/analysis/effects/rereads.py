"""What a route loads once: a lazy attribute that is read again is there, and so is a session.

The order of reads is taken from the source: of two chains the one comes first whose line is the smaller where they
part. That says nothing of which object is read, so a second read is not left out but said with low confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.analysis.model import Confidence, Witness

__all__ = ["doubted"]


def doubted(witnesses: Sequence[Witness]) -> tuple[Witness, ...]:
    """Return a route's witnesses, in the order of its roots, with low confidence where an attribute is read again."""
    first: dict[str, list[Witness]] = {}
    again: set[int] = set()
    for each in sorted((each for each in witnesses if each.attributes), key=_lines):
        before = [first.setdefault(name, []) for name in each.attributes]
        if all(any(_may_be_there(each, earlier) for earlier in reads) for reads in before):
            again.add(id(each))
        for reads in before:
            reads.append(each)
    return tuple(
        replace(each, confidence=Confidence.LOW) if id(each) in again else each for each in witnesses
    )


def _lines(witness: Witness) -> tuple[int, ...]:
    """Return where in the source a chain stands, beside chains of the same root."""
    return tuple(step.line for step in witness.chain)


def _may_be_there(later: Witness, earlier: Witness) -> bool:
    """Return whether what is read may be what was read earlier.

    Each round of a loop has another object, but for what the same round has read: the one read stands in the
    function through which the way to the other leads.
    """
    way = min(len(later.chain), len(earlier.chain)) - 1
    return not later.in_loop or later.chain[:way] == earlier.chain[:way]
