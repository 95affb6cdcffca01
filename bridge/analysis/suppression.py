"""`# noqa: WB201` at the end of a line: what is found there is known and accepted.

Read from the tokens, so that a string with such words in it suppresses nothing. Codes of other tools are left alone,
and so is a bare `# noqa`: it was written for somebody else.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bridge.analysis.model import Finding
from bridge.analysis.rules.base import Obstacle

__all__ = ["Suppression", "suppressed", "suppressions_in"]

COMMENT = re.compile(r"#\s*noqa\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
OURS = re.compile(r"WB\d{3}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment's code in effect on a line."""

    file: str
    line: int
    column: int
    code: str


def suppressions_in(root: Path, files: Iterable[str]) -> tuple[Suppression, ...]:
    """Return the suppressions of `files`, which are relative to `root`; a file that cannot be read has none."""
    return tuple(each for file in files for each in _in_file(root, file))


def _in_file(root: Path, file: str) -> Iterable[Suppression]:
    try:
        content = (root / file).read_bytes()
    except OSError:
        return ()
    # Most files have no such comment, and tokenizing is slower than all else together.
    return _in_content(content, file) if b"noqa" in content.lower() and b"wb" in content.lower() else ()


def _in_content(content: bytes, file: str) -> list[Suppression]:
    found: list[Suppression] = []
    try:
        for token in tokenize.tokenize(io.BytesIO(content).readline):
            comment = COMMENT.search(token.string) if token.type == tokenize.COMMENT else None
            if comment:
                line, column = token.start
                codes = OURS.findall(comment["codes"])
                found.extend(Suppression(file, line, column + 1, code.upper()) for code in codes)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return found  # what was read up to there counts
    return found


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What is left, what was taken away, and the suppressions that took nothing."""

    kept: tuple[Finding, ...]
    taken: tuple[Finding, ...]
    unused: tuple[Obstacle, ...]


def suppressed(findings: Iterable[Finding], suppressions: Iterable[Suppression]) -> Suppressed:
    """Take away the findings on lines with a suppression of their rule."""
    known: Mapping[tuple[str, int, str], Suppression] = {
        (each.file, each.line, each.code): each for each in suppressions
    }
    used: set[tuple[str, int, str]] = set()
    kept: list[Finding] = []
    taken: list[Finding] = []
    for finding in findings:
        key = (finding.file, finding.line, finding.rule)
        if key in known:
            used.add(key)
            taken.append(finding)
        else:
            kept.append(finding)
    unused = tuple(_unused(known[key]) for key in known if key not in used)
    return Suppressed(tuple(kept), tuple(taken), unused)


def _unused(suppression: Suppression) -> Obstacle:
    return Obstacle(
        sink=f"# noqa: {suppression.code}",
        message=f"# noqa: {suppression.code} suppresses nothing: remove it",
        file=suppression.file,
        line=suppression.line,
        column=suppression.column,
    )
