"""Two texts, line by line; the ends of lines and the white space before them say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from bridge.incremental.store.base import FieldValues

__all__ = ["text_differences"]

_ALIGNED_LIMIT = 2000  # lines: aligning takes quadratic time at worst


def text_differences(legacy: str, modern: str) -> Iterator[FieldValues]:
    """Yield `line N` for each line that differs; N is legacy's where it has one, counted from 1."""
    ours, theirs = ([line.rstrip() for line in text.rstrip().splitlines()] for text in (legacy, modern))
    if len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True), start=1):
            if one != other:
                yield FieldValues(f"line {number}", one, other)
        return
    yield FieldValues("lines", str(len(ours)), str(len(theirs)))
    if max(len(ours), len(theirs)) <= _ALIGNED_LIMIT:
        yield from _aligned(ours, theirs)


def _aligned(ours: list[str], theirs: list[str]) -> Iterator[FieldValues]:
    for kind, start, end, other_start, other_end in SequenceMatcher(None, ours, theirs).get_opcodes():
        if kind == "equal":
            continue
        for index in range(start, end):
            yield FieldValues(f"line {index + 1}", ours[index], None)
        for index in range(other_start, other_end):
            yield FieldValues(f"line {index + 1}", None, theirs[index])
