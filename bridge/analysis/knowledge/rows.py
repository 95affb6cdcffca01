"""What the knowledge base says, row by row.

Names are dotted, as people write them: `requests.get`, `builtins.open`, `sqlite3.Cursor.execute`. In a pattern `*`
stands for one part of a name and a last `**` for one or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge.analysis.model import Category, Confidence, DependencyStatus, Replacement, Severity

__all__ = ["Call", "Condition", "Cooperative", "Middleware", "Offloader", "Package", "TaskMarker"]


class Cooperative(str, Enum):
    """What a blocking call does in the greenlet lane."""

    YES = "yes"  # waits on Python sockets or on something that can be hooked: other requests go on
    NO = "no"  # waits inside C: it is sent to a thread
    DRIVER = "driver"  # as the database driver below it


@dataclass(frozen=True, slots=True)
class Condition:
    """An argument with which a call does not block: `acquire(blocking=False)` or `acquire(False)`."""

    keyword: str
    position: int | None  # 0 is the first after self; None: by keyword only
    value: bool | int | float | str


@dataclass(frozen=True, slots=True)
class Call:
    """A callable that blocks. `name` may be a pattern, of which `but` are last parts that do not block.

    `cooperative` is about the greenlet lane. `replacement` None: there is no async counterpart that we know of;
    `since` is the version of `replacement.package` that first has it, "" if not told. `implicit`: it runs where no call is
    written (a dunder, or an attribute that works when it is read). `unless`: it does not block if one of these holds.
    `evidence` is an address. `effort` None: what its rule says. `unverified` is why the name was never compared with
    the real library, "" if it was. `package` is a distribution's name, "" for the standard library.
    """

    name: str
    category: Category
    cooperative: Cooperative
    evidence: str
    package: str = ""
    replacement: Replacement | None = None
    since: str = ""
    severity: Severity = Severity.ERROR
    confidence: Confidence = Confidence.HIGH
    effort: int | None = None
    implicit: bool = False
    unless: tuple[Condition, ...] = ()
    but: frozenset[str] = frozenset()
    unverified: str = ""

    @property
    def is_pattern(self) -> bool:
        """Return whether the row is about more than one name."""
        return "*" in self.name


@dataclass(frozen=True, slots=True)
class Package:
    """A distribution and what it means to a migration.

    `imports` are the dotted names that it is imported by. `kind` is "framework", "flask-extension", "django-app",
    "driver", "server", "tool" or "library". `replacement` is a distribution's name (or a few words, as "asyncio"), "" where
    there is none or none is needed; `since` the version of it that has the async interface. `effort` is in points.
    """

    name: str
    imports: tuple[str, ...]
    status: DependencyStatus
    evidence: str
    kind: str = "library"
    replacement: str = ""
    since: str = ""
    note: str = ""
    effort: int = 0
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class Offloader:
    """A callable that runs another one in a thread, process or greenlet.

    The function is the argument at `position` (0 is the first after self) or the one called `keyword`. `wraps`: it
    gives back a function, which offloads when it is called.
    """

    name: str
    position: int
    keyword: str
    evidence: str
    wraps: bool = False
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class TaskMarker:
    """A decorator (or a class, `is_base`) whose functions run in a worker or a command, and not in a request."""

    name: str
    context: str  # "task" or "command"
    evidence: str
    is_base: bool = False
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class Middleware:
    """What stands around requests: `async_capable` tells whether it can without a thread."""

    name: str
    async_capable: bool
    evidence: str
    note: str = ""
    replacement: str = ""
    unverified: str = ""
