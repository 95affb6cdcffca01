"""The project's source lines, for excerpts around a place."""

from __future__ import annotations

import re
import tokenize
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

__all__ = ["SourceLine", "SourceReader", "printable"]

LARGEST = 2 * 1024 * 1024  # bytes; what is larger was not analysed either
LONGEST = 240  # characters of a line; a minified line would fill the report
TAB = 4  # columns
# C0, DEL and C1, and what turns the reading direction: project text must not drive the reader's terminal.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return `text` with every character replaced that would move a cursor, colour a terminal or break a line."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of an excerpt; `marked` is the one that it is about."""

    number: int
    text: str
    marked: bool


@dataclass(slots=True)
class SourceReader:
    """Reads files below `root`, each once, and nothing outside: paths in a report are not trusted."""

    root: Path
    _lines: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def excerpt(self, file: str, line: int, *, before: int = 2, after: int = 2) -> tuple[SourceLine, ...]:
        """Return the lines around `line` (from 1), without blank ones at the ends; none where it cannot be read."""
        if file not in self._lines:
            self._lines[file] = self._read(file)
        lines = self._lines[file]
        if not 1 <= line <= len(lines):
            return ()
        numbers = list(range(max(1, line - before), min(len(lines), line + after) + 1))
        while numbers[0] < line and not lines[numbers[0] - 1].strip():
            del numbers[0]
        while numbers[-1] > line and not lines[numbers[-1] - 1].strip():
            del numbers[-1]
        return tuple(SourceLine(number, lines[number - 1], number == line) for number in numbers)

    def _read(self, file: str) -> tuple[str, ...]:
        path = self.root / file
        try:
            inside = path.resolve().is_relative_to(self.root.resolve())
            if not inside or not path.is_file() or path.stat().st_size > LARGEST:
                return ()
            content = path.read_bytes()
            encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
            text = content.decode(encoding)
        except (OSError, SyntaxError, ValueError, LookupError):  # unreadable, or no text
            return ()
        # Not splitlines(): form feeds and U+2028 end no line of Python.
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return tuple(_shown(each) for each in lines)


def _shown(line: str) -> str:
    text = printable(line.expandtabs(TAB).rstrip())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
