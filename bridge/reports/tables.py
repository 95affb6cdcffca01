"""The guide's tables that say what formats, verdicts and points mean, from what the formats say."""

from __future__ import annotations

from bridge.reports.formats import FORMATS
from bridge.reports.wording import EFFORT_MEANING, VERDICT_MEANING

__all__ = ["efforts_table", "formats_table", "verdicts_table"]


def formats_table() -> str:
    """Return every format, what it is for, and the ends of file names that ask for it."""
    rows = [
        f"| `{name}` | {each.summary} | {', '.join(f'`{suffix}`' for suffix in each.suffixes)} |"
        for name, each in FORMATS.items()
    ]
    return _table("format", "what it is", "file names", rows=rows)


def verdicts_table() -> str:
    """Return every verdict and what it means."""
    return _table(
        "verdict", "meaning", rows=[f"| `{each.value}` | {text} |" for each, text in VERDICT_MEANING.items()]
    )


def efforts_table() -> str:
    """Return every number of points and what it stands for."""
    return _table("points", "meaning", rows=[f"| {each} | {text} |" for each, text in EFFORT_MEANING.items()])


def _table(*names: str, rows: list[str]) -> str:
    head = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    return "\n".join(["", *head, *rows, "", ""])
