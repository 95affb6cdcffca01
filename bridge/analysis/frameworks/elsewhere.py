"""The reader of what serves no route: click's commands, tasks of Celery and RQ, tests, and what runs at start-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.calls import calls_on, making
from bridge.analysis.frameworks.roots import enter_roots, functions_of, members_of, place_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.model import Context, Discovery, EntryPoint, Root
from bridge.analysis.names import is_test_file
from bridge.analysis.project import Project
from bridge.analysis.solving.objects import name_of
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import DECORATED, EXTERNAL, FUNCTION, INSTANCE, OBJECT

__all__ = ["ElsewhereReader"]

COMMANDS = frozenset(
    {
        "click.command",
        "click.group",
        "typer.Typer.command",
        "invoke.task",
        "invoke.tasks.task",
        "flask_script.Manager.command",
    }
)
COMMAND_MEMBERS = (".command", ".group")
TASKS = frozenset(
    {
        "celery.shared_task",
        "celery.task",
        "celery.Celery.task",
        "celery.decorators.task",
        "rq.job",
        "rq.decorators.job",
        "dramatiq.actor",
        "huey.Huey.task",
        "huey.RedisHuey.task",
    }
)
TASK_BASES = frozenset({"celery.Task", "celery.app.task.Task", "celery.task.Task"})


@dataclass(frozen=True, slots=True)
class ElsewhereReader:
    """Keeps apart what runs in commands, task workers, tests and at start-up."""

    name: str = "elsewhere"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return the entry points that no framework's own reader knows; it names no framework."""
        del project, options
        commands: dict[int, None] = {}
        tasks: dict[int, None] = {}
        for function, name in _decorated(state):
            if name in COMMANDS or _is_command(name):
                commands[function] = None
            elif name in TASKS:
                tasks[function] = None
        found = [
            *(_entry(state, each, Context.COMMAND, "command") for each in commands),
            *(_entry(state, each, Context.TASK, "task") for each in tasks),
            *_task_classes(state),
            *_tests(state),
            *_startup(state),
        ]
        return Discovery(entry_points=tuple(dict.fromkeys(found)))


def _is_command(name: str) -> bool:
    return name.endswith(COMMAND_MEMBERS) and name.startswith(("flask.", "click.", "typer."))


def _decorated(state: State) -> Iterator[tuple[int, str]]:
    """Yield (function, name of the decorator) for what decorators outside the project were given."""
    for site, (callees, arguments) in list(state.handed_out.items()):
        if site.decorates and arguments.positional:
            names = [
                str(state.values.parts[each][0]) for each in callees if state.values.kinds[each] == EXTERNAL
            ]
            for value in sorted(state.flow.holds[arguments.positional[0]]):
                yield from ((each, name) for name in names for each in _functions(state, value))
    for owner in list(state.object_calls):
        if state.values.kinds[owner] != OBJECT:
            continue
        for call in calls_on(state, owner):
            name = name_of(state, call.call.callee)
            yield from ((each, name) for value in call.values(0) for each in _functions(state, value))


def _functions(state: State, value: int) -> list[int]:
    if state.values.kinds[value] in {FUNCTION, DECORATED}:
        return list(functions_of(state, value))
    return []


def _entry(state: State, function: int, context: Context, role: str) -> EntryPoint:
    (root,) = enter_roots(state, (function,), role)
    named = written(state, function)
    symbol = place_of(state, named)[0] if state.values.kinds[named] == FUNCTION else root.symbol
    return EntryPoint(context, symbol, (root,))


def _classes(state: State) -> Iterator[tuple[int, str, str]]:
    """Yield (class value, file, name in the file)."""
    program = state.program
    for value in list(state.classes):
        scope = state.values.parts[value][0]
        yield value, program.modules[program.module_of[scope]].file, program.scopes[scope].name


def _task_classes(state: State) -> Iterator[EntryPoint]:
    from bridge.analysis.frameworks.classes import external_bases

    for value, _, _ in _classes(state):
        if TASK_BASES & set(external_bases(state, value)):
            roots = enter_roots(state, members_of(state, state.values.make(INSTANCE, value), "run"), "task")
            if roots:
                yield EntryPoint(Context.TASK, roots[0].symbol, roots)


def _tests(state: State) -> Iterator[EntryPoint]:
    """Yield a test for each test class and each test function of a test file."""
    for value, file, name in _classes(state):
        if is_test_file(file):
            scope = state.program.scopes[state.values.parts[value][0]]
            methods = [each for each in scope.shared if each.startswith(("test", "setUp", "tearDown"))]
            receiver = state.values.make(INSTANCE, value)
            functions = [each for method in methods for each in members_of(state, receiver, method)]
            if functions:
                yield EntryPoint(Context.TEST, f"{file}:{name}", enter_roots(state, functions, "entry"))
    for value, kind in enumerate(list(state.values.kinds)):
        if kind == FUNCTION and _is_test(state, value):
            yield EntryPoint(Context.TEST, place_of(state, value)[0], enter_roots(state, (value,), "entry"))


def _is_test(state: State, value: int) -> bool:
    program, scope = state.program, state.values.parts[value][0]
    name = program.scopes[scope].name
    file = program.modules[program.module_of[scope]].file
    return name.startswith("test") and "." not in name and is_test_file(file)


def _startup(state: State) -> Iterator[EntryPoint]:
    """Yield the bodies of the modules that are no tests, then what makes applications."""
    bodies: list[Root] = []
    for number, instance in enumerate(list(state.instances)):
        scope = state.program.scopes[instance.scope]
        module = state.program.modules[state.program.module_of[instance.scope]]
        if (
            scope.kind == "module"
            and not is_test_file(module.file)
            and PurePosixPath(module.file).name != "setup.py"
        ):
            bodies.append(Root(-1, number, module.name, "module", module.file, 1))
    if bodies:
        yield EntryPoint(Context.STARTUP, "imports", tuple(bodies))
    for value in list(state.makings):
        made = making(state, value) if name_of(state, value) in FACTORY_MADE else None
        if made is not None:
            owner = state.instances[state.instances[made.call.site.instance].owner]
            scope = state.program.scopes[owner.scope]
            if scope.kind == "function" and not is_test_file(made.file):
                symbol = state.program.qualified(owner.scope)
                number = state.instances[made.call.site.instance].owner
                root = Root(-1, number, symbol, "factory", made.file, scope.line)
                yield EntryPoint(Context.STARTUP, symbol, (root,))


FACTORY_MADE = frozenset(
    {
        "flask.Flask",
        "pyramid.config.Configurator",
        "bottle.Bottle",
        "falcon.App",
        "falcon.asgi.App",
        "fastapi.FastAPI",
        "starlette.applications.Starlette",
    }
)
