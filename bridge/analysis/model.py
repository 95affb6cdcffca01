"""What the analysis hands from one step to the next, and the report that comes out.

    project -> solved state -> entry points -> effects -> findings -> verdicts -> plan
    (project)  (solving)       (frameworks)    (effects)   (rules)     (verdicts)  (planning)

Every step reads what stands left of it and none to its right. The classes below are the borders; `Report` is
what the formats of `bridge.reports` print, field by field the JSON of schema_version 1.

Files are relative to the project's root, with slashes; lines count from 1, columns from 1; 0 means unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = [
    "Category",
    "Confidence",
    "Context",
    "Dependency",
    "DependencyStatus",
    "Discovery",
    "EntryPoint",
    "Finding",
    "Middleware",
    "MiddlewareReport",
    "PackageSwap",
    "Plan",
    "ProjectFacts",
    "PythonError",
    "Replacement",
    "Report",
    "Root",
    "Route",
    "RouteReport",
    "Severity",
    "Step",
    "Summary",
    "Unit",
    "Verdict",
    "Wave",
    "Witness",
]


class Category(str, Enum):
    """What a blocking call does while it blocks."""

    NETWORK = "network"
    DATABASE = "database"
    ORM_LAZY = "orm-lazy"  # a query that no call shows: an attribute, a loop over a queryset, a template
    FILE = "file"
    SLEEP = "sleep"
    LOCK = "lock"
    SUBPROCESS = "subprocess"
    CPU = "cpu"
    THREAD_LOCAL = "thread-local"
    PROCESS_STATE = "process-state"


class Context(str, Enum):
    """When code runs."""

    REQUEST = "request"
    STARTUP = "startup"
    TASK = "task"  # in a worker of Celery, RQ, ...
    COMMAND = "command"  # management and click commands
    TEST = "test"
    OFFLOADED = "offloaded"  # handed to a thread by the application itself


class Confidence(str, Enum):
    """How sure a statement is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Severity(str, Enum):
    """How much a finding matters to a migration."""

    ERROR = "error"  # blocks
    WARNING = "warning"  # may block, or must be looked at
    INFO = "info"


class Verdict(str, Enum):
    """What becomes of a route; the order is from the least work to the most."""

    READY = "ready"
    OFFLOAD = "offload"
    GREENLET = "greenlet"
    KEEP_SYNC = "keep-sync"
    REWRITE = "rewrite"
    REDESIGN = "redesign"


class DependencyStatus(str, Enum):
    """What a package means to a migration."""

    BLOCKING = "blocking"
    ASYNC_READY = "async-ready"
    WSGI_ONLY = "wsgi-only"
    NEUTRAL = "neutral"
    UNKNOWN = "unknown"


# --- frameworks -> effects ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Root:
    """Something that runs whenever its route (task, command, ...) does.

    `function` is a FUNCTION or BOUND value of the solved state, -1 for a module's body, and `instance` the instance that it was entered
    as; `role` says why it runs: "handler", "before_request", "middleware", "signal", "template", "serializer".
    """

    function: int
    instance: int
    symbol: str
    role: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Route:
    """One row of a route table, as the framework has it.

    `methods` are sorted, without HEAD and OPTIONS unless they are all there is; empty: every method. `path` is as
    the framework writes it, prefixes applied, with a leading slash. `roots` come in the order in which they run.
    `handler` is the qualified name of what the user wrote, `file` and `line` where it stands (a library's: is added).
    """

    framework: str
    methods: tuple[str, ...]
    path: str
    handler: str
    file: str
    line: int
    roots: tuple[Root, ...]
    is_async: bool = False
    extra: tuple[Witness, ...] = ()  # effects that no call shows: a lazy query in a template, ATOMIC_REQUESTS
    condition: str = ""  # what its registration depends on and nobody can tell: a setting, as it is written

    @property
    def id(self) -> str:
        """Return "GET,POST /path", or "ANY /path"."""
        return f"{','.join(self.methods) or 'ANY'} {self.path}"


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """Where code starts to run that serves no route."""

    context: Context
    name: str
    roots: tuple[Root, ...]


@dataclass(frozen=True, slots=True)
class Middleware:
    """What stands around every request, the outermost first. `async_capable` None: not known."""

    name: str
    file: str
    line: int
    async_capable: bool | None
    roots: tuple[Root, ...] = ()
    note: str = ""
    kind: str = ""  # "wsgi" for what wraps the WSGI callable; anything else stands inside the framework


@dataclass(frozen=True, slots=True)
class Discovery:
    """What the frameworks' readers found."""

    frameworks: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    middleware: tuple[Middleware, ...] = ()
    entry_points: tuple[EntryPoint, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)  # what rules ask for: ATOMIC_REQUESTS, ...
    unread: tuple[str, ...] = ()  # what could not be followed, in words: "the path of add_url_rule at f.py:3"
    crashed: tuple[str, ...] = ()  # readers that failed, each with its error


