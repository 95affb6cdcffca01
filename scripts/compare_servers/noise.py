"""What differs between two answers of the same server: learned as a template that a third must fit.

A text is cut into words and what stands between them. Where two texts agree the template has a literal, where
they don't a gap: a token, a time, an order that the application does not promise.

    waitress         <b>7</b> token=k3Jx9 <i>
    waitress again   <b>7</b> token=Qq07z <i>
    template         "<b>7</b> token=" gap " <i>"

A third text fits when it has all literals in this order, from its first character to its last. A gap may grow
a little beyond what was seen, so that a missing or added paragraph can't hide in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

__all__ = ["Template", "learn"]

SLACK = 64  # characters by which a gap may exceed twice what was seen; arbitrary, a token and a word or two
COINCIDENCE = 8  # characters: a shorter literal between two gaps is no landmark, random texts share such
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WORD = re.compile(r"[\w.+/=-]+|\s+|.", re.DOTALL)  # base64, hex, times and decimals are one word


@dataclass(frozen=True, slots=True)
class Template:
    """`literals` in order with a gap between each two; `limits[i]`: characters that gap i may hold."""

    literals: tuple[str, ...]
    limits: tuple[int, ...]

    @property
    def noisy(self) -> bool:
        """Whether there is any gap."""
        return bool(self.limits)

    def maybe_misfit(self, text: str) -> int | None:
        """Return where `text` stops fitting, None when it fits.

        Each literal is looked for as early as it can be: gaps take whatever comes, so an earlier place never
        spoils a later one. Only the limits may then refuse a text that another placing would allow; the
        slack makes up for that.
        """
        first, last = self.literals[0], self.literals[-1]
        if not self.limits:
            return None if text == first else _common_prefix(text, first)
        if not text.startswith(first):
            return _common_prefix(text, first)
        at = len(first)
        for literal, limit in zip(self.literals[1:-1], self.limits, strict=False):
            found = text.find(literal, at, at + limit + len(literal))
            if found < 0:
                return at
            at = found + len(literal)
        gap = len(text) - len(last) - at
        return None if text.endswith(last) and 0 <= gap <= self.limits[-1] else at


def learn(one: str, other: str) -> Template:
    """Return the template that both texts fit."""
    if one == other:
        return Template((one,), ())
    literals, limits = [""], []
    for same, left, right in _runs(one, other):
        if same:
            literals[-1] += left
        else:
            limits.append(2 * max(len(left), len(right)) + SLACK)
            literals.append("")
    return Template(tuple(literals), tuple(limits))


def _runs(one: str, other: str) -> Iterator[tuple[bool, str, str]]:
    """Agreeing and differing stretches in turn: lines first, since they are few, then words within them."""
    pending, agreed = ("", ""), ""
    for same, left, right in _by_words(one, other):
        if same:
            agreed += left
        elif left or right:
            if pending != ("", "") and len(agreed) < COINCIDENCE:
                pending = (pending[0] + agreed + left, pending[1] + agreed + right)
            else:
                yield from _settled(pending, agreed)
                pending = (left, right)
            agreed = ""
    yield from _settled(pending, agreed)


def _settled(pending: tuple[str, str], agreed: str) -> Iterator[tuple[bool, str, str]]:
    """A gap and the literal after it, each if there is one."""
    if pending != ("", ""):
        yield False, *pending
    if agreed:
        yield True, agreed, agreed


def _by_words(one: str, other: str) -> Iterator[tuple[bool, str, str]]:
    for same, left, right in _matched(_LINE.findall(one), _LINE.findall(other)):
        if same:
            yield same, left, right
        else:
            yield from _matched(_WORD.findall(left), _WORD.findall(right))


def _matched(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    yield False, "".join(one[: blocks[0].a]), "".join(other[: blocks[0].b])
    for block, following in pairwise(blocks):
        end_a, end_b = block.a + block.size, block.b + block.size
        yield True, "".join(one[block.a : end_a]), "".join(other[block.b : end_b])
        yield False, "".join(one[end_a : following.a]), "".join(other[end_b : following.b])


def _common_prefix(one: str, other: str) -> int:
    length = min(len(one), len(other))
    return next((at for at in range(length) if one[at] != other[at]), length)
