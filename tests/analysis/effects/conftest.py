"""Small projects, and what a function of them reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.analysis.effects import Effects, Reached, effects_of
from bridge.analysis.knowledge.rows import Condition
from bridge.analysis.model import Root
from bridge.analysis.project import read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.library import Library
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.state import State
from tests.analysis.making import write_modules

Reach = Callable[..., Reached]

SINKS = frozenset(
    {
        "time.sleep",
        "requests.get",
        "requests.Session.get",
        "sqlite3.connect",
        "sqlite3.Connection.execute",
        "sqlite3.Cursor.execute",
        "sqlite3.Cursor.__iter__",
        "smtplib.SMTP",
        "smtplib.SMTP.sendmail",
        "builtins.open",
        "io.TextIOWrapper.read",
        "orm.QuerySet.__iter__",
        "orm.QuerySet.__len__",
        "orm.QuerySet.__bool__",
        "orm.QuerySet.__getitem__",
        "orm.Row.parent",
        "celery.Task.delay",
        "threading.Thread.start",
        "threading.Lock.acquire",
    }
)

LIBRARY = Library.make(
    types={
        "sqlite3.connect": "sqlite3.Connection",
        "sqlite3.Connection.cursor": "sqlite3.Cursor",
        "sqlite3.Connection.execute": "sqlite3.Cursor",
        "sqlite3.Cursor.__iter__": "sqlite3.Row",
        "builtins.open": "io.TextIOWrapper",
        "orm.query": "orm.QuerySet",
        "orm.QuerySet.__iter__": "orm.Row",
        "orm.QuerySet.__getitem__": "orm.Row",
        "orm.transaction": "orm.Transaction",
        "orm.Transaction.__enter__": "sqlite3.Connection",
        "celery.Celery.task": "celery.Task",
        "concurrent.futures.ThreadPoolExecutor.submit": "concurrent.futures.Future",
        "threading.Thread": "threading.Thread",
    },
    implicit=[name for name in SINKS if "__" in name or name == "orm.Row.parent"],
    offloaders=[
        "asyncio.to_thread",
        "asgiref.sync.sync_to_async",
        "threading.Thread",
        "threading.Timer",
        "concurrent.futures.ThreadPoolExecutor.submit",
        "anyio.to_thread.run_sync",
        "starlette.concurrency.run_in_threadpool",
    ],
    members=SINKS,
)


class Known:
    """The sinks above; a lock that is not waited for does not block."""

    def sink_name(self, name: str) -> str | None:
        return name if name in SINKS else None

    def conditions(self, name: str) -> tuple[Condition, ...]:
        return (Condition("blocking", 0, value=False),) if name == "threading.Lock.acquire" else ()


def solved(folder: Path, files: dict[str, str]) -> State:
    """Write `files` (pkg__mod is pkg/mod.py) and return the solved state."""
    write_modules(folder, files)
    project = read_project(folder)
    return solve(Program(project.modules, package=project.package), library=LIBRARY)


def root(state: State, symbol: str, role: str = "handler") -> Root:
    """Return the root for the function called `symbol`, as it was entered first."""
    program = state.program
    for number, instance in enumerate(state.instances):
        scope = program.scopes[instance.scope]
        if program.qualified(instance.scope) == symbol and scope.kind != "class":
            file = program.modules[program.module_of[instance.scope]].file
            return Root(-1, number, symbol, role, file, scope.line)
    raise LookupError(symbol)


@pytest.fixture
def effects(tmp_path: Path) -> Callable[..., tuple[State, Effects]]:
    """Return a function from files to their state and effects."""

    def build(offloaders: tuple[str, ...] = (), **files: str) -> tuple[State, Effects]:
        state = solved(tmp_path, files)
        return state, effects_of(state, Known(), offloaders=offloaders)

    return build


@pytest.fixture
def reach(effects: Callable[..., tuple[State, Effects]]) -> Reach:
    """Return a function from files to what `main.view` in them reaches."""

    def build(**files: str) -> Reached:
        state, found = effects(**files)
        return found.of(root(state, "main.view"))

    return build
