"""Shows a `CommandError` to a person: wrapped and coloured on a terminal, whole lines elsewhere."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from bridge.cli.errors import CommandError

__all__ = ["complain"]

UNWRAPPED = 1_000_000  # columns: a log file's reader wraps, and searches, better than we do


def complain(error: CommandError, *, console: Console | None = None) -> None:
    """Print `error` to `console` (None: standard error)."""
    console = console or Console(stderr=True)
    width = console.width if console.is_terminal else UNWRAPPED
    for line in _lines(error, width):
        console.print(line, soft_wrap=True, highlight=False)


def _lines(error: CommandError, width: int) -> Iterator[Text]:
    first, *rest = _wrap(f"Error: {error.summary}", width)
    yield Text.assemble(("Error:", "bold red"), first.removeprefix("Error:"))
    yield from map(Text, rest)
    if error.facts:
        yield Text()
        yield from _facts(error, width)
    if error.advice:
        yield Text()
        for line in error.advice:
            yield from (Text(part, style="bold" if _is_command(line) else "") for part in _wrap(line, width))


def _facts(error: CommandError, width: int) -> Iterator[Text]:
    name_width = max(len(name) for name, _ in error.facts)
    margin = " " * (name_width + 4)
    for name, value in error.facts:
        first, *rest = [part for line in value.splitlines() for part in _wrap(line, width - len(margin))]
        yield Text.assemble((f"  {name:<{name_width}}  ", "dim"), first)
        yield from (Text(margin + part) for part in rest)


def _wrap(line: str, width: int) -> list[str]:
    # A command, a path or a line of somebody's program is copied and pasted: it is never broken.
    if line.startswith(" ") or _is_command(line):
        return [line]
    return textwrap.wrap(line, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def _is_command(line: str) -> bool:
    return line.startswith(("  ", "pip install ", "wsgi-bridge ", "uvicorn "))
