"""A blueprint in the interpreter: it remembers the rules that are added, as they are when it happens."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from bridge.analysis.frameworks.django.asking import elements
from bridge.analysis.frameworks.django.data import (
    Class,
    Function,
    Native,
    NativeObject,
    Place,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["Added", "Recorder"]

VERBS = ("get", "post", "put", "delete", "patch")


class Added(NamedTuple):
    """One rule. `methods` empty: the view's own; `condition` is an unknown one that it stands behind, "" without."""

    path: str
    methods: tuple[str, ...]
    view: Any
    place: Place
    condition: str


class Recorder(NativeObject):
    """What stands for `flask.Blueprint` behind a project's subclass. `made` is where the project made it."""

    def __init__(self) -> None:
        self.added: list[Added] = []
        self.made: Place | None = None
        self.prefix: Any = None

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the methods that add rules, and decorators that leave things as they are."""
        if name == "__init__":
            return Native(name, self._start)
        if name == "add_url_rule":
            return Native(name, self._add)
        if name == "route" or name in VERBS:
            return Native(name, partial(self._route, receiver, name))
        if name == "url_prefix":
            return self.prefix
        if name.startswith("__"):
            return None
        return Native(name, _decorate)

    def _start(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> None:
        self.made = interpreter.calls[0]
        self.prefix = keywords.get("url_prefix")

    def _add(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> None:
        rule, _, view = (*arguments, None, None, None)[:3]
        rule, view = keywords.get("rule", rule), keywords.get("view_func", view)
        if isinstance(rule, str):
            methods = elements(interpreter, keywords.get("methods") or ()) or []
            named = tuple(sorted({each.upper() for each in methods if isinstance(each, str)}))
            condition = interpreter.doubts[-1] if interpreter.doubts else ""
            self.added.append(Added(rule, named, view, interpreter.calls[0], condition))
        else:
            interpreter.note(f"the path of add_url_rule at {interpreter.calls[0]}")

    def _route(
        self,
        receiver: Any,
        name: str,
        interpreter: Interpreter,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        place: Place,
    ) -> Native:
        options = dict(keywords)
        if name in VERBS:
            options["methods"] = (name.upper(),)
        endpoint = options.pop("endpoint", None)

        def decorate(
            interpreter: Interpreter, given: tuple[Any, ...], _: dict[str, Any], place: Place
        ) -> Any:
            add = interpreter.attribute(receiver, "add_url_rule", place)
            interpreter.call(add, (*arguments[:1], endpoint, *given[:1]), options, place)
            return given[0] if given else None

        return Native(name, decorate)


def _decorate(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    if arguments and isinstance(arguments[0], (Function, Class)):
        return arguments[0]
    return Native("decorator", lambda _, given, *__: given[0] if given else None)
