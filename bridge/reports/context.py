"""What a renderer may ask for besides the report itself."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from bridge.analysis.model import Report
from bridge.reports.sources import SourceReader

__all__ = ["Earlier", "Missed", "RenderContext", "RouteWitness", "RuleText"]


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule's page says: its code, a name in a few words, one sentence, the page in Markdown.

    `url` is absolute, "" where there is none.
    """

    code: str
    name: str
    summary: str
    markdown: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A report of an earlier day; `label` is what its file is called."""

    label: str
    report: Report


@dataclass(frozen=True, slots=True)
class Missed:
    """A blocking call that a trace saw and the analysis did not find. `seconds` is the time it took in all."""

    route: str
    sink: str
    file: str
    line: int
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RouteWitness:
    """What a trace saw on a route: its requests, their blocking calls, and how long these took in all."""

    requests: int
    count: int
    seconds: float

    def __str__(self) -> str:
        """Return "12 in 0.350 s", the calls and their time."""
        return f"{self.count:,} in {self.seconds:,.3f} s" if self.count else "0"


@dataclass(frozen=True, slots=True)
class RenderContext:
    """How, and with what beside it, a report is rendered.

    `sources` gives the project's lines. `prefix` leads from the folder that readers stand in (of a repository, say) to
    the project's root: "" or "src/". `width` (columns), `color` and `encoding` matter to formats for a terminal
    only. `findings_only` leaves routes and plan out of what people read: it is what `check` shows. `route` is the id
    of the one route to show. `history` is the oldest first. `witnessed` has the routes that a trace saw requests to, by
    id; `missed` what it saw and the analysis did not. `hidden` is how many findings are left out, as they are not sure
    enough. `rules` may lack a code.
    """

    sources: SourceReader = field(default_factory=lambda: SourceReader(Path()))
    prefix: str = ""
    width: int = 80
    color: bool = False
    encoding: str = "utf-8"
    findings_only: bool = False
    route: str | None = None
    history: tuple[Earlier, ...] = ()
    witnessed: Mapping[str, RouteWitness] = field(default_factory=dict)
    missed: tuple[Missed, ...] = ()
    hidden: int = 0
    rules: Mapping[str, RuleText] = field(default_factory=dict)

    def title(self, report: Report) -> str:
        """Return what the project is called: the folder as it was given below us, else that folder's own name."""
        root = report.project.root
        below = (
            root not in {"", "."} and not PurePath(root).is_absolute() and ".." not in PurePath(root).parts
        )
        return root if below else self.sources.root.resolve().name or root

    def path(self, file: str) -> str:
        """Return a file's path as seen from where readers stand; "" stays ""."""
        return posixpath.normpath(f"{self.prefix}{file}") if file else ""

    def rule(self, code: str) -> RuleText:
        """Return what is known about a rule; its code alone where that is nothing."""
        return self.rules.get(code) or RuleText(code, code, code)
