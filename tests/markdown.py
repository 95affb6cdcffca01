"""Reads the fenced blocks of the project's Markdown documents, so that tests can run them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["DOCUMENTS", "ROOT", "Block", "blocks", "commands"]

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "migration_guide").rglob("*.md")),
]

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `info` is what stands behind the fence, `python` or `python no-run: reason`, say."""

    path: Path
    line: int  # of its fence, counted from 1
    info: str
    text: str

    @property
    def language(self) -> str:
        """Return the first word of the info; an empty one where the fence is bare."""
        return self.info.split(" ")[0]

    def __str__(self) -> str:
        """Return where it stands, as an editor opens it."""
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Return every block in one of these languages, of every document."""
    return [block for path in DOCUMENTS for block in _blocks_of(path) if block.language in languages]


def _blocks_of(path: Path) -> Iterator[Block]:
    text = path.read_text("utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        indent = re.compile(f"^{found['indent']}", re.MULTILINE)
        yield Block(path, line, found["info"].strip(), indent.sub("", found["text"]))


def commands(block: Block) -> list[list[str]]:
    """Return the commands of a shell block as lists of words.

    `console` shows a session, where commands follow a `$`; `bash` and `sh` hold nothing else.
    """
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    return [words for line in lines if (words := shlex.split(line, comments=True))]
