"""What runs on no route: management commands, tasks, tests, and what happens at start-up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from bridge.analysis.frameworks.django.data import Class
from bridge.analysis.frameworks.django.definitions import Definitions
from bridge.analysis.frameworks.django.site import Site
from bridge.analysis.frameworks.roots import enter_roots, members_of
from bridge.analysis.model import Context, EntryPoint
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CLASS, EXTERNAL, FUNCTION, INSTANCE

__all__ = ["entry_points_of"]

TASKS = frozenset({"celery.shared_task", "celery.task", "celery.decorators.task", "celery.app.shared_task"})


def entry_points_of(state: State, site: Site, definitions: Definitions) -> tuple[EntryPoint, ...]:
    """Return the commands, tasks, tests and start-up code of a project."""
    return (
        *_commands(state),
        *_tests(state),
        *_tasks(state),
        *_ready(state, site, definitions),
    )


def _classes(state: State) -> Iterator[tuple[int, str, str]]:
    """Yield (class value, its file, its name)."""
    program = state.program
    for value, kind in enumerate(list(state.values.kinds)):
        if kind == CLASS:
            scope = state.values.parts[value][0]
            yield value, program.modules[program.module_of[scope]].file, program.scopes[scope].name


def _entry(
    state: State, context: Context, name: str, owner: int, methods: tuple[str, ...]
) -> EntryPoint | None:
    receiver = state.values.make(INSTANCE, owner)
    functions = [each for method in methods for each in members_of(state, receiver, method)]
    return EntryPoint(context, name, enter_roots(state, functions, "entry")) if functions else None


def _commands(state: State) -> Iterator[EntryPoint]:
    for value, file, name in _classes(state):
        parts = PurePosixPath(file).parts
        if name == "Command" and parts[-3:-1] == ("management", "commands"):
            found = _entry(
                state, Context.COMMAND, PurePosixPath(file).stem, value, ("handle", "add_arguments")
            )
            if found is not None:
                yield found


def _tests(state: State) -> Iterator[EntryPoint]:
    """Yield a test case for each class of a test file."""
    for value, file, name in _classes(state):
        path = PurePosixPath(file)
        if path.name.startswith("test") or {"tests", "test"} & set(path.parts[:-1]):
            scope = state.program.scopes[state.values.parts[value][0]]
            methods = tuple(each for each in scope.shared if each.startswith(("test", "setUp", "tearDown")))
            found = _entry(state, Context.TEST, f"{file}:{name}", value, methods)
            if found is not None:
                yield found


def _tasks(state: State) -> Iterator[EntryPoint]:
    """Yield a task for each function behind `shared_task` or an application's `task`."""
    for site, (callees, arguments) in list(state.handed_out.items()):
        names = {state.values.parts[each][0] for each in callees if state.values.kinds[each] == EXTERNAL}
        if site.decorates and names & TASKS and arguments.positional:
            functions = [
                each
                for each in sorted(state.flow.holds[arguments.positional[0]])
                if state.values.kinds[each] == FUNCTION
            ]
            for root in enter_roots(state, functions, "task"):
                yield EntryPoint(Context.TASK, root.symbol, (root,))


def _ready(state: State, site: Site, definitions: Definitions) -> Iterator[EntryPoint]:
    for each in site.applications:
        if isinstance(each.config, Class) and site.interpreter.sources.is_own(each.config.module):
            value = definitions.class_of(each.config)
            found = (
                None if value is None else _entry(state, Context.STARTUP, each.config.name, value, ("ready",))
            )
            if found is not None:
                yield found
