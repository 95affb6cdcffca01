"""Colours and characters: every verdict has both, so a report without colour says as much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from bridge.analysis.model import Severity, Verdict
from bridge.reports.sources import printable

__all__ = ["SEVERITY_STYLE", "VERDICT_STYLE", "Glyphs", "heading", "plain", "table"]

VERDICT_STYLE: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.READY: "green",
        Verdict.OFFLOAD: "blue",
        Verdict.GREENLET: "cyan",
        Verdict.KEEP_SYNC: "bright_black",  # white is not to be seen on a light background
        Verdict.REWRITE: "yellow",
        Verdict.REDESIGN: "red",
    }
)
SEVERITY_STYLE: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold blue"}
)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that an encoding has. `verdicts` are in the order of `Verdict`."""

    verdicts: str
    arrow: str
    pointer: str
    bar: str
    ellipsis: str

    @classmethod
    def of(cls, encoding: str) -> Glyphs:
        """Return those for an output in `encoding`."""
        return UNICODE if encoding.lower().startswith("utf") else ASCII

    def verdict(self, verdict: Verdict) -> str:
        """Return the character that a verdict has in the bar."""
        return self.verdicts[list(Verdict).index(verdict)]


UNICODE = Glyphs(
    verdicts="█▒▓░▚\N{BOX DRAWINGS LIGHT DIAGONAL CROSS}", arrow="→", pointer="❱", bar="│", ellipsis="…"
)
ASCII = Glyphs(verdicts="#=+.%X", arrow="->", pointer=">", bar="|", ellipsis="...")


def plain(text: str, style: str = "") -> Text:
    """Return project text as it is, without markup and without control characters."""
    return Text(printable(text), style=style)


def heading(text: str) -> Text:
    """Return a line over a part, with an empty one before it."""
    return Text.assemble("\n", (printable(text), "bold"))


def table(*, header: bool = True) -> Table:
    """Return a table without frame."""
    return Table(box=SIMPLE_HEAD if header else None, show_header=header, pad_edge=False, show_edge=False)
