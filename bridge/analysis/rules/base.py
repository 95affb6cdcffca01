"""The contract of a rule.

A rule stands in a module of its own, which holds one `RULE` and a docstring in Markdown: a sentence, then the
sections of `SECTIONS`, with code indented by four spaces. `wsgi-bridge explain` and the pages of
migration_guide/rules/ print that docstring.

There are three kinds, by what a rule looks at:

    by call       `sinks` and `categories`: it takes blocking calls that the knowledge base knows
    by place      `takes_over`: codes of other rules, whose calls it reports under its own code where they stand
                  on an event loop, in a template, in a loop, ...
    by project    `obstacles`: a function that looks at the whole analysis

Every blocking call goes to exactly one rule (see `claiming.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.analysis.knowledge import Knowledge
from bridge.analysis.model import (
    Category,
    Confidence,
    Dependency,
    DependencyStatus,
    Discovery,
    Middleware,
    Replacement,
    Root,
    Severity,
    Step,
)
from bridge.analysis.project import Project
from bridge.analysis.solving.state import State

__all__ = ["SECTIONS", "Inspection", "Obstacle", "Place", "Rule"]

SECTIONS = ("What it does", "Why it blocks", "Example", "Use instead", "References")


class Place:
    """Where a call stands, as far as a rule by place asks: the values of `Rule.place`."""

    EVENT_LOOP = "event-loop"
    TEMPLATE = "template"
    SERIALIZER = "serializer"
    SIGNAL = "signal"
    LOOP = "loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a rule by project may look at.

    `dependencies` are those that the project declares or imports. `routes` says which routes (ids) may run a scope
    of the program; a scope that none runs is not in it, and of those in `doubtful` nobody can tell whether they run. By route id: `resolved` is the share of resolved calls,
    `calls` how many calls there are. `scopes_of` returns the scopes that roots may run.
    """

    project: Project
    state: State
    discovery: Discovery
    knowledge: Knowledge
    dependencies: tuple[Dependency, ...] = ()
    routes: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    doubtful: frozenset[int] = frozenset()
    resolved: Mapping[str, float] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)
    scopes_of: Callable[[Sequence[Root]], frozenset[int]] = lambda _: frozenset()
    thread_locals: list[Any] = field(default_factory=list)  # what `thread_locals.uses` remembers

    @property
    def route_ids(self) -> tuple[str, ...]:
        """Return the id of every route."""
        return tuple(route.id for route in self.discovery.routes)

    def extensions(self, status: DependencyStatus) -> Iterator[Dependency]:
        """Yield the dependencies with this status that extend a framework and are none themselves."""
        for each in self.dependencies:
            package = self.knowledge.package(each.name)
            if each.status is status and package is not None and package.kind != "framework":
                yield each

    def behind(self, middleware: Middleware) -> tuple[str, ...]:
        """Return the ids of the routes that `middleware` stands around: those that name it as a root, else all."""
        symbols = {root.symbol for root in middleware.roots}
        named = tuple(
            route.id
            for route in self.discovery.routes
            if symbols & {root.symbol for root in route.roots if root.role == "middleware"}
        )
        return named or self.route_ids

    def obstacle_of(self, middleware: Middleware, message: str) -> Obstacle:
        """Return an obstacle that is a middleware itself, in the way of all routes behind it."""
        return Obstacle(
            sink=middleware.name,
            message=message,
            symbol=middleware.name,
            file=middleware.file,
            line=middleware.line,
            routes=self.behind(middleware),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """What a rule by project found. `effort` None: the rule's own; `message` completes "file:line: "."""

    sink: str
    message: str
    symbol: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    routes: tuple[str, ...] = ()
    chain: tuple[Step, ...] = ()
    effort: int | None = None
    category: Category | None = None
    confidence: Confidence = Confidence.HIGH
    severity: Severity | None = None
    replacement: Replacement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule is called, what it takes, and what its findings weigh.

    `message` is a sentence with `{sink}` in it. `sinks` are dotted names, each with all below it; the longest that
    fits wins over all rules. `categories`: what nobody claims by name. `effort` counts where the knowledge row
    names none. `binds`: what is found here is bound to a thread or to an order of calls, so no lane and no library
    makes it right in an async view. `replacement`: of calls that the knowledge base has no row for. `place` and `takes_over` (prefixes of codes) make a rule by place.
    """

    code: str
    name: str
    message: str
    severity: Severity = Severity.ERROR
    effort: int = 1
    sinks: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    binds: bool = False
    place: str = ""
    takes_over: tuple[str, ...] = ()
    replacement: Replacement | None = None
    obstacles: Callable[[Inspection], Iterable[Obstacle]] | None = None
