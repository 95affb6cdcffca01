"""Blueprints of a project's own class, whose rules depend on their state when they are added.

    with bp.add_prefixed_rules("/user/<int:user_id>"):
        bp.add_url_rule("/profile/", "profile", Profile)

Where a subclass has its own `add_url_rule`, what it makes of a rule may depend on attributes that change from one
statement to the next. The solved state has all values of an attribute at once, so the modules that make and fill such
blueprints are run by the interpreter instead, statement by statement. Blueprints that functions make are not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bridge.analysis.frameworks.calls import file_of
from bridge.analysis.frameworks.django.data import Class, External, Function, Instance, Made, Place, Scope
from bridge.analysis.frameworks.django.definitions import Definitions
from bridge.analysis.frameworks.django.interpreter import Interpreter, OutOfSteps
from bridge.analysis.frameworks.django.sources import Sources
from bridge.analysis.frameworks.flask.overrides import overrides_rules
from bridge.analysis.frameworks.flask.recording import Recorder
from bridge.analysis.frameworks.flask.rules import Rule
from bridge.analysis.frameworks.flask.views import Handler
from bridge.analysis.frameworks.roots import members_of, place_of
from bridge.analysis.names import is_test_file
from bridge.analysis.project import Project
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import INSTANCE

__all__ = ["Constructed", "constructed"]

DEEPEST = 6  # functions that a view closes over, one behind the other
BASES = ("flask.Blueprint", "flask.blueprints.Blueprint", "quart.Blueprint", "quart.blueprints.Blueprint")


@dataclass(slots=True)
class Constructed:
    """The rules of the blueprints that were run, by the blueprint's value; `unread` is what was not followed."""

    rules: dict[int, list[Rule]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def constructed(state: State, project: Project, scaffolds: Iterable[int]) -> Constructed:
    """Return what running the modules of these blueprints adds to them."""
    found = Constructed()
    made = {_made_at(state, each): each for each in scaffolds if _is_run(state, each)}
    if not made:
        return found
    interpreter = _interpreter(project)
    try:
        for file in _files(state, made.values()):
            interpreter.module(_module(state, file))
    except OutOfSteps:
        found.unread.append("the blueprints of an own class: their modules run for too long")
    views = Views(state, Definitions(state), interpreter)
    for recorder in _recorders(interpreter):
        scaffold = made.get(recorder.made) if recorder.made else None
        if scaffold is not None and recorder.added:
            found.rules[scaffold] = [_rule(state, views, scaffold, each) for each in recorder.added]
    return found


def _is_run(state: State, scaffold: int) -> bool:
    made = state.makings[scaffold].site.instance
    scope = state.program.scopes[state.instances[made].scope]
    return scope.kind == "module" and overrides_rules(state, scaffold)


def _made_at(state: State, scaffold: int) -> Place:
    site = state.makings[scaffold].site
    return Place(file_of(state, site), site.line)


def _files(state: State, scaffolds: Iterable[int]) -> list[str]:
    """Return the files that make the blueprints or call something on them."""
    sites = [
        site
        for each in scaffolds
        for site in (state.makings[each].site, *(call.site for call in state.object_calls.get(each, ())))
    ]
    files = dict.fromkeys(file_of(state, site) for site in sites if _is_module(state, site.instance))
    return [file for file in files if not is_test_file(file)]


def _is_module(state: State, instance: int) -> bool:
    return state.program.scopes[state.instances[instance].scope].kind == "module"


def _module(state: State, file: str) -> str:
    return next(each.name for each in state.program.modules if each.file == file)


def _interpreter(project: Project) -> Interpreter:
    interpreter = Interpreter(Sources(project))
    interpreter.constructors.update(dict.fromkeys(BASES, Recorder))
    return interpreter


def _recorders(interpreter: Interpreter) -> Iterator[Recorder]:
    known: set[int] = set()
    for scope in list(interpreter.modules.values()):
        for value in list(scope.names.values()):
            native = value.native if isinstance(value, Instance) else None
            if isinstance(native, Recorder) and id(native) not in known:
                known.add(id(native))
                yield native


def _rule(state: State, views: Views, scaffold: int, added: Any) -> Rule:
    handlers = tuple(views.handlers(added.view))
    return Rule(
        added.path,
        added.methods or None,
        frozenset(views.values(added.view)) if not handlers else frozenset(),
        "",
        state.makings[scaffold].site,
        added.place.file,
        added.place.line,
        handlers,
        added.condition,
    )


@dataclass(frozen=True, slots=True)
class Views:
    """From the view that a rule was added with to what runs for it in the solved state."""

    state: State
    definitions: Definitions
    interpreter: Interpreter

    def values(self, view: Any) -> list[int]:
        """Return the values of a plain function, or of the class behind `as_view()`."""
        if isinstance(view, Made):
            inner = next((each for each in view.arguments if isinstance(each, (Class, Function, Made))), None)
            return self.values(inner) if inner is not None else []
        if isinstance(view, Class):
            found = self.definitions.class_of(view)
            return [] if found is None else [found]
        return self.definitions.exported(view)[:1] if isinstance(view, Function) else []

    def handlers(self, view: Any) -> Iterator[Handler]:
        """Yield the handler of a function that closes over classes and calls them: a view made of a class."""
        while isinstance(view, Made) and view.function != External("<as_view>"):
            view = next((each for each in view.arguments if isinstance(each, (Function, Made))), None)
        if not isinstance(view, Function):
            return
        calls = dict(self._calls(view, 0))
        if not calls:
            return
        owners = list(dict.fromkeys(calls.values()))
        named = self.definitions.exported(view) if len(owners) > 1 else owners
        symbol, file, line = place_of(self.state, named[0]) if named else ("", "", 0)
        yield Handler(None, symbol, file, line, tuple((each, "handler") for each in calls))

    def _calls(self, function: Function, depth: int) -> Iterator[tuple[int, int]]:
        """Yield (function value, class value) of what a closure calls among the classes that it closes over."""
        if depth > DEEPEST:
            return
        for name, method in _called(function.node):
            value = _closed_over(self.interpreter, function.scope, name)
            if isinstance(value, Function) and not method:
                yield from self._calls(value, depth + 1)
            owner = self.definitions.class_of(value) if isinstance(value, Class) else None
            if owner is not None:
                receiver = self.state.values.make(INSTANCE, owner)
                for each in ("__init__", method or "__call__"):
                    yield from ((found, owner) for found in members_of(self.state, receiver, each))


def _called(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (name, method) of the calls in a function: ("view", "") of `view()`, ("cls", "run") of `cls().run()`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            yield each.func.id, ""
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            made = each.func.value
            if isinstance(made, ast.Call) and isinstance(made.func, ast.Name):
                yield made.func.id, each.func.attr


def _closed_over(interpreter: Interpreter, scope: Scope | None, name: str) -> Any:
    """Return what a name of the functions around means, None for a module's own."""
    while scope is not None and scope.kind != "module":
        if name in scope.names and scope.kind == "function":
            return interpreter.settled(scope.names, name)
        scope = scope.outer
    return None
