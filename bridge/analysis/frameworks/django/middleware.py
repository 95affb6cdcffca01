"""MIDDLEWARE in order: what each entry runs, and whether it can without a thread."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bridge.analysis.frameworks.django.data import Class, External, Function, Place
from bridge.analysis.frameworks.django.definitions import Definitions
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.requests import enter_with_request
from bridge.analysis.frameworks.roots import enter_roots, functions_of, members_of
from bridge.analysis.model import Middleware, Root
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import INSTANCE

__all__ = ["middleware_of"]

HOOKS = (
    "__call__",
    "process_request",
    "process_view",
    "process_response",
    "process_template_response",
    "__acall__",
)

# Django's own, as of 5.2: those built on MiddlewareMixin switch to a thread for their hooks, but run on the loop.
MIXIN = "django.utils.deprecation.MiddlewareMixin"
MARKS = {
    "sync_and_async_middleware": True,
    "async_only_middleware": True,
    "sync_only_middleware": False,
}


def middleware_of(
    interpreter: Interpreter, state: State, definitions: Definitions, settings_module: str
) -> tuple[Middleware, ...]:
    """Return what MIDDLEWARE lists, the outermost first."""
    listed = (interpreter.settings or {}).get("MIDDLEWARE")
    if not isinstance(listed, (list, tuple)):
        return ()
    found = interpreter.sources.find(settings_module)
    place = Place(found[1] if found else settings_module, 0)
    lines = interpreter.sources.lines(settings_module)
    return tuple(
        _one(interpreter, state, definitions, name, place._replace(line=_line_of(lines, name)))
        for name in listed
        if isinstance(name, str)
    )


def _line_of(lines: list[str], name: str) -> int:
    """Return the line of the settings that has `name`, 0 if another module adds it."""
    return next((number for number, line in enumerate(lines, 1) if name in line), 0)


def _one(
    interpreter: Interpreter, state: State, definitions: Definitions, name: str, place: Place
) -> Middleware:
    value = interpreter.dotted(name)
    if isinstance(value, Class):
        roots = tuple(_roots_of_class(state, definitions, value))
        return Middleware(
            name, value.place.file, value.place.line, _class_is_capable(interpreter, value), roots
        )
    if isinstance(value, Function):
        roots = tuple(_roots_of_factory(state, definitions, value))
        return Middleware(name, value.place.file, value.place.line, _is_marked(value), roots)
    capable, note = _library(interpreter, name)
    return Middleware(name, place.file, place.line, capable, note=note)


def _roots_of_class(state: State, definitions: Definitions, cls: Class) -> Iterator[Root]:
    value = definitions.class_of(cls)
    if value is None:
        return
    receiver = state.values.make(INSTANCE, value)
    for name in HOOKS:
        for each in members_of(state, receiver, name):
            yield enter_with_request(state, each, "middleware")


def _roots_of_factory(state: State, definitions: Definitions, factory: Function) -> Iterator[Root]:
    """Enter a middleware function: `factory(get_response)` gives what each request calls."""
    for root in enter_roots(state, definitions.functions(factory), "middleware"):
        state.flow.solve()
        for value in sorted(state.flow.holds[state.node(root.instance, 0)]):
            for each in functions_of(state, value):
                yield enter_with_request(state, each, "middleware")


def _class_is_capable(interpreter: Interpreter, cls: Class) -> bool | None:
    """Return whether a class says that it takes async requests; None: a base may, and its source is not there."""
    value, owner = interpreter.find(cls, "async_capable")
    if owner is not None:
        return value is True
    followed = list(interpreter.order(cls, follow=True))
    for each in followed:
        if isinstance(each, Class) and "async_capable" in each.attributes:
            return each.attributes["async_capable"] is True
    # MiddlewareMixin answers for its subclasses: it runs their hooks in a thread where the request is async.
    outside = [each.name for each in followed if isinstance(each, External)]
    if MIXIN in outside:
        return True
    unknown = [each for each in outside if each.partition(".")[0] not in sys.stdlib_module_names]
    return None if unknown else False


def _is_marked(factory: Function) -> bool:
    names = {
        getattr(each, "attr", getattr(each, "id", "")) for each in getattr(factory.node, "decorator_list", ())
    }
    return any(MARKS[name] for name in names if name in MARKS)


def _library(interpreter: Interpreter, name: str) -> tuple[bool | None, str]:
    value = interpreter.follow(External(name))
    if isinstance(value, Class):
        return _class_is_capable(interpreter, value), ""
    if isinstance(value, Function):
        return _is_marked(value), ""
    if name.startswith("django."):
        return True, "built on MiddlewareMixin"
    return None, "its source is not there"