# --- effects -> rules ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One link of a chain: in `symbol`, the call at `file`:`line` leads to the next link, the last to the sink."""

    symbol: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Witness:
    """A blocking call that a root reaches, by the shortest chain.

    `sink` is the canonical name of a knowledge row, `written` the name as the user's code has it. `file`, `line`,
    `column` and `symbol` say where the call stands: in the project's own code, always. `in_loop`: a call of the chain
    stands in a loop. `context` is `OFFLOADED` where every way to it goes through a thread of the application's.
    """

    sink: str
    written: str
    symbol: str
    file: str
    line: int
    column: int
    chain: tuple[Step, ...]
    role: str = "handler"
    in_loop: bool = False
    context: Context = Context.REQUEST
    confidence: Confidence = Confidence.HIGH
    attributes: tuple[str, ...] = ()  # "Book.author" where the sink is a lazy attribute
    templates: tuple[str, ...] = ()  # that read them; () where Python does


@dataclass(frozen=True, slots=True)
class Replacement:
    """What to write instead. `package` is a distribution's name, "" for the standard library."""

    package: str
    call: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One blocking call (or one obstacle) with everything that was found out about it.

    `cooperative`: it may run in the greenlet lane unchanged. `fingerprint` has no line numbers in it: rule, path,
    symbol, sink and a hash of the chain's symbols. `routes` are ids.
    """

    id: str
    rule: str
    category: Category | None
    sink: str
    severity: Severity
    confidence: Confidence
    context: Context
    file: str
    line: int
    column: int
    symbol: str
    message: str
    chain: tuple[Step, ...]
    routes: tuple[str, ...]
    cooperative: bool
    effort: int  # points: 0 info, 1 swap, 3 documented change, 5 redesign, 7 new architecture, 13 unknown
    fingerprint: str
    replacement: Replacement | None = None
    in_loop: bool = False
    witnessed: int | None = None  # how often a trace saw it; None: there was no trace


@dataclass(frozen=True, slots=True)
class RouteReport:
    """A route with its verdict. `lane` is the executor that suits it today: thread, greenlet or stream; and why."""

    id: str
    methods: tuple[str, ...]
    path: str
    framework: str
    handler: str
    file: str
    line: int
    verdict: Verdict
    lane: str
    lane_reason: str
    effort: int
    confidence: Confidence
    resolved_calls: float  # 0 to 1
    reasons: tuple[str, ...]
    findings: tuple[str, ...]  # ids
    library: str = ""  # the package that the view stands in, "" for the project's own


@dataclass(frozen=True, slots=True)
class MiddlewareReport:
    """A middleware and the findings inside it."""

    name: str
    file: str
    line: int
    async_capable: bool | None
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that the project uses, declared or imported at `file`:`line`. `version` "" where none is pinned."""

    name: str
    version: str
    status: DependencyStatus
    replacement: str
    evidence: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """Functions that change together: one, or a cycle. `unblocks` are ids of routes free once all up to here is done."""

    symbols: tuple[str, ...]
    unblocks: tuple[str, ...]
    actions: tuple[str, ...]
    effort: int
    routes: tuple[str, ...] = ()  # every route that runs through it


@dataclass(frozen=True, slots=True)
class Wave:
    """Units that may change at the same time, `order` counting from 1."""

    order: int
    effort: int
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class PackageSwap:
    """A package whose exchange comes before any function: how much it frees."""

    name: str
    replacement: str
    findings: int
    routes: tuple[str, ...]
    effort: int


@dataclass(frozen=True, slots=True)
class Plan:
    """In what order. `critical_path`: the longest chain of units that wait for each other, leaves first. `shared`: the
    functions that block themselves, the most routes per point first, each unblocking with all before it.
    """

    waves: tuple[Wave, ...] = ()
    packages_first: tuple[PackageSwap, ...] = ()
    critical_path: tuple[str, ...] = ()
    shared: tuple[Unit, ...] = ()


@dataclass(frozen=True, slots=True)
class PythonError:
    """A file that could not be read, or not whole."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What was analysed."""

    root: str
    files: int
    lines: int
    frameworks: tuple[str, ...]
    python_errors: tuple[PythonError, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The report in numbers. `verdicts` has every verdict as a key."""

    routes: int
    verdicts: Mapping[Verdict, int]
    findings: int
    effort: int
    resolved_calls: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found out; `crashed` are the rules that failed, `accepted` findings count in verdicts only."""

    project: ProjectFacts
    summary: Summary
    routes: tuple[RouteReport, ...]
    findings: tuple[Finding, ...]
    middleware: tuple[MiddlewareReport, ...]
    dependencies: tuple[Dependency, ...]
    plan: Plan
    crashed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    accepted: tuple[Finding, ...] = ()
